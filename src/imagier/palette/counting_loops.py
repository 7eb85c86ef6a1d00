"""The compiled loops that look at every pixel: counting its colour, giving it its number.

A colour has a *place* from 0 to 2²⁴ - 1: the bits of red, green and blue in turn, from the highest
(Morton's curve). Places close to each other are colours close to each other; the first 18 bits are
the box of 4 × 4 × 4 colours that a colour lies in. The pixels of a photo lie in few boxes, so a
table by boxes stays in the processor's cache where one by colours would not.

>>> import numpy as np
>>> pixels = np.array([[255, 0, 0], [0, 0, 1], [255, 0, 0]], np.uint8)
>>> places, counts = count(places_of(pixels))
>>> places.tolist(), counts.tolist(), colours_at(places).tolist()
([1, 9586980], [1, 2], [[0, 0, 1], [255, 0, 0]])
"""

import numpy as np
from numpy.typing import NDArray

from imagier.kmeans.engine import compile_loop

__all__ = [
    "COLOURS",
    "add_up",
    "box_means",
    "colours_at",
    "count",
    "paint",
    "places_of",
    "squared_error",
]

COLOURS = 2**24
_BOXES, _IN_BOX = 2**18, 64
Places = NDArray[np.uint32]
Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]


@compile_loop
def places_of(pixels: NDArray[np.uint8]) -> Places:
    """Give the place of each colour, (N, 3) to (N,)."""
    spread = np.zeros((3, 256), np.uint32)  # the bits of a level, three apart
    for level in range(256):
        for bit in range(8):
            for c in range(3):
                spread[c, level] |= np.uint32(((level >> bit) & 1) << (3 * bit + 2 - c))
    places = np.empty(len(pixels), np.uint32)
    for i in range(len(pixels)):
        red, green, blue = pixels[i, 0], pixels[i, 1], pixels[i, 2]
        places[i] = spread[0, red] | spread[1, green] | spread[2, blue]
    return places


@compile_loop
def colours_at(places: Places) -> NDArray[np.uint8]:
    """Give the colours of places, (U,) to (U, 3): the way back of `places_of`."""
    gathered = np.zeros(_BOXES // 64, np.uint16)  # of 12 bits: four of each colour
    for half in range(_BOXES // 64):
        for bit in range(4):
            for c in range(3):
                gathered[half] |= np.uint16(
                    ((half >> (3 * bit + 2 - c)) & 1) << (bit + 4 * (2 - c))
                )
    colours = np.empty((len(places), 3), np.uint8)
    for i in range(len(places)):
        high, low = gathered[places[i] >> 12], gathered[places[i] & 4095]
        for c in range(3):
            shift = 4 * (2 - c)
            colours[i, c] = ((high >> shift) & 15) << 4 | ((low >> shift) & 15)
    return colours


@compile_loop
def count(places: Places) -> tuple[Places, Counts]:
    """Sort and count: first into boxes, then within each box.

    Args:
        places: Of all pixels, (N,).

    Returns:
        The distinct places in their order, (U,), and how often each occurs, (U,).
    """
    starts = np.zeros(_BOXES + 1, np.int64)
    for place in places:
        starts[(place >> 6) + 1] += 1
    filled = np.empty(_BOXES, np.int64)
    for box in range(_BOXES):
        filled[box] = starts[box]
        starts[box + 1] += starts[box]
    rests = np.empty(len(places), np.uint8)
    for place in places:
        box = place >> 6
        rests[filled[box]] = place & 63
        filled[box] += 1
    found, counts = np.empty(len(places), np.uint32), np.empty(len(places), np.int64)
    inside = np.zeros(_IN_BOX, np.int64)
    number = 0
    for box in range(_BOXES):
        if starts[box] == starts[box + 1]:
            continue
        for i in range(starts[box], starts[box + 1]):
            inside[rests[i]] += 1
        for rest in range(_IN_BOX):
            found[number] = (box << 6) | rest
            counts[number] = inside[rest]
            number += inside[rest] > 0
            inside[rest] = 0
    return found[:number].copy(), counts[:number].copy()


@compile_loop
def box_means(
    places: Places, weights: Numbers, points: Numbers, bits: int
) -> tuple[Places, Numbers, Numbers]:
    """Gather colours that share a box into one point, their mean, of their common weight.

    Args:
        places: Distinct, in their order, (U,).
        weights: How often each occurs, (U,).
        points: Where each lies in the space of the distance, (U, 3).
        bits: The lowest bits of each level, which tell colours of one box apart.

    Returns:
        Of each box: its first place, (B,), the weight, (B,), the mean, (B, 3).
    """
    boxes, masses = np.empty(len(places), np.uint32), np.zeros(len(places))
    means = np.zeros((len(places), 3))
    number = -1
    for i in range(len(places)):
        box = (places[i] >> np.uint32(3 * bits)) << np.uint32(3 * bits)
        number += number < 0 or box != boxes[number]
        boxes[number] = box
        masses[number] += weights[i]
        for c in range(3):
            means[number, c] += weights[i] * points[i, c]
    for box in range(number + 1):
        for c in range(3):
            means[box, c] /= masses[box]
    return boxes[: number + 1].copy(), masses[: number + 1].copy(), means[: number + 1].copy()


@compile_loop
def add_up(
    points: Numbers, counts: Counts, labels: NDArray[np.int64], k: int
) -> tuple[Numbers, Numbers]:
    """Add up weighted points by their labels: the sums, (k, 3), and the weights, (k,)."""
    sums, weights = np.zeros((k, 3)), np.zeros(k)
    for i in range(len(points)):
        weights[labels[i]] += counts[i]
        for c in range(3):
            sums[labels[i], c] += counts[i] * points[i, c]
    return sums, weights


@compile_loop
def squared_error(
    colours: NDArray[np.uint8],
    counts: Counts,
    palette: NDArray[np.uint8],
    labels: NDArray[np.uint8],
) -> int:
    """Add up the squared differences of levels between colours and those they become."""
    error = np.int64(0)
    for i in range(len(colours)):
        for c in range(3):
            apart = np.int64(colours[i, c]) - np.int64(palette[labels[i], c])
            error += counts[i] * apart * apart
    return int(error)


@compile_loop
def paint(
    pixels: Places, places: Places, labels: NDArray[np.uint8], table: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Give each pixel the number of its colour.

    Args:
        pixels: The place of each pixel's colour, (N,).
        places: The distinct places, (U,).
        labels: The number of each, (U,).
        table: Room for 2²⁴ numbers, whatever they are; only those of `places` are written and read.

    Returns:
        The number of each pixel, (N,).
    """
    for i in range(len(places)):
        table[places[i]] = labels[i]
    painted = np.empty(len(pixels), np.uint8)
    for i in range(len(pixels)):
        painted[i] = table[pixels[i]]
    return painted
