r"""A list of pictures: one path a line, or between NUL signs as `find -print0` writes them.

It is read as it comes, from a file or a pipe, and never held: the list may be longer than memory.

>>> from io import BytesIO
>>> list(read_paths(BytesIO(b"a.png\r\nb c.png\n"), name="list")), list(
...     read_paths(BytesIO(b"a\nb.png\0c.png"), name="list")
... )
(['a.png', 'b c.png'], ['a\nb.png', 'c.png'])
"""

import codecs
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from imagier.errors import PictureError, UsageError, system_reason
from imagier.files import open_regular, printable
from imagier.images.opening import STDIN, stream_number

__all__ = ["open_paths", "read_paths"]

_BLOCK = 2**16
_LONGEST = 2**15  # of a path, in bytes
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


def open_paths(name: str) -> IO[bytes]:
    """Open a list of paths that a user names: a regular file, or `-` for what is piped in.

    Raises:
        UsageError: `path_list_unreadable`.
    """
    try:
        number = stream_number(name)
        if number is not None:
            return os.fdopen(os.dup(number), "rb")
        return open_regular(Path(name))
    except (OSError, ValueError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else str(error)
        raise UsageError("path_list_unreadable", path=printable(name), reason=reason) from error


def read_paths(file: IO[bytes], *, name: str) -> Iterator[str | PictureError]:
    """Read the paths of a list, in order; empty ones are left out.

    Lines end as on any system. A list that begins with a mark of UTF-8 or UTF-16 is read so, as
    Windows writes it; another one gives the bytes of the system's own names.

    Args:
        file: The list, in bytes.
        name: What it is called in messages.

    Yields:
        A path; an error in place of what names a pipe and no picture.

    Raises:
        UsageError: `not_a_path_list`, when an entry is longer than any path.
    """
    for entry in _entries(_texts(file), name):
        if entry == STDIN:
            yield os.path.join(os.curdir, entry)  # noqa: PTH118 - Path drops the dot
        elif stream_number(entry) is not None:
            yield PictureError("not_a_file", path=printable(entry))
        elif entry:
            yield entry


def _entries(texts: Iterator[str], name: str) -> Iterator[str]:
    separator, rest = "", ""
    for text in texts:
        rest += text
        separator = separator or ("\0" if "\0" in rest else "\n" if "\n" in rest else "")
        if separator:
            *whole, rest = rest.split(separator)
            yield from (entry.removesuffix("\r") if separator == "\n" else entry for entry in whole)
        if len(rest) > _LONGEST:
            raise UsageError("not_a_path_list", path=printable(name))
    yield rest.removesuffix("\r")


def _texts(file: IO[bytes]) -> Iterator[str]:
    read = getattr(file, "read1", file.read)  # what a pipe holds now, not a whole block
    block = read(_BLOCK)
    mark = next((mark for mark in _MARKS if block.startswith(mark)), b"")
    encoding = _MARKS.get(mark, sys.getfilesystemencoding())
    errors = "replace" if mark else sys.getfilesystemencodeerrors()
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    block = block[len(mark) :]
    while block:
        yield decoder.decode(block)
        block = read(_BLOCK)
    yield decoder.decode(b"", final=True)
