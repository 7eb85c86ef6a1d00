"""Hashes under a key, so that a model made without pictures names none of them to a stranger.

The plain hash of a picture is the same in every model: whoever has a table of the hashes of known
pictures reads from it what a model learnt from, without ever having seen its pictures. Under a key
of the model's own, which stands in the model, such a table serves nothing. Whoever has a picture
itself can still compute its hash under that key, and see whether the model learnt from it: so does
`imagier test`, to leave such pictures out.

The key follows from what was learnt, and how: the same learning gives the same model, to the bit.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["hash_key", "keyed_hash"]

_DIGITS = 32  # hexadecimal, as many as a plain hash has


def hash_key(fingerprint: str, facts: Mapping[str, Any]) -> str:
    """Make the key of a model.

    Args:
        fingerprint: Names all its pictures with their labels.
        facts: How it was learnt, as JSON values.

    >>> hash_key("0123", {"seed": 0}) == hash_key("0123", {"seed": 1})
    False
    """
    text = json.dumps([fingerprint, dict(facts)], sort_keys=True)
    return hashlib.sha256(f"imagier key\n{text}".encode()).hexdigest()[:_DIGITS]


def keyed_hash(name: str, key: str) -> str:
    """Give a hash under a key (HMAC-SHA-256, 32 digits); where there is no key, the hash itself.

    >>> keyed_hash("0123", ""), keyed_hash("0123", "key")[:8]
    ('0123', '381b7480')
    """
    if not key:
        return name
    return hmac.digest(key.encode(), name.encode(), "sha256").hex()[:_DIGITS]
