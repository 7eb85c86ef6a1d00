"""Golden pictures: a few prepared pictures kept with their expected probabilities.

They are replayed when a model is exported, and can be at any time: a difference tells that an
engine, a machine or a version of imagier does not compute what was tested.
"""

import io
import json
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.errors import PictureError, Refused
from imagier.files import read_object
from imagier.images import decode, rescale
from imagier.recognizer.recognizer import Recognizer

__all__ = ["GOLDEN_FOLDER", "golden_files", "replay_golden"]

GOLDEN_FOLDER: Final = "golden"
_LIST: Final = f"{GOLDEN_FOLDER}/golden.json"


def golden_files(
    pixels: NDArray[np.uint8], probabilities: NDArray[np.float32], *, full_scale: int = 255
) -> dict[str, bytes]:
    """Give the files to keep as companions of a recogniser.

    Args:
        pixels: Prepared pictures, (N, H, W, C).
        probabilities: What the network answers to them, (N, K).
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
    if _LIST not in recognizer.companions:
        return 0.0
    try:
        return _largest_difference(recognizer)
    except (Refused, PictureError, KeyError, ValueError, TypeError):
        path = f"{recognizer.name}/{_LIST}"
        raise Refused("golden").as_error("model_damaged", path=path) from None


def _largest_difference(recognizer: Recognizer) -> float:
    rows = read_object(recognizer.companions[_LIST])
    pixels = np.stack([_picture(recognizer, name) for name in rows])
    expected = np.array(list(rows.values()), np.float32)
    answered = recognizer.probabilities(pixels)
    if expected.shape != answered.shape:
        raise Refused("golden")
    return float(np.abs(answered - expected).max())


def _picture(recognizer: Recognizer, name: str) -> NDArray[np.uint8]:
    picture = decode(recognizer.companions[f"{GOLDEN_FOLDER}/{name}"], name=name)
    return rescale(picture.pixels, 255, recognizer.prepare.full_scale)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(file, "PNG")
    return file.getvalue()
