"""What imagier writes below `checkpoints/`, by name and proof; whatever else is there is not ours.

    lock                      empty
    plan.json                 holds its own checksum
    epoch-000007.safetensors  beside such a plan, or with its own checksum
    finished/                 a model about to be put in place, known by its `model.json`
    replaced.json             what gives way to it, with its own checksum
    interrupted.json          which model was kept of a run that can go on, with its own checksum
    cnn-16-1a2b3c4d/          the same, of one network of several

Only these are ever removed. A file that a killed process was writing has a name of its own.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from imagier.errors import Refused
from imagier.files import is_half_written, read_object, read_regular, write_file
from imagier.recognizer.folder_contents import CARD_FILE, CHECKPOINTS, card_proof, own_files
from imagier.training.checkpoints.manifest import (
    BLANK,
    MAX_MANIFEST,
    checksum_of,
    with_checksum,
)

__all__ = [
    "FINISHED",
    "INTERRUPTED",
    "JOURNAL",
    "LOCK",
    "MANIFEST_FILE",
    "content_at",
    "manifests",
    "others",
    "read_interrupted",
    "read_journal",
    "remove_own",
    "write_interrupted",
    "write_journal",
]

MANIFEST_FILE: Final = "plan.json"
LOCK: Final = "lock"
MAX_BYTES: Final = 2**31  # of a checkpoint
FINISHED: Final = "finished"
JOURNAL: Final = "replaced.json"
INTERRUPTED: Final = "interrupted.json"
_EPOCH: Final = re.compile(r"epoch-\d{6,}\.safetensors")
_HALF_EPOCH: Final = re.compile(rf"\.{_EPOCH.pattern}\.[a-z0-9_]{{8}}")
_TRAINER: Final = re.compile(r"[a-z0-9-]*-[0-9a-f]{8}")
_BEING_FINISHED: Final = re.compile(rf"\.{FINISHED}\.[a-z0-9_]{{8}}")


def manifests(place: Path) -> list[Path]:
    """List the plans in a folder of checkpoints: of the only network, or one of each."""
    return [folder / MANIFEST_FILE for folder in (place, *_trainers(place))]


def others(folder: Path) -> list[str]:
    """Name what stands in `folder/checkpoints` and was not written by imagier."""
    place = folder / CHECKPOINTS
    if place.is_symlink():
        return [CHECKPOINTS]
    if not place.is_dir():
        return []
    return sorted(f"{CHECKPOINTS}/{name}" for name in _others_in(place, is_top=True))


def remove_own(place: Path, *, everything: bool) -> None:
    """Remove what a killed process was writing, or all that is imagier's but lock and journal.

    Args:
        place: The folder of checkpoints.
        everything: Whether plans and checkpoints go too.
    """
    for folder in (place, *_trainers(place)):
        for entry in list(folder.iterdir()):
            name = entry.name
            is_own = name in {MANIFEST_FILE, INTERRUPTED} or _EPOCH.fullmatch(name)
            if _is_half(name) or (everything and is_own):
                entry.unlink(missing_ok=True)
            elif folder == place and (name == FINISHED or _BEING_FINISHED.fullmatch(name)):
                _remove_model(entry)
        if folder != place and not any(folder.iterdir()):
            folder.rmdir()


def read_journal(place: Path) -> dict[str, str]:
    """Read what was giving way to a model when a process was killed: hashes by name."""
    files = _note_at(place / JOURNAL).get("files", {})
    return {str(name): str(digest) for name, digest in dict(files).items()}


def write_journal(place: Path, files: Mapping[str, str]) -> None:
    """Note which files of imagier's stand in a model folder while one model replaces another."""
    values = {"sha256": BLANK, "files": dict(files)}
    write_file(place / JOURNAL, with_checksum(json.dumps(values, indent=1).encode()))


def read_interrupted(place: Path) -> str | None:
    """Read the hash of the `model.json` that was kept of an interrupted run; None of no such run.

    Args:
        place: The folder of checkpoints.
    """
    found = _note_at(place / INTERRUPTED).get("model")
    return None if found is None else str(found)


def write_interrupted(place: Path, model: str) -> None:
    """Note that the model of this hash was kept of a run that can still go on."""
    values = {"sha256": BLANK, "model": model}
    write_file(place / INTERRUPTED, with_checksum(json.dumps(values, indent=1).encode()))


def content_at(path: Path, *, most: int | None = None) -> bytes | None:
    """Read a regular file; None where nothing is; nothing of it where it cannot be read.

    Args:
        path: Where it stands.
        most: How many bytes are read at most: a longer file cannot be read.
    """
    if not path.is_file():
        return b"" if path.is_symlink() or path.exists() else None
    try:
        return read_regular(path, limit=MAX_BYTES if most is None else most)
    except OSError:
        return b""


def _trainers(place: Path) -> list[Path]:
    """List the folders of single networks."""
    if not place.is_dir() or place.is_symlink():
        return []
    return sorted(
        entry
        for entry in place.iterdir()
        if _TRAINER.fullmatch(entry.name) and entry.is_dir() and not entry.is_symlink()
    )


def _others_in(place: Path, *, is_top: bool) -> Iterator[str]:
    trainers = _trainers(place) if is_top else []
    for entry in place.iterdir():
        if entry in trainers:
            yield from (f"{entry.name}/{name}" for name in _others_in(entry, is_top=False))
        elif is_top and entry.is_dir() and not entry.is_symlink() and entry.name == FINISHED:
            yield from (f"{FINISHED}/{name}" for name in _others_in_model(place))
        elif not (_is_own_file(entry) or (is_top and _is_own_at_top(entry))):
            yield entry.name


def _others_in_model(place: Path) -> list[str]:
    """Name what is not of the model that was about to be put in place."""
    proofs = [card_proof(place / FINISHED / CARD_FILE, parts=False), read_journal(place)]
    return own_files(place / FINISHED, [proof for proof in proofs if proof])[1]


def _is_own_at_top(entry: Path) -> bool:
    if _BEING_FINISHED.fullmatch(entry.name):
        return entry.is_dir() and not entry.is_symlink()
    if entry.is_symlink() or not entry.is_file():
        return False
    if entry.name == LOCK:
        return entry.stat().st_size == 0
    if entry.name == INTERRUPTED:
        return read_interrupted(entry.parent) is not None
    return entry.name == JOURNAL and bool(read_journal(entry.parent))


def _is_own_file(entry: Path) -> bool:
    if entry.is_symlink() or not entry.is_file():
        return False
    if _is_half(entry.name):
        return True
    if entry.name == MANIFEST_FILE:
        epochs = (one for one in entry.parent.iterdir() if _EPOCH.fullmatch(one.name))
        return _is_proven(entry.parent) or any(map(_proves_itself, epochs))
    return bool(_EPOCH.fullmatch(entry.name)) and (
        _is_proven(entry.parent) or _proves_itself(entry)
    )


def _is_half(name: str) -> bool:
    return bool(_HALF_EPOCH.fullmatch(name)) or is_half_written(
        name, MANIFEST_FILE, JOURNAL, INTERRUPTED
    )


def _note_at(path: Path) -> dict[str, Any]:
    """Read JSON that holds its own checksum; nothing of it where it is damaged or not there."""
    content = content_at(path, most=MAX_MANIFEST) or b""
    if checksum_of(content) is None:
        return {}
    try:
        return read_object(content, most=MAX_MANIFEST)
    except Refused:
        return {}


def _is_proven(place: Path) -> bool:
    """Tell whether the plan in a folder holds its own checksum."""
    content = content_at(place / MANIFEST_FILE, most=MAX_MANIFEST) or b""
    return checksum_of(content) is not None


def _proves_itself(epoch: Path) -> bool:
    return checksum_of(content_at(epoch) or b"") is not None


def _remove_model(folder: Path) -> None:
    """Remove a model that was about to be put in place, by which its files are known last."""
    if folder.is_symlink() or not folder.is_dir():
        return
    inside = sorted(folder.rglob("*"), key=lambda path: (path.name == CARD_FILE, str(path)))
    for path in inside:
        if not path.is_dir() or path.is_symlink():
            path.unlink()
    for path in reversed(inside):
        if path.is_dir():
            path.rmdir()
    folder.rmdir()
