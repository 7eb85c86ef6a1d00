"""What the server and its decoders say to each other: a head in JSON, then bytes.

8 bytes   lengths of head and content, big-endian, four bytes each
head      JSON: what is asked, or what was found
content   a picture file, or levels
"""

import json
import struct
from typing import Any

__all__ = ["PREFIX", "read_prefix", "write_message"]

PREFIX = struct.Struct("!II")


def write_message(head: dict[str, Any], content: bytes | memoryview = b"") -> bytes:
    r"""Write a message.

    >>> write_message({}, b"abc")
    b'\x00\x00\x00\x02\x00\x00\x00\x03{}abc'
    """
    text = json.dumps(head, separators=(",", ":")).encode()
    return b"".join((PREFIX.pack(len(text), len(content)), text, content))


def read_prefix(prefix: bytes | bytearray) -> tuple[int, int]:
    """Give the lengths of head and content."""
    head, content = PREFIX.unpack_from(prefix)
    return head, content
