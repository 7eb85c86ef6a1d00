"""Started as a process of its own: codes read as before there were readers, digit by digit.

    grey levels → ink or paper (Otsu) → pieces that hang together → five places → imagier's `cnn`

The pipeline knows that there are five digits. Lines ruled across are taken out first, specks are
left out; pieces above each other are one digit; as long as there are too few, the widest piece is
cut where the least ink stands; as long as there are too many, the two nearest are put together.
Each digit is laid out as those of MNIST are: 20 pixels high or wide, its centre of mass in the
middle of 28. Prints one JSON object.

Source: Y. LeCun et al., "Gradient-based learning applied to document recognition", 1998, chapter V;
mnist.dev, how the digits were laid out.
"""

import io
import itertools
import json
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from benchmarks.line_sets import read_labels
from imagier import load as load_model

__all__ = ["digit_pictures", "main"]

DIGITS = 5
SPECK = 0.01  # share of the line's height squared, of pixels: smaller pieces are dirt
RULED = 0.6  # share of a row that is ink, all over the line: it is a ruled one
SMOOTH = 0.7  # pixels, against noise
TOGETHER = 0.5  # share of the narrower piece that lies above or below another one
SIDE, INNER = 28, 20

Ink = NDArray[np.float32]
Box = tuple[int, int]


def main(model: str, folder: str) -> None:
    """Read all lines of the table of a folder, one at a time."""
    recognizer = load_model(model)
    names = list(read_labels(Path(folder)))
    contents = [(Path(folder) / name).read_bytes() for name in names]

    def read(content: bytes) -> str:
        with Image.open(io.BytesIO(content)) as picture:
            digits = digit_pictures(np.asarray(picture.convert("L")))
        if not len(digits):
            return ""
        named = recognizer.probabilities(digits[:, :, :, np.newaxis]).argmax(axis=1)
        return "".join(recognizer.classes[one] for one in named)

    read(contents[0])
    began = time.perf_counter()
    texts = [read(content) for content in contents]
    seconds = time.perf_counter() - began
    answer = {
        "texts": dict(zip(names, texts, strict=True)),
        "milliseconds": round(1000 * seconds / len(names), 3),
    }
    print(json.dumps(answer))


def digit_pictures(grey: NDArray[np.uint8], count: int = DIGITS) -> NDArray[np.uint8]:
    """Cut a line, dark on light, into so many digits, light on dark as those of MNIST.

    Args:
        grey: Levels, (H, W).
        count: How many digits there are.

    Returns:
        One picture a digit, (count, 28, 28); fewer where too little ink stands there.
    """
    ink = _without_ruled(_ink(grey))
    boxes = _boxes(ink)
    while 0 < len(boxes) < count:
        widest = max(range(len(boxes)), key=lambda place: boxes[place][1] - boxes[place][0])
        left, right = boxes[widest]
        if right - left < 2:
            break
        boxes[widest : widest + 1] = _cut(ink, left, right)
    while len(boxes) > count:
        gaps = [after[1] - before[0] for before, after in itertools.pairwise(boxes)]
        nearest = int(np.argmin(gaps))
        boxes[nearest : nearest + 2] = [(boxes[nearest][0], boxes[nearest + 1][1])]
    digits = [_as_mnist(ink[:, left:right]) for left, right in boxes]
    return np.stack(digits) if digits else np.empty((0, SIDE, SIDE), np.uint8)


def _ink(grey: NDArray[np.uint8]) -> Ink:
    """Give how much ink each pixel has, 0..1; nothing below Otsu's level."""
    smooth = ndimage.gaussian_filter(grey.astype(np.float32), SMOOTH)
    side = grey.shape[0] // 2  # wider than any stroke
    darker = ndimage.grey_closing(smooth, size=(side, side)) - smooth
    level = _otsu(darker)
    full = max(float(np.percentile(darker[darker >= level], 75)), 1.0) if darker.any() else 1.0
    found: Ink = np.where(darker >= level, np.clip(darker / full, 0, 1), 0).astype(np.float32)
    return found


def _otsu(levels: Ink) -> float:
    """Find the level that parts the pixels best: the greatest variance between the two sides."""
    counts, edges = np.histogram(levels, bins=128)
    middles = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[1:][np.nanargmax(np.nan_to_num(apart))])


def _without_ruled(ink: Ink) -> Ink:
    """Wipe thin lines ruled across, but where a stroke crosses them."""
    is_ruled = (ink > 0).mean(axis=1) > RULED
    if not is_ruled.any() or is_ruled.mean() > 0.2:
        return ink
    free = np.where(is_ruled[:, None], 0, ink)
    near = ndimage.maximum_filter(free, size=(5, 1))
    crossed: Ink = np.where(is_ruled[:, None] & (near == 0), 0, ink).astype(np.float32)
    return crossed


def _boxes(ink: Ink) -> list[Box]:
    """List the columns of the pieces, from left to right, those above each other as one."""
    pieces, count = ndimage.label(ink > 0, structure=np.ones((3, 3)))
    if not count:
        return []
    sizes = np.bincount(pieces.ravel())[1:]
    found = ndimage.find_objects(pieces)
    least = SPECK * ink.shape[0] ** 2
    kept = sorted(
        (box[1].start, box[1].stop) for box, size in zip(found, sizes, strict=True) if size >= least
    )
    boxes: list[Box] = []
    for left, right in kept:
        if boxes:
            before = boxes[-1]
            shared = before[1] - left
            if shared > TOGETHER * min(right - left, before[1] - before[0]):
                boxes[-1] = (before[0], max(right, before[1]))
                continue
        boxes.append((left, right))
    return boxes


def _cut(ink: Ink, left: int, right: int) -> list[Box]:
    """Cut a piece where the least ink stands, not too near its ends."""
    columns = ink[:, left:right].sum(axis=0)
    edge = max(1, (right - left) // 4)
    place = left + edge + int(columns[edge : len(columns) - edge + 1].argmin())
    place = min(max(place, left + 1), right - 1)
    return [(left, place), (place, right)]


def _as_mnist(ink: Ink) -> NDArray[np.uint8]:
    rows = np.flatnonzero(ink.any(axis=1))
    field = np.zeros((SIDE, SIDE), np.float32)
    if not len(rows):
        return field.astype(np.uint8)
    digit = ink[rows[0] : rows[-1] + 1]
    scale = INNER / max(digit.shape)
    size = tuple(max(1, round(side * scale)) for side in digit.shape[::-1])
    levels = Image.fromarray((255 * digit).astype(np.uint8))
    small = np.asarray(levels.resize(size, Image.Resampling.BOX), np.float32)
    middle = ndimage.center_of_mass(small) if small.any() else (0, 0)
    top, left = (round(SIDE / 2 - 0.5 - one) for one in middle)
    top = min(max(top, 0), SIDE - small.shape[0])
    left = min(max(left, 0), SIDE - small.shape[1])
    field[top : top + small.shape[0], left : left + small.shape[1]] = small
    return field.astype(np.uint8)


if __name__ == "__main__":
    main(*sys.argv[1:])
