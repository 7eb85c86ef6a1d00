"""A hash over a whole file, kept inside the file: any bit that changes is found.

The file is first written with 64 zeros where the hash will stand; the SHA-256 of that is then put
in their place. To check, the zeros are put back.

>>> sealed = seal(b'{"sha256":"' + b"0" * 64 + b'","seed":0}')
>>> digest_of(sealed)[:8]
'369a527f'
>>> digest_of(sealed.replace(b'"seed":0', b'"seed":1')) is None
True
"""

import hashlib
import re
from typing import Final

__all__ = ["BLANK", "digest_of", "seal"]

BLANK: Final = "0" * 64
_PLACE = re.compile(rb'"sha256": ?"([0-9a-f]{64})"')
_SEARCHED = 2**26  # bytes at the beginning of a file, its header, in which the hash may stand


def seal(content: bytes) -> bytes:
    """Put the hash of a content in the place kept for it, the first `"sha256":"000...0"`.

    Raises:
        ValueError: When the content keeps no such place.
    """
    found = _PLACE.search(content, 0, _SEARCHED)
    if found is None or found[1].decode() != BLANK:
        message = "no place is kept for the hash"
        raise ValueError(message)
    return _with(content, found.start(1), hashlib.sha256(content).hexdigest())


def digest_of(content: bytes) -> str | None:
    """Give the hash that a content holds; None where it holds none, or not its own."""
    found = _PLACE.search(content, 0, _SEARCHED)
    if found is None:
        return None
    digest = found[1].decode()
    is_whole = hashlib.sha256(_with(content, found.start(1), BLANK)).hexdigest() == digest
    return digest if is_whole else None


def _with(content: bytes, start: int, digest: str) -> bytes:
    return content[:start] + digest.encode() + content[start + len(digest) :]
