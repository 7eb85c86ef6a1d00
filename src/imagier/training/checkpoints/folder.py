"""The folder a lesson learns into: what stands there, who learns there, how it is finished."""

import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final, Literal

from imagier.errors import Refused, UsageError
from imagier.files import printable, read_object, storage_errors, write_file
from imagier.recognizer.model_folder import CARD_FILE
from imagier.training.checkpoints.beginning import Beginning

__all__ = ["CHECKPOINTS", "PLAN_FILE", "State", "finish", "sole_learner", "state_of", "tidy"]

CHECKPOINTS: Final = "checkpoints"
PLAN_FILE: Final = "plan.json"
_LOCK, _FINISHED = "lock", "finished"
_BUSY = {errno.EACCES, errno.EAGAIN}
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}  # some network disks
_ATTEMPTS = 100

State = Literal["nothing", "unfinished", "finished", "foreign"]


def state_of(folder: Path) -> State:
    """Tell what stands where a model is to stand.

    Returns:
        `nothing`: nothing, or a lesson that kept nothing yet. `unfinished`: a lesson to go on with
        (over an older model, if one is there). `finished`: a model. `foreign`: something else.
    """
    if not folder.is_dir():
        return "foreign" if os.path.lexists(folder) else "nothing"
    plans = [_read(path) for path in (folder / CHECKPOINTS).rglob(PLAN_FILE)]
    card = _read(folder / CARD_FILE) if os.path.lexists(folder / CARD_FILE) else None
    if card is None:
        return "unfinished" if plans else _empty_or_foreign(folder)
    if not _is_card(card):
        return "foreign"
    older = [begun.over for plan in plans if (begun := Beginning.from_bytes(plan))]
    return "unfinished" if hashlib.sha256(card).hexdigest() in older else "finished"


@contextmanager
def sole_learner(folder: Path, *, afresh: bool = False) -> Iterator[None]:
    """Be the only process that learns into `folder`; what a killed one left half done goes.

    When no checkpoint and no model stands there at the end, nothing is left behind.

    Args:
        folder: Where the model will stand.
        afresh: Whether the checkpoints that are there go too, as `--force` wishes.

    Raises:
        UsageError: `already_learning`.
        MachineError: `disk_full` or `cannot_write`.
    """
    place = folder / CHECKPOINTS
    was_empty = folder.is_dir() and not any(folder.iterdir())
    with storage_errors(place):
        file = _lock(place, folder)
    try:
        _sweep(place, everything=afresh)
        yield
    finally:
        with suppress(OSError):  # what happened inside is more worth saying
            _leave(folder, file)
            if not was_empty and not any(folder.iterdir()):
                folder.rmdir()
        file.close()


def finish(folder: Path, save: Callable[[Path], object]) -> None:
    """Put a finished model where its checkpoints stand; they go, and so does an older model.

    An older model stays as long as the new one is not whole on the disk. Killed in between, the
    lesson is still unfinished and its checkpoints are there.

    Args:
        folder: Where the model will stand.
        save: Writes the model into a folder that is not there yet.

    Raises:
        UsageError: `not_a_model_folder`, when something else than a model or a lesson is there.
        MachineError: `disk_full` or `cannot_write`; the checkpoints are untouched.
    """
    if state_of(folder) == "foreign":
        raise UsageError("not_a_model_folder", path=printable(folder))
    new = folder / CHECKPOINTS / _FINISHED
    with storage_errors(new):
        _discard(new)
        save(new)
        card = (new / CARD_FILE).read_bytes()
    with storage_errors(folder):
        (folder / CARD_FILE).unlink(missing_ok=True)
        for old in folder.iterdir():
            if old.name != CHECKPOINTS:
                _discard(old)
        for part in new.iterdir():
            if part.name != CARD_FILE:
                part.rename(folder / part.name)
    write_file(folder / CARD_FILE, card)  # the last, brought to the disk with the names before it
    with storage_errors(folder / CHECKPOINTS):
        _clear(folder / CHECKPOINTS)


def tidy(folder: Path) -> None:
    """Take away the checkpoints beside a finished model, which a kill at the very end left there.

    Raises:
        UsageError: `already_learning`.
    """
    if (folder / CHECKPOINTS).is_dir() and state_of(folder) == "finished":
        with sole_learner(folder):
            pass


def _lock(place: Path, folder: Path) -> IO[bytes]:
    """Open and lock the lock file; the system frees it when the process ends, however it ends."""
    for _ in range(_ATTEMPTS):
        place.mkdir(parents=True, exist_ok=True)
        try:
            file = (place / _LOCK).open("ab")
        except FileNotFoundError:
            continue  # another process was just leaving and took the folder with it
        if not _hold(file):
            file.close()
            break
        if _is_at(file, place / _LOCK):
            return file
        file.close()
    raise UsageError("already_learning", path=printable(folder))


def _hold(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return True  # without locks on this disk, learning is better than refusing to learn
        if error.errno not in _BUSY:
            raise
        return False
    return True


def _is_at(file: IO[bytes], path: Path) -> bool:
    """Tell whether an open file still bears this name: who left may have removed it."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _leave(folder: Path, file: IO[bytes]) -> None:
    """Take away what is of no use any more, as long as the lock is held."""
    place = folder / CHECKPOINTS
    if not _is_at(file, place / _LOCK):
        return  # the lesson is finished, and what stands there now is another process's
    if any(place.rglob("epoch-*.safetensors")) and state_of(folder) == "unfinished":
        (place / _LOCK).unlink()
    else:
        _clear(place)


def _clear(place: Path) -> None:
    """Remove the checkpoints: `plan.json` first, without it none counts; the lock last."""
    for plan in place.rglob(PLAN_FILE):
        plan.unlink()
    _sweep(place, everything=True)
    with suppress(OSError):  # another process may be taking the folder at this very moment
        (place / _LOCK).unlink()
        place.rmdir()


def _sweep(place: Path, *, everything: bool = False) -> None:
    """Remove what a killed process was writing, under no final name yet; or all but the lock."""
    with storage_errors(place):
        for entry in list(place.rglob("*")):
            is_half = entry.name.startswith(".") or entry.name == _FINISHED
            if is_half or (everything and entry.name != _LOCK):
                _discard(entry)


def _discard(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    """Read a regular file; nothing of it where that cannot be."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""


def _is_card(content: bytes) -> bool:
    try:
        return "classes" in read_object(content)
    except Refused:
        return False


def _empty_or_foreign(folder: Path) -> State:
    is_empty = all(entry.name == CHECKPOINTS for entry in folder.iterdir())
    return "nothing" if is_empty else "foreign"
