"""Whose a file or folder is: the user's own, which nobody else can change; and where those are.

Windows has neither owner numbers nor these mode bits: there a user's folders are closed to others
by access lists, which these functions do not read, and all of them answer yes.
"""

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal

from imagier.errors import MachineError, system_reason
from imagier.i18n import printable

__all__ = [
    "check_writable",
    "is_link",
    "is_ours",
    "is_private_file",
    "private_folder",
    "user_folder",
]

_ROOT = 0


def check_writable(folder: Path) -> None:
    """Ask the system whether a folder could be written into, or made; nothing is made.

    Raises:
        MachineError: `cannot_write`.
    """
    there = next(one for one in (folder, *folder.parents) if os.path.lexists(one))
    code = None if there.is_dir() else errno.ENOTDIR
    if code is None and not os.access(there, os.W_OK | os.X_OK):
        code = errno.EACCES
    if code is not None:
        raise MachineError(
            "cannot_write", path=printable(folder), reason=system_reason(OSError(code, ""))
        )


def is_ours(found: os.stat_result) -> bool:
    """Tell whether a file or folder belongs to the user who runs this process."""
    return sys.platform == "win32" or found.st_uid == os.geteuid()


def is_link(found: os.stat_result) -> bool:
    """Tell whether `lstat` found a symbolic link, or one of Windows' junctions."""
    if sys.platform == "win32" and found.st_reparse_tag == stat.IO_REPARSE_TAG_MOUNT_POINT:
        return True
    return stat.S_ISLNK(found.st_mode)


def is_private_file(found: os.stat_result) -> bool:
    """Tell whether a file is a plain one that this user alone may read and write."""
    is_alone = sys.platform == "win32" or not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    return stat.S_ISREG(found.st_mode) and is_ours(found) and is_alone


def private_folder(path: Path) -> Path | None:
    """Prove that no other user, root excepted, can put a file into a folder or swap the folder.

    The folder is no link and belongs to this user. It and every folder above, up to the root of the
    disk, are writable by nobody else; above it, folders of root or of this user such as /tmp are
    allowed, where nobody can move what is another's. Links further up are followed once, and the
    way that they lead is proven.

    Args:
        path: A folder that is there.

    Returns:
        The folder to use, with no link on its way; None where this cannot be proven.
    """
    with suppress(OSError, RuntimeError):  # RuntimeError: links that lead in a circle
        if is_link(path.lstat()):
            return None
        real = path.resolve(strict=True)
        last, *above = (step.lstat() for step in (real, *real.parents))
        is_own = stat.S_ISDIR(last.st_mode) and is_ours(last) and not _others_write(last)
        return real if is_own and all(map(_is_closed, above)) else None
    return None


def user_folder(kind: Literal["cache", "data", "state"], program: str | None = None) -> Path:
    """Name one of the user's own folders, where the system keeps what is of its kind.

    On Linux it is that of the XDG specification, which `XDG_CACHE_HOME` and its like may name; a
    relative one is ignored. Nothing is made.

    Args:
        kind: What is kept there.
        program: Whose own folder in it is meant; None for the folder of all programs.

    Raises:
        MachineError: `no_home`, when the user has none and no variable names one.
    """
    import platformdirs

    named = {
        "cache": platformdirs.user_cache_path,
        "data": platformdirs.user_data_path,
        "state": platformdirs.user_state_path,
    }[kind]
    with suppress(RuntimeError):  # as platformdirs says that this user has no home
        folder = named(program, appauthor=False)
        if folder.is_absolute():
            return folder
    raise MachineError("no_home", variable=f"XDG_{kind.upper()}_HOME")


def _is_closed(folder: os.stat_result) -> bool:
    """Tell whether only this user and root can swap what is in a folder."""
    if sys.platform == "win32":
        return True
    is_known = folder.st_uid in (_ROOT, os.geteuid())
    return is_known and (bool(folder.st_mode & stat.S_ISVTX) or not _others_write(folder))


def _others_write(folder: os.stat_result) -> bool:
    if sys.platform == "win32":
        return False
    if folder.st_mode & stat.S_IWOTH:
        return True
    return bool(folder.st_mode & stat.S_IWGRP) and not _is_group_of_one(folder.st_gid)


def _is_group_of_one(number: int) -> bool:
    """Tell whether a group is the one that Linux makes for each user, without other members."""
    if sys.platform == "win32":
        return False
    import grp
    import pwd

    try:
        user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(number)
    except KeyError:
        return False
    return group.gr_name == user and set(group.gr_mem) <= {user}
