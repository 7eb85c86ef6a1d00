"""Files that a caller has opened, and bytes in memory that behave like one: read whole, once."""

import io
from typing import Any, Protocol, TypeGuard, runtime_checkable

from imagier.errors import PictureError
from imagier.files import printable

__all__ = ["ReadableFile", "is_stream", "read_stream"]

NAMELESS = "<file>"


@runtime_checkable
class ReadableFile(Protocol):
    """What `open(path, "rb")`, `io.BytesIO` and an upload of a web framework have in common."""

    def read(self, size: int = -1, /) -> Any:
        """Give the next bytes."""


def is_stream(value: object) -> TypeGuard[ReadableFile]:
    """Tell whether something can be read like a file."""
    return callable(getattr(value, "read", None)) and not isinstance(value, type)


def read_stream(stream: ReadableFile, *, most: int) -> tuple[str, bytes]:
    """Read an opened file from its beginning; one that cannot go back is read from where it is.

    Args:
        stream: The file; it stays open.
        most: How many bytes it may hold.

    Returns:
        Its name, or `<file>`, and what it holds.

    Raises:
        PictureError: `opened_as_text`, `empty_file`, `file_too_large` or
            `stream_unreadable`.

    >>> read_stream(io.BytesIO(b"GIF89a"), most=100)
    ('<file>', b'GIF89a')
    """
    own = getattr(stream, "name", None)
    name = own if isinstance(own, str) and own else NAMELESS
    shown = printable(name)
    if isinstance(stream, io.TextIOBase):
        raise PictureError("opened_as_text", path=shown)
    try:
        if callable(seekable := getattr(stream, "seekable", None)) and seekable():
            stream.seek(0)  # type: ignore[attr-defined]
        content = _whole(stream, most + 1, shown)
    except (PictureError, MemoryError):
        raise
    except Exception as error:  # closed, opened for writing, packed wrongly, the network gone
        reason = printable(str(error) or type(error).__name__)
        raise PictureError("stream_unreadable", path=shown, reason=reason) from error
    if len(content) > most:
        limit = most // 2**20
        raise PictureError("file_too_large", path=shown, megabytes=limit, limit=limit)
    if not content:
        raise PictureError("empty_file", path=shown)
    return name, content


def _whole(stream: ReadableFile, size: int, shown: str) -> bytes:
    """Read until nothing more comes: a socket, or a file without a buffer, may give less at once.

    Raises:
        PictureError: `opened_as_text`, `stream_unreadable`.
    """
    found = bytearray()
    while len(found) < size:
        some = stream.read(size - len(found))
        if isinstance(some, str):
            raise PictureError("opened_as_text", path=shown)
        if not isinstance(some, bytes | bytearray | memoryview):
            kind = type(some).__name__
            raise PictureError("stream_unreadable", path=shown, reason=f"read() → {kind}")
        if not some:
            break
        found += some
    return bytes(found)
