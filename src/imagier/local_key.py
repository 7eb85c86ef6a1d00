"""A secret of this user on this machine, to recognise what imagier itself has written here.

It stands outside the cache, in `XDG_STATE_HOME/imagier/key` (`~/.local/state/imagier/key`), and is
readable by its owner only. A cache that was copied from elsewhere, restored or prepared by somebody
else comes without it. A key that others could have read is replaced; what it had vouched for counts
no more.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from imagier.errors import MachineError
from imagier.files import printable, storage_errors
from imagier.ownership import check_writable, is_private_file, private_folder, user_folder

__all__ = ["check_key_place", "local_key"]

_BYTES = 32
_FLAGS = ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")  # those that the system knows


def local_key() -> bytes:
    """Give the key, made at its first use: 32 random bytes.

    Raises:
        MachineError: `key_not_private`, where others could read or swap it; `no_home`;
            `cannot_write` or `disk_full`.
    """
    given = _place()
    with storage_errors(given):
        given.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = private_folder(given)
        if folder is None:
            raise MachineError("key_not_private", path=printable(given))
        file = folder / "key"
        key = _read(file)
        if key is None:
            _write(file)
            key = _read(file)  # not what was written: another process may have been quicker
        if key is None:
            raise MachineError("key_not_private", path=printable(file))
    return key


def check_key_place() -> None:
    """Make sure that the key can be kept, as far as can be seen without making anything.

    Raises:
        MachineError: `key_not_private`, where others could swap it; `no_home`; `cannot_write`.
    """
    given = _place()
    check_writable(given)
    if os.path.lexists(given) and private_folder(given) is None:
        raise MachineError("key_not_private", path=printable(given))


def _place() -> Path:
    return user_folder("state", "imagier")


def _read(file: Path) -> bytes | None:
    """Read the key; None where there is none that this user alone can know."""
    with suppress(OSError):
        flags = os.O_RDONLY | sum(getattr(os, name, 0) for name in _FLAGS)
        handle = os.open(file, flags)
        with os.fdopen(handle, "rb") as opened:
            key = opened.read(_BYTES + 1)
            if is_private_file(os.fstat(handle)) and len(key) == _BYTES:
                return key
    return None


def _write(file: Path) -> None:
    """Put a new key in place of whatever bears its name; a link is replaced, not followed."""
    import tempfile

    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".key.")  # for its owner only
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(secrets.token_bytes(_BYTES))
        Path(temporary).replace(file)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
