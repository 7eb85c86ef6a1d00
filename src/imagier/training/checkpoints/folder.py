"""The folder a run learns into: what stands there, who learns there, how it is finished."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Literal

from imagier.errors import UsageError
from imagier.files import (
    is_at,
    lock_file,
    printable,
    remove_files,
    storage_errors,
    write_file,
)
from imagier.onnx_io.graph import MAX_CARD
from imagier.recognizer.folder_contents import (
    CARD_FILE,
    CHECKPOINTS,
    card_proof,
    file_hash,
    holds_others,
    own_files,
)
from imagier.training.checkpoints.contents import (
    FINISHED,
    INTERRUPTED,
    JOURNAL,
    LOCK,
    content_at,
    manifests,
    others,
    read_interrupted,
    read_journal,
    remove_own,
    write_interrupted,
    write_journal,
)
from imagier.training.checkpoints.manifest import MAX_MANIFEST, replaced_model

__all__ = ["FolderState", "check_own", "finish", "folder_state", "tidy", "training_lock"]

FolderState = Literal["nothing", "unfinished", "finished", "foreign"]


def folder_state(folder: Path) -> FolderState:
    """Tell what stands where a model is to stand.

    Returns:
        `nothing`: nothing, or a run that kept nothing yet. `unfinished`: a run to go on with
        (over an older model, or the one that was kept when it was interrupted, if one is there).
        `finished`: a model. `foreign`: something else.
    """
    if not folder.is_dir():
        return "foreign" if os.path.lexists(folder) else "nothing"
    plans = [content_at(path, most=MAX_MANIFEST) for path in manifests(folder / CHECKPOINTS)]
    plans = [plan for plan in plans if plan is not None]
    card = content_at(folder / CARD_FILE, most=MAX_CARD)
    if card is None:
        if plans:
            return "unfinished"
        return "foreign" if _others(folder) else "nothing"
    if card_proof(folder / CARD_FILE) is None:
        return "foreign"
    gives_way = [replaced_model(plan) for plan in plans if plan]
    if plans:
        gives_way.append(read_interrupted(folder / CHECKPOINTS))
    return "unfinished" if hashlib.sha256(card).hexdigest() in gives_way else "finished"


def check_own(folder: Path) -> None:
    """Make sure that all that stands where a model is to stand was written by imagier.

    What it wrote is known by names and hashes: the files of a model by its `model.json`, those of
    a run by the checksum that its plan holds. Whatever else is there would be lost, or would stand
    in the model as if it belonged to it.

    Raises:
        UsageError: `folder_holds_others`, naming what is not imagier's.
    """
    if folder.is_dir() and (found := _others(folder)):
        raise holds_others(folder, found)


@contextmanager
def training_lock(folder: Path, *, afresh: bool = False) -> Iterator[None]:
    """Be the only process that learns into `folder`; what a killed one left half done goes.

    When no checkpoint and no model stands there at the end, nothing is left behind.

    Args:
        folder: Where the model will stand.
        afresh: Whether the checkpoints that are there go too, as `--force` asks.

    Raises:
        UsageError: `already_learning`; `folder_holds_others`, when something stands among the
            checkpoints that imagier did not write.
        MachineError: `disk_full` or `cannot_write`.
    """
    place = folder / CHECKPOINTS
    was_empty = folder.is_dir() and not any(folder.iterdir())
    with storage_errors(place):
        if found := others(folder):
            raise holds_others(folder, found)
        file = lock_file(place / LOCK)
    if file is None:
        raise UsageError("already_learning", path=printable(folder))
    try:
        with storage_errors(place):
            remove_own(place, everything=afresh)
        yield
    finally:
        with suppress(OSError):  # what happened inside is more worth saying
            _leave(folder, file)
            if not was_empty and not any(folder.iterdir()):
                folder.rmdir()
        file.close()


def finish(folder: Path, save: Callable[[Path], object], *, is_interrupted: bool = False) -> None:
    """Put a finished model where its checkpoints stand; they go, and so does an older model.

    An older model stays as long as the new one is not whole on the disk. Killed in between, the
    run is still unfinished and its checkpoints are there. What came into the folder meanwhile and
    is not imagier's stays.

    Args:
        folder: Where the model will stand.
        save: Writes the model into a folder that is not there yet.
        is_interrupted: Whether the run could still go on: then its plan and checkpoints stay.

    Raises:
        UsageError: `not_a_model_folder`, when something else than a model or a run is there;
            `folder_holds_others`, when a file that imagier did not write bears the name of one
            that it has to write. The checkpoints are untouched.
        MachineError: `disk_full` or `cannot_write`; the checkpoints are untouched.
    """
    if folder_state(folder) == "foreign":
        raise UsageError("not_a_model_folder", path=printable(folder))
    place = folder / CHECKPOINTS
    new = place / FINISHED
    with storage_errors(new):
        remove_own(place, everything=False)
        save(new)
        card = (new / CARD_FILE).read_bytes()
    with storage_errors(folder):
        parts = _files_in(new)
        proofs = _proofs(folder)
        own, foreign = own_files(folder, proofs)
        gone = {name for proof in proofs for name in proof if not os.path.lexists(folder / name)}
        in_the_way = [name for name in foreign if name in parts]
        if in_the_way:
            raise holds_others(folder, in_the_way)
        known = {name: file_hash(folder, name) for name in own}
        known |= {name: file_hash(new, name) for name in parts if name not in known}
        _replace(folder, own | gone, parts, {name: hash_ for name, hash_ in known.items() if hash_})
    if is_interrupted:
        write_interrupted(place, hashlib.sha256(card).hexdigest())
    write_file(folder / CARD_FILE, card)  # the last, brought to the disk with the names before it
    with storage_errors(place):
        if is_interrupted:
            remove_own(place, everything=False)
            (place / JOURNAL).unlink(missing_ok=True)
        else:
            _clear(place)


def tidy(folder: Path) -> None:
    """Take away the checkpoints beside a finished model, which a kill at the very end left there.

    Raises:
        UsageError: `already_learning`.
    """
    if not (folder / CHECKPOINTS).is_dir() or others(folder):
        return
    if folder_state(folder) == "finished":
        with training_lock(folder):
            pass


def _others(folder: Path) -> list[str]:
    return [*own_files(folder, _proofs(folder))[1], *others(folder)]


def _proofs(folder: Path) -> list[dict[str, str]]:
    """Give what the files of a folder are known by: its model, and one that was giving way."""
    proofs = (card_proof(folder / CARD_FILE), read_journal(folder / CHECKPOINTS))
    return [proof for proof in proofs if proof]


def _replace(folder: Path, own: set[str], parts: list[str], known: dict[str, str]) -> None:
    """Let the files of a new model take the places of an older one's, noted beforehand."""
    new = folder / CHECKPOINTS / FINISHED
    write_journal(folder / CHECKPOINTS, known)
    (folder / CARD_FILE).unlink(missing_ok=True)
    remove_files(folder, own - {CARD_FILE})
    for name in parts:
        if name != CARD_FILE:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).replace(folder / name)


def _files_in(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def _leave(folder: Path, file: IO[bytes]) -> None:
    """Take away what is of no use any more, as long as the lock is held."""
    place = folder / CHECKPOINTS
    if not is_at(file, place / LOCK):
        return  # the run is finished, and what stands there now is another process's
    has_begun = (place / INTERRUPTED).is_file() or any(place.rglob("epoch-*.safetensors"))
    if has_begun and folder_state(folder) == "unfinished":
        (place / LOCK).unlink()
    else:
        _clear(place)


def _clear(place: Path) -> None:
    """Remove the checkpoints: the plans first, without them none counts; the lock last."""
    for manifest in manifests(place):
        manifest.unlink(missing_ok=True)
    remove_own(place, everything=True)
    if (place.parent / CARD_FILE).is_file() or not own_files(place.parent, _proofs(place.parent))[
        0
    ]:
        (place / JOURNAL).unlink(missing_ok=True)  # by which nothing is known any more
    with suppress(OSError):  # another process may be taking the folder at this very moment
        (place / LOCK).unlink()
        place.rmdir()
