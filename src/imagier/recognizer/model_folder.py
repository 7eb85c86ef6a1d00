"""The model folder: JSON, ONNX, safetensors and pages, nothing that could run code.

It is written whole or not at all, and read without trust: regular files of bounded size, each of
the parts with the hash that `model.json` announces.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Final

from imagier.errors import ModelError, Refused, UsageError
from imagier.files import new_folder, printable, read_object, write_file
from imagier.onnx_io.checks import MAX_BYTES
from imagier.onnx_io.graph import MAX_CARD
from imagier.onnx_io.pickle_guard import check_no_pickle
from imagier.recognizer.card import ModelCard

__all__ = [
    "CARD_FILE",
    "ONNX_FILE",
    "WEIGHTS_FILE",
    "Artifacts",
    "read_file",
    "read_part",
    "save_folder",
]

CARD_FILE: Final = "model.json"
ONNX_FILE: Final = "model.onnx"
WEIGHTS_FILE: Final = "weights.safetensors"
MAX_ARTIFACTS = 10_000
_PARTS = {CARD_FILE, ONNX_FILE, WEIGHTS_FILE}


def save_folder(
    folder: Path,
    card: ModelCard,
    parts: Mapping[str, bytes],
    artifacts: Mapping[str, bytes],
    *,
    force: bool = False,
) -> None:
    """Write a model folder, whole or not at all.

    Args:
        folder: Where it will stand.
        card: The model's description, for `model.json`.
        parts: The files whose hash stands in `model.json`: `model.onnx`, `weights.safetensors`.
        artifacts: The other files, by relative name.
        force: Whether a model already there gives way.

    Raises:
        UsageError: `output_exists`; `not_a_model_folder`, when something else than a model stands
            there: it is not removed, even by force.
        ValueError: When an artifact's name leads out of the folder or hides one of the parts.
        MachineError: `disk_full` or `cannot_write`.
    """
    if force and folder.exists() and not _may_give_way(folder):
        raise UsageError("not_a_model_folder", path=printable(folder))
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
    text = json.dumps(card.to_json() | {"sha256": hashes}, ensure_ascii=False, indent=2) + "\n"
    files = {_checked(name, parts): content for name, content in artifacts.items()}
    with new_folder(folder, replace=force) as place:
        for name, content in {**files, **parts, CARD_FILE: text.encode()}.items():
            write_file(place / name, content)


class Artifacts(Mapping[str, bytes]):
    """The files of a model folder that only people and pages read, read when asked for.

    Args:
        folder: The model folder. Links, hidden files and checkpoints do not count.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = tuple(sorted(islice(_artifact_names(folder), MAX_ARTIFACTS)))

    def __getitem__(self, name: str) -> bytes:
        if name not in self.names:
            raise KeyError(name)
        return read_file(self.folder / name, MAX_BYTES)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def read_part(file: Path, digest: object) -> bytes:
    """Read a file of the model that must have the SHA-256 that its card says.

    Raises:
        ModelError: `model_damaged`, `model_pickle`, or as `read_file`.
    """
    name = printable(file)
    if not os.path.lexists(file):
        raise Refused("missing_file").as_error("model_damaged", path=name)
    content = read_file(file, MAX_BYTES)
    check_no_pickle(content, file.name, path=name)
    if hashlib.sha256(content).hexdigest() != digest:
        raise Refused("hash").as_error("model_damaged", path=name)
    return content


def read_file(file: Path, limit: int) -> bytes:
    """Read a regular file of bounded size; never a pipe, which would block.

    Args:
        file: Where it stands.
        limit: How many bytes it may have.

    Raises:
        ModelError: `model_not_one`, `model_damaged` or `model_unreadable`.
    """
    name = printable(file)
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ModelError("model_not_one", path=name, hint="")
        if status.st_size > limit:
            raise Refused("too_large", limit=limit // 2**20).as_error("model_damaged", path=name)
        return file.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ModelError("model_unreadable", path=name, reason=reason) from error


def _artifact_names(folder: Path) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        inside = Path(place).relative_to(folder)
        folders[:] = [name for name in folders if name[0] != "." and name != "checkpoints"]
        for file in files:
            name = (inside / file).as_posix()
            if file[0] != "." and name not in _PARTS and _is_plain(Path(place) / file):
                yield name


def _is_plain(file: Path) -> bool:
    return file.is_file() and not file.is_symlink()


def _may_give_way(folder: Path) -> bool:
    """Tell whether a folder is a model, or the beginning of one, or empty."""
    if not folder.is_dir() or folder.is_symlink():
        return False
    try:
        return "classes" in read_object((folder / CARD_FILE).read_bytes(), most=MAX_CARD)
    except (OSError, Refused):
        return all(entry.name == "checkpoints" for entry in folder.iterdir())


def _checked(name: str, parts: Mapping[str, bytes]) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or name in {*parts, CARD_FILE} or not path.parts:
        message = f"not an artifact's name: {name!r}"
        raise ValueError(message)
    return name
