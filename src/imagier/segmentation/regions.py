"""What segments look like from outside: where each lies, its mask, its outline.

>>> from imagier.segmentation.segments import segment
>>> picture = np.zeros((3, 6, 3), np.uint8)
>>> picture[:, 2:4] = 250
>>> one, two = describe(segment(picture, 2, weights=(0, 1, 1, 1)))
>>> one.pixels, one.box, one.pieces, two.colour, two.pieces
(12, (0, 0, 6, 3), 2, (250, 250, 250), 1)
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.segmentation.segments import Segments

__all__ = ["Region", "describe", "flat", "mask_of", "outlined", "outlines"]

Pixels = NDArray[np.uint8]
INKS = ((255, 255, 255), (0, 0, 0))  # an outline is white, on light ground black
LIGHT = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One segment.

    Attributes:
        number: From 1.
        pixels: How many it has.
        centre: Mean x and y, in pixels from the top left corner.
        colour: Mean red, green and blue, rounded.
        box: Left, top, right and bottom; the last two are the first that are outside.
        pieces: How many connected pieces it has, pixels touching at an edge.
    """

    number: int
    pixels: int
    centre: tuple[float, float]
    colour: tuple[int, int, int]
    box: tuple[int, int, int, int]
    pieces: int


def describe(segments: Segments) -> Iterator[Region]:
    """Describe the segments in their order."""
    from scipy import ndimage

    boxes = ndimage.find_objects(segments.labels + 1)
    for index, centre in enumerate(segments.centres.tolist()):
        rows, columns = boxes[index]
        _, pieces = ndimage.label(segments.labels[rows, columns] == index)
        red, green, blue = (int(level + 0.5) for level in centre[2:])
        yield Region(
            number=index + 1,
            pixels=int(segments.sizes[index]),
            centre=(centre[0], centre[1]),
            colour=(red, green, blue),
            box=(columns.start, rows.start, columns.stop, rows.stop),
            pieces=int(pieces),
        )


def mask_of(segments: Segments, index: int) -> NDArray[np.bool_]:
    """Tell which pixels belong to the segment `index`, from 0, (H, W)."""
    return np.asarray(segments.labels == index)


def flat(segments: Segments) -> Pixels:
    """Draw each segment in its mean colour, what is transparent in white, (H, W, 3)."""
    colours = np.floor(segments.centres[:, 2:] + 0.5).astype(np.uint8)
    return np.concatenate([colours, [[255, 255, 255]]]).astype(np.uint8)[segments.labels]


def outlines(segments: Segments) -> NDArray[np.bool_]:
    """Tell which pixels have another segment to their right or below, (H, W)."""
    labels = segments.labels
    found = np.zeros(labels.shape, bool)
    found[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    found[:-1] |= labels[:-1] != labels[1:]
    return found


def outlined(pixels: Pixels, segments: Segments) -> Pixels:
    """Draw the outlines over the picture, white on dark ground and black on light, (H, W, 3)."""
    drawn = pixels.copy()
    lines = outlines(segments)
    light = pixels[lines].mean(axis=1) >= LIGHT
    drawn[lines] = np.where(light[:, np.newaxis], INKS[1], INKS[0])
    return drawn
