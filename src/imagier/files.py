"""Files on disk: written whole or not at all, named by content; and JSON that a stranger wrote."""

import errno
import hashlib
import json
import math
import os
import re
import stat
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path, PurePath
from typing import IO, Any, NoReturn

from imagier.errors import MachineError, Refused, UsageError, system_reason
from imagier.i18n import printable, t

__all__ = [
    "CONTROLS",
    "content_hash",
    "is_at",
    "is_half_written",
    "is_within",
    "json_line",
    "lock_file",
    "natural_key",
    "new_folder",
    "open_regular",
    "printable",
    "read_object",
    "read_regular",
    "remove_files",
    "storage_errors",
    "version",
    "write_file",
]

# what a terminal obeys, ends lines or turns the order of letters, and what no UTF-8 file can hold
CONTROLS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_HELD = {errno.EACCES, errno.EAGAIN}
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}  # some network disks
_LOCK_ATTEMPTS = 100
_MAX_DIGITS = 300  # of a whole number; a float holds up to 10^308
_RUNS = re.compile("([0-9]+)|([^0-9]+)")


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one, never a half.

    Raises:
        MachineError: `disk_full` or `cannot_write`; nothing is left behind.
    """
    import tempfile  # here and below: whoever only reads, such as `imagier predict`, starts faster

    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                Path(temporary).chmod(0o666 & ~_umask())
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
            _sync_folder(path.parent)
        except BaseException:
            with suppress(OSError):
                Path(temporary).unlink()
            raise


@contextmanager
def new_folder(path: Path, *, replaces: Collection[str] | None = None) -> Iterator[Path]:
    """Fill a folder beside `path` and put it in place when all of it is written.

    Args:
        path: Where the folder will stand.
        replaces: The names of the files in a folder already there that give way, when the new one
            is whole; whatever else stands in it goes over into the new one. None where no folder
            gives way.

    Yields:
        The temporary folder to write into. An exception removes it and leaves `path` as it was.

    Raises:
        UsageError: `output_exists`, when `path` is there and none gives way.
        MachineError: `disk_full` or `cannot_write`.
    """
    import shutil
    import tempfile

    if path.exists() and replaces is None:
        raise UsageError("output_exists", path=printable(path))
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:40]}."))
        try:
            temporary.chmod(0o777 & ~_umask())
            yield temporary
            _swap(temporary, path, replaces or ())
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise


def remove_files(folder: Path, names: Iterable[str]) -> None:
    """Remove these files from a folder, and of their own folders below it those that are empty."""
    parents = set()
    for name in names:
        parents |= set(PurePath(name).parents) - {PurePath()}
        file = folder / name
        try:
            file.unlink(missing_ok=True)
        except PermissionError:  # Windows keeps a file that may only be read
            file.chmod(0o600)
            file.unlink(missing_ok=True)
    for parent in sorted(parents, key=lambda one: -len(one.parts)):
        with suppress(OSError):
            (folder / parent).rmdir()


def is_half_written(name: str, *of: str) -> bool:
    """Tell whether `write_file` was writing one of these files under this name.

    >>> is_half_written(".model.json.x7f_k2ab", "model.json")
    True
    """
    return any(re.fullmatch(rf"\.{re.escape(file[:40])}\.[a-z0-9_]{{8}}", name) for file in of)


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn the system's write errors on `path` into sentences with a next step."""
    try:
        yield
    except OSError as error:
        code = "disk_full" if error.errno in _FULL else "cannot_write"
        reason = system_reason(error)
        raise MachineError(code, path=printable(path), reason=reason) from error


def lock_file(path: Path) -> IO[bytes] | None:
    """Open and lock a file, made where it is not there; None while another process holds it.

    The system frees it when the process ends, however it ends. On disks without locks it is given
    unlocked: working is better than refusing to work.
    """
    for _ in range(_LOCK_ATTEMPTS):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            file = _open_lock(path)
        except FileNotFoundError:
            continue  # another process was just leaving and took the folder with it
        if not _lock(file):
            file.close()
            return None
        if is_at(file, path):
            return file
        file.close()
    return None


def _open_lock(path: Path) -> IO[bytes]:
    """Open a file to be locked, made where it is not there; no pipe, and not through a link."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
    safe = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, flags | safe, 0o666)
    try:
        _check_regular(os.fstat(handle))
        return os.fdopen(handle, "ab")
    except BaseException:
        os.close(handle)
        raise


def is_at(file: IO[bytes], path: Path) -> bool:
    """Tell whether an open file still bears this name: who left may have removed it."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def content_hash(content: bytes | memoryview) -> str:
    """Name a content by 32 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(content).hexdigest()[:32]


def open_regular(path: Path) -> BufferedReader:
    """Open a file that a user named, to be read: a pipe would block, a device would never end.

    Raises:
        OSError: It is no regular file, or the system does not let it be opened.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    _check_regular(path.stat())
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    try:
        _check_regular(os.fstat(handle))  # it may have been replaced meanwhile
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_regular(path: Path, *, limit: int) -> bytes:
    """Read a file that a user named whole, if it is a regular one of bounded size.

    Args:
        path: The file.
        limit: How many bytes it may have.

    Raises:
        OSError: As `open_regular`; also when it is larger.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read(limit + 1) if size <= limit else b""
    if size > limit or len(content) > limit:
        raise OSError(errno.EFBIG, t("files.too_large", limit=limit >> 20))
    return content


def is_within(path: Path, root: Path) -> bool:
    """Tell whether `path` is `root` or lies below it, links followed."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def read_object(content: bytes | str, *, most: int) -> dict[str, Any]:
    """Read JSON of a stranger: one object, no name twice, no NaN, no depth, no endless number.

    Read, JSON takes up to 35 times its size of memory; 16 MiB of it, half a gigabyte.

    Args:
        content: The JSON.
        most: How long it may be, in bytes, or in letters for a text.

    >>> read_object(b'{"seed": 0}', most=100)
    {'seed': 0}

    Raises:
        Refused: When it is longer, not one JSON object in UTF-8, or names a thing twice.
    """
    if len(content) > most:
        raise Refused("json_too_large", limit=most // 2**20)
    try:
        text = content if isinstance(content, str) else content.decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=_once,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_short,
        )
    except (ValueError, RecursionError):
        raise Refused("not_json") from None
    if not isinstance(value, dict):
        raise Refused("not_json")
    return value


def json_line(value: object, *, only_ascii: bool = False) -> str:
    r"""Write JSON on one line; letters that a terminal obeys are escaped, half letters too.

    >>> json_line({"path": "caf\u00e9\u009b.png"})
    '{"path": "café\\u009b.png"}'
    """
    text = json.dumps(value, ensure_ascii=only_ascii, allow_nan=False)
    return CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Order names as people do, 2 before 10: numbers by their length, then by their digits.

    >>> sorted(["10", "2", "a10", "a9"], key=natural_key)
    ['2', '10', 'a9', 'a10']
    """
    parts: list[tuple[int, int, str]] = []
    for digits, text in _RUNS.findall(name):
        number = digits.lstrip("0")
        parts.append((1, 0, text.casefold()) if text else (0, len(number), number))
    return [*parts, (1, 0, ""), (1, 0, name)]


def version() -> str:
    """Give imagier's own version."""
    from importlib import metadata  # a third of the start of `imagier predict` when loaded early

    return metadata.version("imagier")


def _check_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, t("files.not_regular"))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise Refused("twice", name="JSON")
    return dict(pairs)


def _no_constant(_: str) -> NoReturn:
    raise Refused("not_json")


def _finite(text: str) -> float:
    if math.isinf(value := float(text)):
        raise Refused("not_json")
    return value


def _short(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise Refused("not_json")
    return int(text)


def _swap(temporary: Path, path: Path, replaces: Collection[str]) -> None:
    import tempfile

    if not path.exists():
        temporary.rename(path)
    else:
        old = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:40]}.old."))
        path.rename(old / path.name)
        temporary.rename(path)
        remove_files(old / path.name, replaces)
        _move_rest(old / path.name, path)
        with suppress(OSError):  # what has no place in the new folder stays in the old one
            (old / path.name).rmdir()
            old.rmdir()
    _sync_folder(path.parent)


def _move_rest(old: Path, new: Path) -> None:
    for entry in list(old.iterdir()):
        if not os.path.lexists(new / entry.name):
            entry.rename(new / entry.name)


def _lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _HELD | _NO_LOCKS:
            raise
        return error.errno in _NO_LOCKS
    return True


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return  # Windows has no way to synchronise a folder
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
