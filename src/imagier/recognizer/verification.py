"""Is an exported ONNX model the trained one? Answers compared; golden pictures kept, replayed.

At export the ONNX file answers beside the computation that it was written from. Golden pictures are
a few prepared pictures kept with their expected probabilities; they are replayed at export and can
be at any time: a difference tells that an engine, a machine or a version of imagier does not
compute what was tested.
"""

import io
import json
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.errors import ModelError, PictureError, Refused
from imagier.files import read_object
from imagier.images import decode, rescale
from imagier.recognizer.engine import Answers
from imagier.recognizer.recognizer import Recognizer

__all__ = [
    "GOLDEN_FOLDER",
    "TOLERANCE",
    "check_export",
    "golden_files",
    "golden_pictures",
    "replay_golden",
    "with_golden",
]

MAX_LIST = 8 * 2**20  # bytes of the expected probabilities
TOLERANCE: Final = 1e-4  # the largest difference of a probability between two computations
GOLDEN_FOLDER: Final = "golden"
_LIST: Final = f"{GOLDEN_FOLDER}/golden.json"


def check_export(
    answered: NDArray[np.float32], expected: NDArray[Any], *, tolerance: float = TOLERANCE
) -> None:
    """Compare a recogniser's probabilities with those of what it was exported from.

    Two probabilities may each be off by the tolerance, so a first choice that leads by less than
    twice as much may change.

    Args:
        answered: The recogniser's probabilities, (N, K), or of columns of lines, (N, T, K).
        expected: The reference's, of the same shape.
        tolerance: The largest difference of a probability.

    Raises:
        ModelError: `export_differs`, when a probability differs by more, or a first choice does
            that leads by more than twice as much.
    """
    if not len(answered):
        return
    difference = float(np.abs(answered - expected).max())
    ordered = np.sort(expected, axis=-1)
    clear = ordered[..., -1] - ordered[..., -2] > 2 * tolerance
    moved = (answered.argmax(axis=-1) != expected.argmax(axis=-1)) & clear
    _check_difference(difference, tolerance, moved=int(moved.sum()))


def with_golden(recognizer: Recognizer, pixels: NDArray[np.uint8]) -> Recognizer:
    """Give a recogniser with golden pictures among its artifacts, replayed once.

    Args:
        recognizer: Whose answers are kept.
        pixels: Prepared pictures, (N, H, W, C); N may be 0.

    Raises:
        ModelError: `export_differs`, when the pictures that are kept are answered otherwise.
    """
    if not len(pixels):
        return recognizer
    answers = _side_by_side(recognizer.answers(pixels))
    files = golden_files(pixels, answers, full_scale=recognizer.prepare.full_scale)
    recognizer = recognizer.with_artifacts({**recognizer.artifacts, **files})
    _check_difference(replay_golden(recognizer), TOLERANCE, moved=0)
    return recognizer


def golden_files(
    pixels: NDArray[np.uint8], probabilities: NDArray[np.float32], *, full_scale: int = 255
) -> dict[str, bytes]:
    """Give the files to keep as artifacts of a recogniser.

    Args:
        pixels: Prepared pictures, (N, H, W, C).
        probabilities: What the network answers to them, (N, K), strangeness behind where it tells;
            of a reader, column after column, (N, T × K).
        full_scale: The level that is white in them; in the files it is 255, as anywhere.
    """
    files: dict[str, bytes] = {}
    rows: dict[str, list[float]] = {}
    for number, (picture, row) in enumerate(zip(pixels, probabilities, strict=True)):
        name = f"{number:04d}.png"
        files[f"{GOLDEN_FOLDER}/{name}"] = _png(rescale(picture, full_scale, 255))
        rows[name] = [float(value) for value in row]
    return files | {_LIST: json.dumps(rows).encode()}


def replay_golden(recognizer: Recognizer) -> float:
    """Answer the golden pictures again and give the largest difference of a probability.

    A model without golden pictures (`--no-pictures`) gives 0.

    Raises:
        ModelError: `model_damaged`, when the golden files do not hold together.
    """
    largest = 0.0
    for _, pixels, expected in _checked(recognizer):
        answered = _side_by_side(recognizer.answers(pixels[np.newaxis]))[0]
        scale = np.ones(len(expected), np.float32)
        if recognizer.tells_strangers:  # which may be large: what counts is its share of itself
            scale[-1] = max(1, abs(float(expected[-1])))
        largest = max(largest, float((np.abs(answered - expected) / scale).max()))
    return largest


def golden_pictures(
    recognizer: Recognizer,
) -> Iterator[tuple[str, NDArray[np.uint8], NDArray[np.float32]]]:
    """Give the golden pictures that a model holds, one by one: a stranger's may be many, and large.

    Yields:
        The name of its file in the model folder, the prepared picture, (H, W, C), and the
        probabilities that were kept with it, (K,), or of a reader (T, K).

    Raises:
        ModelError: `model_damaged`, when the golden files do not hold together.
    """
    for name, pixels, expected in _checked(recognizer):
        row = (recognizer.columns or 1) * len(recognizer.classes)
        shape = (-1, len(recognizer.classes)) if recognizer.columns else -1
        yield name, pixels, expected[:row].reshape(shape)


def _checked(
    recognizer: Recognizer,
) -> Iterator[tuple[str, NDArray[np.uint8], NDArray[np.float32]]]:
    if _LIST not in recognizer.artifacts:
        return
    try:
        yield from _golden_pictures(recognizer)
    except (Refused, PictureError, ArithmeticError, KeyError, ValueError, TypeError):
        path = f"{recognizer.name}/{_LIST}"
        raise Refused("golden").as_error("model_damaged", path=path) from None


def _check_difference(difference: float, tolerance: float, *, moved: int) -> None:
    if not difference <= tolerance or moved:
        raise ModelError("export_differs", difference=f"{difference:.2g}", n=moved)


def _golden_pictures(
    recognizer: Recognizer,
) -> Iterator[tuple[str, NDArray[np.uint8], NDArray[np.float32]]]:
    settings = recognizer.prepare
    rows = read_object(recognizer.artifacts[_LIST], most=MAX_LIST)
    if not rows:
        raise Refused("golden")
    for name, row in rows.items():
        file = f"{GOLDEN_FOLDER}/{name}"
        expected = np.array(row, np.float32)
        pixels = rescale(
            decode(recognizer.artifacts[file], name=name).pixels, 255, settings.full_scale
        )
        size = settings.height, settings.width, settings.channels
        numbers = (recognizer.columns or 1) * len(recognizer.classes) + recognizer.tells_strangers
        is_complete = expected.shape == (numbers,) and pixels.shape == size
        if not is_complete or not np.isfinite(expected).all():
            raise Refused("golden")
        yield file, pixels, expected


def _side_by_side(answers: Answers) -> NDArray[np.float32]:
    """Give probabilities, and strangeness behind them where it is told, one row a picture."""
    if answers.strangeness is None:
        return answers.probabilities.reshape(len(answers.probabilities), -1)
    return np.column_stack([answers.probabilities, answers.strangeness])


def _png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(file, "PNG")
    return file.getvalue()
