"""The cache: a folder of this user's own, in parts whose names are written here once.

What is in it saves time and can be made or fetched again. It is used only where it is a folder, not
a link, and belongs to the user who runs imagier: nothing is written, read or removed elsewhere.
Others can neither enter nor change it; what stood in it while they could is not proven by that. So
nothing in it is ever run but the machine code that `imagier.kmeans.code_store` has authenticated.
"""

import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, get_args

from imagier.errors import MachineError
from imagier.files import printable, storage_errors
from imagier.ownership import is_link, is_ours, user_folder

__all__ = ["PARTS", "Part", "cache_folder", "cache_place", "remove_parts"]

Part = Literal[
    "backbones", "bench", "bugs", "compiled", "datasets", "features", "pixels", "runtime"
]
PARTS: tuple[str, ...] = get_args(Part)
_OWN_ONLY = 0o700


def cache_folder(part: Part | None = None, *below: str) -> Path:
    """Make and give a folder of imagier's cache, readable by its owner only.

    Args:
        part: Which part of the cache; None for the folder of all parts.
        below: Folders inside the part.

    Raises:
        MachineError: `cache_link` or `cache_foreign`, where it is not this user's own folder;
            `no_home`; `disk_full` or `cannot_write`.
    """
    base = _base()
    names = () if part is None else (part, *below)
    with storage_errors(base.joinpath(*names)):
        base.parent.mkdir(parents=True, exist_ok=True, mode=_OWN_ONLY)
        folder = _own(base)
        _close(folder)
        for name in names:
            folder = _own(folder / name)
    return folder


def cache_place() -> Path:
    """Name the folder of all parts, which need not be there; nothing is made.

    Raises:
        MachineError: `cache_link` or `cache_foreign`, where what is there is not this user's own
            folder; `no_home`; `cannot_write`.
    """
    base = _base()
    with storage_errors(base):
        if os.path.lexists(base):
            _check(base)
    return base


def remove_parts() -> None:
    """Remove the parts of the cache and leave all else; what cannot be removed stays.

    A folder that becomes a link meanwhile is not followed.

    Raises:
        MachineError: As `cache_folder`.
    """
    base = cache_folder()
    if sys.platform == "win32":  # it opens no folders
        for part in PARTS:
            shutil.rmtree(base / part, ignore_errors=True)
        return
    with storage_errors(base), _opened(base) as handle:
        for part in PARTS:
            shutil.rmtree(part, ignore_errors=True, dir_fd=handle)


def _base() -> Path:
    return user_folder("cache", "imagier")


def _own(folder: Path) -> Path:
    """Make a folder where there is none, and refuse one that is not ours."""
    with suppress(FileExistsError):
        folder.mkdir(mode=_OWN_ONLY)
    _check(folder)
    return folder


def _check(folder: Path) -> None:
    """Refuse a folder that is not ours."""
    found = folder.lstat()
    if is_link(found):
        raise MachineError("cache_link", path=printable(folder))
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), os.fspath(folder))
    if not is_ours(found):
        raise MachineError("cache_foreign", path=printable(folder))


def _close(base: Path) -> None:
    """Take the rights of others away, if any; a link put there since is not followed."""
    if stat.S_IMODE(base.lstat().st_mode) == _OWN_ONLY:
        return
    if sys.platform == "win32":
        return  # access lists say who may enter
    with _opened(base) as handle:
        os.fchmod(handle, _OWN_ONLY)


@contextmanager
def _opened(base: Path) -> Iterator[int]:
    """Open a folder of ours that is no link."""
    handle = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if not is_ours(os.fstat(handle)):
            raise MachineError("cache_foreign", path=printable(base))
        yield handle
    finally:
        os.close(handle)
