"""Writes the model folder: JSON, ONNX, safetensors and pages, nothing that could run code."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from imagier.errors import Refused, UsageError
from imagier.files import new_folder, printable, read_object, write_file
from imagier.recognizer.card import ModelCard

__all__ = ["CARD_FILE", "ONNX_FILE", "WEIGHTS_FILE", "save_folder"]

CARD_FILE: Final = "model.json"
ONNX_FILE: Final = "model.onnx"
WEIGHTS_FILE: Final = "weights.safetensors"


def save_folder(
    folder: Path,
    card: ModelCard,
    parts: Mapping[str, bytes],
    companions: Mapping[str, bytes],
    *,
    force: bool = False,
) -> None:
    """Write a model folder, whole or not at all.

    Args:
        folder: Where it will stand.
        card: The model's description, for `model.json`.
        parts: The files whose hash stands in `model.json`: `model.onnx`, `weights.safetensors`.
        companions: The other files, by relative name.
        force: Whether a model already there gives way.

    Raises:
        UsageError: `output_exists`; `not_a_model_folder`, when something else than a model stands
            there: it is not removed, even by force.
        ValueError: When a companion's name leads out of the folder or hides one of the parts.
        MachineError: `disk_full` or `cannot_write`.
    """
    if force and folder.exists() and not _may_give_way(folder):
        raise UsageError("not_a_model_folder", path=printable(folder))
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
    text = json.dumps(card.to_json() | {"sha256": hashes}, ensure_ascii=False, indent=2) + "\n"
    files = {_checked(name, parts): content for name, content in companions.items()}
    with new_folder(folder, replace=force) as place:
        for name, content in {**files, **parts, CARD_FILE: text.encode()}.items():
            write_file(place / name, content)


def _may_give_way(folder: Path) -> bool:
    """Tell whether a folder is a model, or the beginning of one, or empty."""
    if not folder.is_dir() or folder.is_symlink():
        return False
    try:
        return "classes" in read_object((folder / CARD_FILE).read_bytes())
    except (OSError, Refused):
        return all(entry.name == "checkpoints" for entry in folder.iterdir())


def _checked(name: str, parts: Mapping[str, bytes]) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or name in {*parts, CARD_FILE} or not path.parts:
        message = f"not a companion's name: {name!r}"
        raise ValueError(message)
    return name
