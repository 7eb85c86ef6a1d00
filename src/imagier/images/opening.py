"""One picture file's bytes, opened and read; links, pipes, devices, too large files are refused.

What is piped into the command is read where the user says so: `-`, `/dev/stdin`, `/dev/fd/63`.
"""

import errno
import os
import re
import stat
import sys
from pathlib import Path

from imagier.errors import PictureError, system_reason
from imagier.files import printable
from imagier.images.decoding_memory import FILES, count_file

__all__ = ["MAX_BYTES", "STDIN", "linked_file", "read_bytes", "read_named", "stream_number"]

STDIN = "-"

MAX_BYTES = FILES.most

_CODES = {
    errno.ENOENT: "missing",
    errno.ENOTDIR: "missing",
    errno.ENAMETOOLONG: "missing",
    errno.EACCES: "no_permission",
    errno.EPERM: "no_permission",
    errno.EISDIR: "not_a_file",
    errno.ELOOP: "not_a_file",
    errno.ENXIO: "not_a_file",
}
_STREAM = re.compile(r"-|/dev/stdin|/(?:dev|proc/self)/fd/([0-9]{1,9})")
_ELSEWHERE_ON_MAC = 0x40000000  # SF_DATALESS: the content is in iCloud, reading would fetch it
_ELSEWHERE_ON_WINDOWS = 0x00441000  # offline, or recalled on open or on access


def read_bytes(path: Path) -> bytes:
    """Read a picture file whole.

    Only regular files are read, looked at before they are opened, so that a pipe or a device never
    blocks. A link is not followed: resolve it first if you mean to.

    Raises:
        PictureError: `missing`, `not_a_file`, `no_permission`, `empty_file`, `file_too_large`,
            `placeholder` (the file is still in the cloud), `changing` (somebody writes it now) or
            `unreadable` (the disk says no).
    """
    try:
        _check(os.lstat(path), path)
        return _read(path)
    except ValueError:  # a NUL in the name
        raise PictureError("missing", path=printable(path)) from None
    except OSError as error:
        code = _CODES.get(error.errno or 0, "unreadable")
        reason = system_reason(error)
        raise PictureError(code, path=printable(path), reason=reason) from error


def read_named(path: str | os.PathLike[str]) -> bytes:
    """Read what the user names: the file, the one that a link leads to, or what is piped in.

    A stream is read to its end, as often as it is named; the second time nothing is left. No name
    that a stranger wrote, in a table or a folder, belongs here.

    Args:
        path: A file, `-` or `/dev/stdin` for the standard input, `/dev/fd/N` for another open file.

    Raises:
        PictureError: As `read_bytes`.
    """
    number = stream_number(path)
    return read_bytes(linked_file(path)) if number is None else _read_stream(path, number)


def stream_number(path: str | os.PathLike[str]) -> int | None:
    """Give the number of the open file that a name means; None for any other file.

    >>> stream_number("-"), stream_number("/dev/fd/63"), stream_number("./-")
    (0, 63, None)
    """
    found = _STREAM.fullmatch(os.fspath(path))
    return int(found[1] or 0) if found else None


def linked_file(path: str | os.PathLike[str]) -> Path:
    """Give the file that a path leads to: who names a link means what it leads to.

    What leads to itself, or has too long a name, is given back: `read_bytes` says what is wrong.
    """
    is_link = os.path.islink(path)  # noqa: PTH114 - the one of Path raises for too long names
    return Path(os.path.realpath(path) if is_link else path)


def _read_stream(path: str | os.PathLike[str], number: int) -> bytes:
    facts: dict[str, object] = {"path": printable(path)}
    count_file(MAX_BYTES)
    try:
        with os.fdopen(os.dup(number), "rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        code = _CODES.get(error.errno or 0, "unreadable")
        raise PictureError(code, reason=system_reason(error), **facts) from error
    if not content:
        raise PictureError("empty_stream", **facts)
    if len(content) > MAX_BYTES:
        limit = MAX_BYTES // 2**20
        raise PictureError("file_too_large", megabytes=f"> {limit}", limit=limit, **facts)
    count_file(len(content))
    return content


def _check(status: os.stat_result, path: Path) -> None:
    size = status.st_size
    if not stat.S_ISREG(status.st_mode):
        raise PictureError("not_a_file", path=printable(path))
    if size == 0:
        raise PictureError("empty_file", path=printable(path))
    if size > MAX_BYTES:
        raise PictureError(
            "file_too_large",
            path=printable(path),
            megabytes=size // 2**20,
            limit=MAX_BYTES // 2**20,
        )
    if _is_elsewhere(status):
        raise PictureError("placeholder", path=printable(path))


def _is_elsewhere(status: os.stat_result) -> bool:
    on_mac = getattr(status, "st_flags", 0) & _ELSEWHERE_ON_MAC
    on_windows = getattr(status, "st_file_attributes", 0) & _ELSEWHERE_ON_WINDOWS
    return bool(on_mac or on_windows)


def _read(path: Path) -> bytes:
    flags = os.O_RDONLY
    if sys.platform != "win32":  # the file may have been swapped for a link or a pipe meanwhile
        flags |= os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    else:
        flags |= os.O_BINARY
    with os.fdopen(os.open(path, flags), "rb") as file:
        before = os.fstat(file.fileno())
        _check(before, path)
        count_file(before.st_size)
        content = file.read(before.st_size + 1)
        after = os.fstat(file.fileno())
    if len(content) != before.st_size or after.st_mtime_ns != before.st_mtime_ns:
        raise PictureError("changing", path=printable(path))
    return content
