"""The model folder: JSON, ONNX, safetensors and pages, nothing that could run code.

It is written whole or not at all, and read without trust: regular files of bounded size, each of
the parts with the hash that `model.json` announces.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from imagier.errors import ModelError, Refused, system_reason
from imagier.files import new_folder, printable, read_regular, write_file
from imagier.onnx_io.checks import MAX_BYTES
from imagier.onnx_io.pickle_guard import check_no_pickle
from imagier.recognizer.card import ModelCard
from imagier.recognizer.folder_contents import (
    CARD_FILE,
    EVALUATIONS,
    MAX_ARTIFACTS,
    check_replaceable,
    is_artifact_name,
)

__all__ = ["Artifacts", "read_file", "read_part", "save_folder"]


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
        parts: What is read to predict and to learn further: `model.onnx`, `weights.safetensors`.
        artifacts: The other files, by relative name.
        force: Whether a model already there gives way.

    Raises:
        UsageError: `output_exists`; `not_a_model_folder` or `folder_holds_others`, when something
            else than a model as imagier wrote it stands there: it is not removed, even by force.
        ValueError: When an artifact's name leads out of the folder or hides one of the parts, or
            there are too many.
        MachineError: `disk_full` or `cannot_write`.
    """
    gives_way = check_replaceable(folder) if force and os.path.lexists(folder) else None
    files = _checked(artifacts)
    hashes = {"sha256": _hashes(parts), "files": _hashes(files)}
    hashes["files"].pop(EVALUATIONS, None)  # which grows
    text = json.dumps(card.to_json() | hashes, ensure_ascii=False, indent=2) + "\n"
    with new_folder(folder, replaces=gives_way) as place:
        for name, content in {**files, **parts, CARD_FILE: text.encode()}.items():
            write_file(place / name, content)


class Artifacts(Mapping[str, bytes]):
    """The files of a model folder that only people and pages read, read when asked for.

    Only those that `model.json` announces count, and the log of tests; one whose content is not
    what is announced is refused when it is read.

    Args:
        folder: The model folder.
        announced: The hash of each, by name.
    """

    def __init__(self, folder: Path, announced: Mapping[str, str]) -> None:
        self.folder = folder
        self.announced = announced
        log = folder / EVALUATIONS
        is_tested = log.is_file() and not log.is_symlink()
        self.names = tuple(sorted({*announced, *([EVALUATIONS] if is_tested else [])}))

    def __getitem__(self, name: str) -> bytes:
        if name not in self.names:
            raise KeyError(name)
        digest = self.announced.get(name)
        if digest is None:
            return read_file(self.folder / name, MAX_BYTES)
        return _read_announced(self.folder / name, digest)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def read_part(file: Path, digest: object) -> bytes:
    """Read a file of the model that must have the SHA-256 that its card says.

    Raises:
        ModelError: `model_damaged`, `model_pickle`, or as `read_file`.
    """
    return _read_announced(file, digest, is_part=True)


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
        return read_regular(file, limit=limit)
    except OSError as error:
        reason = system_reason(error) or type(error).__name__
        raise ModelError("model_unreadable", path=name, reason=reason) from error


def _read_announced(file: Path, digest: object, *, is_part: bool = False) -> bytes:
    name = printable(file)
    if not os.path.lexists(file):
        raise Refused("missing_file").as_error("model_damaged", path=name)
    content = read_file(file, MAX_BYTES)
    if is_part:
        check_no_pickle(content, file.name, path=name)
    if hashlib.sha256(content).hexdigest() != digest:
        raise Refused("hash").as_error("model_damaged", path=name)
    return content


def _hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}


def _checked(artifacts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Read all artifacts, before anything gives way, under names that lead nowhere else."""
    if len(artifacts) > MAX_ARTIFACTS:
        message = f"more than {MAX_ARTIFACTS} artifacts"
        raise ValueError(message)
    for name in artifacts:
        if not is_artifact_name(name):
            message = f"not an artifact's name: {name!r}"
            raise ValueError(message)
    return dict(artifacts)
