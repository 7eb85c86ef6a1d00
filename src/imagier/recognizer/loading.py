"""Opens a model: its folder, or its ONNX file alone. Nothing in it can run code."""

import difflib
import os
from pathlib import Path
from typing import Any, TypeAlias

from imagier.arguments import bad_argument, whole
from imagier.errors import ModelError, PictureError, Refused, did_you_mean
from imagier.files import printable, read_object
from imagier.i18n import t
from imagier.images import ReadableFile, is_stream, read_stream
from imagier.log import log
from imagier.onnx_io.checks import MAX_BYTES
from imagier.onnx_io.graph import MAX_CARD, read_graph
from imagier.onnx_io.pickle_guard import check_no_pickle
from imagier.recognizer.card import ModelCard, check_version
from imagier.recognizer.folder_contents import (
    CARD_FILE,
    CHECKPOINTS,
    ONNX_FILE,
    WEIGHTS_FILE,
    announced_hashes,
)
from imagier.recognizer.model_folder import Artifacts, read_file, read_part
from imagier.recognizer.recognizer import Recognizer

__all__ = ["load", "read_card"]

Loadable: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | ReadableFile


def load(
    path: Loadable,
    *,
    threads: int | None = None,
) -> Recognizer:
    """Open a model folder or a single ONNX file that imagier wrote.

    Args:
        path: The folder, such as `digits.imagier`, or the file, such as `digits.onnx`; or what
            that file holds, as bytes or as a file opened for reading bytes.
        threads: How many cores to use; None for all that this process may use.

    Raises:
        ModelError: `model_missing`, `model_not_one`, `model_damaged`, `model_newer`,
            `model_older`, `model_pickle`, `model_unsafe` or `weights_damaged`.
        UsageError: `bad_argument`.
    """
    try:
        recognizer = _open(path, threads)
    except ModelError as error:
        log("model_refused", path=error.facts.get("path", ""), code=error.code)
        raise
    card = recognizer.card
    log("model_loaded", path=recognizer.name, network=card.network, classes=len(card.classes))
    return recognizer


def _open(path: Loadable, threads: int | None) -> Recognizer:
    if threads is not None:
        threads = whole("threads", threads, least=1)
    if isinstance(path, bytes | bytearray | memoryview):
        return _from_content(bytes(path), "<bytes>", threads)
    if is_stream(path):
        return _from_content(*_read(path), threads)
    if not isinstance(path, str | os.PathLike):
        raise bad_argument("path", path, t("recognizer.model"), example="photos.imagier")
    place = Path(path)
    name = printable(place)
    if "\0" in os.fspath(path) or not os.path.lexists(place):
        raise ModelError("model_missing", path=name, hint=_nearby(place))
    if place.is_dir():
        return _from_folder(place, name, threads)
    return _from_file(place, name, threads)


def read_card(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Read the `model.json` of a folder.

    Returns:
        What it says of the model, for `ModelCard.from_json`, and the hash of each file it
        announces.

    Raises:
        ModelError: `model_damaged`, `model_unreadable`, `model_newer` or `model_older`.
    """
    name = printable(folder / CARD_FILE)
    stored = _object(read_file(folder / CARD_FILE, MAX_CARD), name)
    check_version(stored, name)
    try:
        announced = announced_hashes(stored)
    except Refused as refused:
        raise refused.as_error("model_damaged", path=name) from None
    return {key: stored[key] for key in stored if key not in {"sha256", "files"}}, announced


def _from_folder(folder: Path, name: str, threads: int | None) -> Recognizer:
    if not (folder / CARD_FILE).is_file():
        code = "model_unfinished" if (folder / CHECKPOINTS).is_dir() else "model_not_one"
        raise ModelError(code, path=name, hint=_models_in(folder))
    stored, announced = read_card(folder)
    card = ModelCard.from_json(stored, path=f"{name}/{CARD_FILE}")
    parts = {
        part: read_part(folder / part, announced.pop(part))
        for part in (ONNX_FILE, WEIGHTS_FILE)
        if part in announced
    }
    graph = read_graph(parts[ONNX_FILE], path=f"{name}/{ONNX_FILE}")
    if graph.card != card.to_text():
        raise Refused("cards_differ").as_error("model_damaged", path=name)
    return Recognizer(
        card=card,
        onnx=graph.content,
        weights=parts.get(WEIGHTS_FILE, b""),
        artifacts=Artifacts(folder, announced),
        name=name,
        threads=threads,
        graph=graph,
    )


def _from_file(file: Path, name: str, threads: int | None) -> Recognizer:
    content = read_file(file, MAX_BYTES)
    check_no_pickle(content, file.name, path=name)
    if file.suffix.lower() != ".onnx":
        raise ModelError("model_not_one", path=name, hint="")
    return _from_content(content, name, threads)


def _read(stream: ReadableFile) -> tuple[bytes, str]:
    try:
        name, content = read_stream(stream, most=MAX_BYTES)
    except PictureError as error:
        path = str(error.facts["path"])
        raise ModelError("model_unreadable", path=path, reason=error.message) from error
    return content, printable(name)


def _from_content(content: bytes, name: str, threads: int | None) -> Recognizer:
    check_no_pickle(content, name, path=name)
    graph = read_graph(content, path=name)
    if graph.card is None:
        raise Refused("no_card").as_error("model_damaged", path=name)
    if not graph.has_checksum:
        raise Refused("no_checksum").as_error("model_damaged", path=name)
    card = ModelCard.from_text(graph.card, path=name)
    return Recognizer(card=card, onnx=content, name=name, threads=threads, graph=graph)


def _object(content: bytes, path: str) -> dict[str, Any]:
    try:
        return read_object(content, most=MAX_CARD)
    except Refused as refused:
        raise refused.as_error("model_damaged", path=path) from None


def _nearby(place: Path) -> str:
    """Suggest the model that was probably meant, or name those that stand there."""
    stems = {Path(name).stem: name for name in _models(place.parent)}
    nearest = difflib.get_close_matches(place.stem, stems, n=1)
    return did_you_mean(stems[nearest[0]], stems.values()) if nearest else _models_in(place.parent)


def _models_in(folder: Path) -> str:
    models = _models(folder)[:5]
    return " " + t("recognizer.models_there", names=", ".join(models)) if models else ""


def _models(folder: Path) -> list[str]:
    try:
        names = [entry.name for entry in os.scandir(folder)]
    except OSError:
        return []
    return sorted(printable(name) for name in names if name.endswith((".imagier", ".onnx")))
