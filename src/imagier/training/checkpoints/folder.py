"""The folder a run learns into: what stands there, who learns there, how it is finished."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final, Literal

from imagier.errors import Refused, UsageError
from imagier.files import (
    is_at,
    lock_file,
    printable,
    read_object,
    read_regular,
    storage_errors,
    write_file,
)
from imagier.onnx_io.graph import MAX_CARD
from imagier.recognizer.model_folder import CARD_FILE
from imagier.training.checkpoints.manifest import replaced_model

__all__ = [
    "CHECKPOINTS",
    "MANIFEST_FILE",
    "FolderState",
    "content_at",
    "finish",
    "folder_state",
    "tidy",
    "training_lock",
]

CHECKPOINTS: Final = "checkpoints"
MAX_BYTES: Final = 2**31  # of a checkpoint
MANIFEST_FILE: Final = "plan.json"
_LOCK, _FINISHED = "lock", "finished"

FolderState = Literal["nothing", "unfinished", "finished", "foreign"]


def folder_state(folder: Path) -> FolderState:
    """Tell what stands where a model is to stand.

    Returns:
        `nothing`: nothing, or a run that kept nothing yet. `unfinished`: a run to go on with
        (over an older model, if one is there). `finished`: a model. `foreign`: something else.
    """
    if not folder.is_dir():
        return "foreign" if os.path.lexists(folder) else "nothing"
    manifests = [content_at(path) or b"" for path in (folder / CHECKPOINTS).rglob(MANIFEST_FILE)]
    card = content_at(folder / CARD_FILE)
    if card is None:
        if manifests:
            return "unfinished"
        is_empty = all(entry.name == CHECKPOINTS for entry in folder.iterdir())
        return "nothing" if is_empty else "foreign"
    if not _is_card(card):
        return "foreign"
    older = [replaced_model(manifest) for manifest in manifests]
    return "unfinished" if hashlib.sha256(card).hexdigest() in older else "finished"


@contextmanager
def training_lock(folder: Path, *, afresh: bool = False) -> Iterator[None]:
    """Be the only process that learns into `folder`; what a killed one left half done goes.

    When no checkpoint and no model stands there at the end, nothing is left behind.

    Args:
        folder: Where the model will stand.
        afresh: Whether the checkpoints that are there go too, as `--force` asks.

    Raises:
        UsageError: `already_learning`.
        MachineError: `disk_full` or `cannot_write`.
    """
    place = folder / CHECKPOINTS
    was_empty = folder.is_dir() and not any(folder.iterdir())
    with storage_errors(place):
        file = lock_file(place / _LOCK)
    if file is None:
        raise UsageError("already_learning", path=printable(folder))
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
    run is still unfinished and its checkpoints are there.

    Args:
        folder: Where the model will stand.
        save: Writes the model into a folder that is not there yet.

    Raises:
        UsageError: `not_a_model_folder`, when something else than a model or a run is there.
        MachineError: `disk_full` or `cannot_write`; the checkpoints are untouched.
    """
    if folder_state(folder) == "foreign":
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
    if (folder / CHECKPOINTS).is_dir() and folder_state(folder) == "finished":
        with training_lock(folder):
            pass


def content_at(path: Path) -> bytes | None:
    """Read a regular file; None where nothing is; nothing of it where it cannot be read."""
    if not path.is_file():
        return b"" if os.path.lexists(path) else None
    try:
        return read_regular(path, limit=MAX_BYTES)
    except OSError:
        return b""


def _leave(folder: Path, file: IO[bytes]) -> None:
    """Take away what is of no use any more, as long as the lock is held."""
    place = folder / CHECKPOINTS
    if not is_at(file, place / _LOCK):
        return  # the run is finished, and what stands there now is another process's
    if any(place.rglob("epoch-*.safetensors")) and folder_state(folder) == "unfinished":
        (place / _LOCK).unlink()
    else:
        _clear(place)


def _clear(place: Path) -> None:
    """Remove the checkpoints: `plan.json` first, without it none counts; the lock last."""
    for manifest in place.rglob(MANIFEST_FILE):
        manifest.unlink()
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


def _is_card(content: bytes) -> bool:
    try:
        return "classes" in read_object(content, most=MAX_CARD)
    except Refused:
        return False
