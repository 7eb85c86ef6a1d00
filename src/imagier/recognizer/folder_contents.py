"""What stands in a model folder: as it was written, changed since, missing, or somebody else's.

`model.json` holds the hash of every other file of its folder but the log of tests, which grows.
With them it is told whether a report, a split, a golden picture was exchanged, and which files
imagier may remove where a model gives way to another: those that it wrote, and that are as it wrote
them. A hash beside a file shows that one of the two was changed; who changes both is not found out.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, Final

from imagier.errors import Refused, UsageError
from imagier.files import is_half_written, open_regular, printable, read_object, read_regular
from imagier.i18n import integer, t
from imagier.onnx_io.checks import MAX_BYTES
from imagier.onnx_io.graph import MAX_CARD

__all__ = [
    "CARD_FILE",
    "CHECKPOINTS",
    "EVALUATIONS",
    "MAX_ARTIFACTS",
    "ONNX_FILE",
    "WEIGHTS_FILE",
    "FolderChanges",
    "announced_hashes",
    "card_proof",
    "check_replaceable",
    "file_hash",
    "folder_changes",
    "holds_others",
    "is_artifact_name",
    "listed",
    "own_files",
]

CARD_FILE: Final = "model.json"
ONNX_FILE: Final = "model.onnx"
WEIGHTS_FILE: Final = "weights.safetensors"
EVALUATIONS: Final = "evaluations.jsonl"
CHECKPOINTS: Final = "checkpoints"
MAX_ARTIFACTS: Final = 10_000
ANY: Final = ""  # in place of a hash: of a file that is known by its name alone
_OF_THE_SYSTEM = {".ds_store", "thumbs.db", "desktop.ini"}  # which it puts everywhere
_CARD_KEYS = {"format", "classes", "prepare", "network", "sha256"}
_FIRST_WITH_HASHES = 3  # the format of the folder; of older ones the names are known
_OLDER_NAMES = re.compile(
    r"report\.json|report\.html|MODEL_CARD\.md|split\.csv|looks\.jsonl|golden/(golden\.json|\d+\.png)"
)
_HASH = re.compile(r"[0-9a-f]{64}")
_NAMED = 5
_CHUNK = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderChanges:
    """How a model folder differs from what its `model.json` announces.

    Attributes:
        changed: Files whose content is another.
        missing: Files that are not there.
        added: What stands there and is not announced.
    """

    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether everything is as it was written."""
        return not (self.changed or self.missing or self.added)

    def sentence(self) -> str:
        """Name what differs, five files of a kind at most."""
        kinds = (("changed", self.changed), ("missing", self.missing), ("added", self.added))
        return "; ".join(
            t(f"recognizer.folder.{kind}", names=listed(names)) for kind, names in kinds if names
        )

    def to_json(self) -> dict[str, list[str]]:
        """Give the three lists as other programs read them."""
        return {
            "changed": [printable(name) for name in self.changed],
            "missing": [printable(name) for name in self.missing],
            "added": [printable(name) for name in self.added],
        }


def announced_hashes(card: Mapping[str, Any]) -> dict[str, str]:
    """Give the hash of each file that the object of a `model.json` announces.

    Raises:
        Refused: `card_fields`, when the names or hashes are none.
    """
    found: dict[str, str] = {}
    for key, is_right in (("sha256", _is_part), ("files", is_artifact_name)):
        hashes = card.get(key)
        if not isinstance(hashes, dict) or len(hashes) > MAX_ARTIFACTS:
            raise Refused("card_fields", names=key)
        for name, digest in hashes.items():
            if not (is_right(name) and isinstance(digest, str) and _HASH.fullmatch(digest)):
                raise Refused("card_fields", names=key)
            found[name] = digest
    if ONNX_FILE not in found:
        raise Refused("card_fields", names="sha256")
    return found


def is_artifact_name(name: str) -> bool:
    """Tell whether a file of this name may stand beside the parts of a model, inside its folder."""
    path = PurePosixPath(name)
    is_inside = not path.is_absolute() and ".." not in path.parts and "\\" not in name
    is_own = name in {CARD_FILE, ONNX_FILE, WEIGHTS_FILE} or path.parts[:1] == (CHECKPOINTS,)
    return bool(path.parts) and is_inside and not is_own and path.as_posix() == name


def folder_changes(folder: Path, announced: Mapping[str, str]) -> FolderChanges:
    """Compare a model folder with what its `model.json` announces.

    Args:
        folder: The model folder.
        announced: The hash of each file, as `announced_hashes` gives them.
    """
    there = {name for name in _entries(folder) if not _is_beside(name)}
    added = sorted(there - set(announced) - {CARD_FILE, EVALUATIONS})
    if EVALUATIONS in there and not _is_plain(folder / EVALUATIONS):
        added.append(EVALUATIONS)
    missing = sorted(name for name in announced if not os.path.lexists(folder / name))
    changed = [
        name
        for name, digest in sorted(announced.items())
        if name not in missing and file_hash(folder, name) != digest
    ]
    return FolderChanges(changed=tuple(changed), missing=tuple(missing), added=tuple(added))


def own_files(folder: Path, proofs: Iterable[Mapping[str, str]]) -> tuple[set[str], list[str]]:
    """Part what stands in a folder, its checkpoints left out, into imagier's and others'.

    Args:
        folder: The folder.
        proofs: Hashes by name of what imagier wrote there, `ANY` where the name is enough.

    Returns:
        The names of files that are as imagier wrote them, and the names of all that is not. An
        empty folder is neither.
    """
    known = list(proofs)
    own, others = set(), []
    for name in _entries(folder):
        if name.lower() in _OF_THE_SYSTEM or name.endswith("/"):
            continue
        digests = {proof[name] for proof in known if name in proof}
        if is_half_written(name, CARD_FILE) or (digests and _is_one_of(folder, name, digests)):
            own.add(name)
        else:
            others.append(name)
    return own, sorted(others)


def check_replaceable(folder: Path) -> set[str]:
    """Make sure that a folder is a model, as imagier wrote it, with nothing else in it; or empty.

    Returns:
        The names of its files.

    Raises:
        UsageError: `not_a_model_folder`, or `folder_holds_others`, which names what is not ours.
    """
    if not folder.is_dir() or folder.is_symlink():
        raise UsageError("not_a_model_folder", path=printable(folder))
    proof = card_proof(folder / CARD_FILE)
    own, others = own_files(folder, [proof] if proof else [])
    others += [f"{CHECKPOINTS}/{entry}" for entry in _listed_in(folder / CHECKPOINTS)]
    if not proof and others:
        raise UsageError("not_a_model_folder", path=printable(folder))
    if others:
        raise holds_others(folder, others)
    return own


def card_proof(card: Path, *, parts: bool = True) -> dict[str, str] | None:
    """Give the hashes by which the files of a model are known, of its `model.json` of any format.

    Args:
        card: The `model.json`.
        parts: Whether a network must stand beside it, without which nothing is proven.

    Returns:
        Hashes by name, `ANY` where the name is enough; None where the card is not imagier's.
    """
    if not _is_plain(card) or card.stat().st_size > MAX_CARD:
        return None
    try:
        content = read_regular(card, limit=MAX_CARD)
    except OSError:
        return None
    data = _read_any(content)
    if data is None or (parts and not _is_plain(card.parent / ONNX_FILE)):
        return None
    is_older = data["format"] < _FIRST_WITH_HASHES
    try:
        announced = announced_hashes(data | {"files": {}} if is_older else data)
    except Refused:
        return None
    if is_older:
        named = (name for name in _entries(card.parent) if _OLDER_NAMES.fullmatch(name))
        announced |= dict.fromkeys(named, ANY)
    return announced | {CARD_FILE: hashlib.sha256(content).hexdigest(), EVALUATIONS: ANY}


def _read_any(content: bytes) -> dict[str, Any] | None:
    """Read a `model.json` of any format of the folder; None where it is not imagier's."""
    try:
        data = read_object(content, most=MAX_CARD)
    except Refused:
        return None
    return data if set(data) >= _CARD_KEYS and isinstance(data["format"], int) else None


def holds_others(folder: Path, names: Iterable[str]) -> UsageError:
    """Word the refusal of a folder that holds what imagier did not write."""
    return UsageError("folder_holds_others", path=printable(folder), names=listed(tuple(names)))


def listed(names: tuple[str, ...]) -> str:
    """Write names on one line, five at most."""
    shown = ", ".join(printable(name) for name in names[:_NAMED])
    more = len(names) - _NAMED
    return f"{shown} … + {integer(more)}" if more > 0 else shown


def _entries(folder: Path) -> Iterator[str]:
    """Name what stands in a folder and below, files and empty folders; not its checkpoints."""
    return islice(_walk(folder), 2 * MAX_ARTIFACTS)


def _walk(folder: Path) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        inside = Path(place).relative_to(folder)
        if inside == Path() and not (folder / CHECKPOINTS).is_symlink():
            folders[:] = [name for name in folders if name != CHECKPOINTS]
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        for name in (*files, *links):
            yield (inside / name).as_posix()
        if not folders and not files and inside != Path():
            yield inside.as_posix() + "/"


def _is_beside(name: str) -> bool:
    """Tell whether a file is of no account: the system's, or one that was never finished."""
    return name.lower() in _OF_THE_SYSTEM or is_half_written(name, CARD_FILE, EVALUATIONS)


def _is_one_of(folder: Path, name: str, digests: set[str]) -> bool:
    return _is_plain(folder / name) and (ANY in digests or file_hash(folder, name) in digests)


def file_hash(folder: Path, name: str) -> str | None:
    """Give the hash of a file of a bounded size; None of anything else, and behind any link."""
    file = folder / name
    if not _is_plain(file) or any(
        (folder / parent).is_symlink() for parent in list(PurePosixPath(name).parents)[:-1]
    ):
        return None
    digest = hashlib.sha256()
    try:
        with open_regular(file) as opened:
            left = MAX_BYTES
            while left > 0 and (piece := opened.read(_CHUNK)):
                digest.update(piece)
                left -= len(piece)
            return None if opened.read(1) else digest.hexdigest()
    except OSError:
        return None


def _is_plain(file: Path) -> bool:
    try:
        return stat.S_ISREG(file.lstat().st_mode)
    except OSError:
        return False


def _listed_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []


def _is_part(name: str) -> bool:
    return name in {ONNX_FILE, WEIGHTS_FILE}
