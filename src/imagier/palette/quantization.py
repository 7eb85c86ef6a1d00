"""From a histogram to k colours: a search on few boxes, then Lloyd's algorithm on every colour.

1. Boxes of 8 × 8 × 8 levels, some thousand weighted means, where good first centres are searched.
2. Boxes of 4 × 4 × 4, on which the centres settle.
3. All distinct colours, each weighted by its pixels, until a step hardly lowers the cost.
4. Whole levels: what a file can hold. Two centres that become one colour free an entry, which goes
   to the colour that is served worst.

From the same centres, step 3 gives what Lloyd's algorithm on all pixels would give.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagier.errors import UsageError
from imagier.kmeans import kmeans
from imagier.kmeans.blocks import nearest
from imagier.kmeans.engine import compiled
from imagier.palette.histogram import LOOPS as COUNTING
from imagier.palette.histogram import Histogram
from imagier.palette.spaces import Distance

__all__ = ["MOST_COLOURS", "assign", "choose_palette"]

MOST_COLOURS = 256  # what a byte can number
LOOPS = "imagier.palette.searching_loops"
BOXES = (2, 3, 4)  # bits of a level that boxes leave out: 4, 8 and 16 levels a side
LEAST_BOXES = 16  # for each centre, that a search may tell them apart
TOLERANCE = 1e-4
SETTLING = 100  # steps with fixed colours, at most
Colours = NDArray[np.uint8]
Colour = tuple[int, int, int]
Numbers = NDArray[np.float64]


def choose_palette(
    histogram: Histogram,
    k: int,
    *,
    distance: Distance | None = None,
    fixed: Sequence[Colour] = (),
    seed: int = 0,
) -> Colours:
    """Choose k colours so that all pixels are near one of them, in the mean of squares.

    Args:
        histogram: The colours and how often each occurs; at least one.
        k: How many, 1 to 256; where fewer distinct colours exist, they are the palette.
        distance: How colours are compared; sRGB without weights unless given.
        fixed: Colours that must be in it, first, as they are.
        seed: Makes chance the same each time.

    Returns:
        The colours, (k, 3), the fixed ones first, the others from dark to light.

    Raises:
        UsageError: `palette_k`, `palette_fixed`.

    >>> from imagier.palette.histogram import histogram
    >>> grey = np.array([[[0], [2], [4], [252], [254]]], np.uint8)
    >>> choose_palette(histogram(grey), 2)[:, 0].tolist()
    [2, 253]
    """
    if not 1 <= k <= MOST_COLOURS:
        raise UsageError("palette_k", received=k, most=MOST_COLOURS)
    given = np.array(list(dict.fromkeys(fixed)), np.uint8).reshape(-1, 3)
    if len(given) > k:
        raise UsageError("palette_fixed", n=len(given), k=k)
    measure = distance or Distance()
    colours = histogram.colours
    others = colours[~_among(colours, given)]
    if len(others) <= k - len(given):
        return np.concatenate([given, others[_by_light(others)]])
    points = measure.place(colours)
    centres = _centres(histogram, points, measure.place(given), k, seed)
    labels, _ = nearest(points, centres)
    coordinates = points if measure.is_plain else measure.coordinates(colours)
    sums, weights = compiled(COUNTING).add_up(coordinates, histogram.counts, labels, len(centres))
    free = (sums / np.maximum(weights, 1)[:, np.newaxis])[len(given) :][weights[len(given) :] > 0]
    chosen = _distinct(given, measure.colours(free))
    full = _fill(chosen, colours, points, histogram.counts, k, measure)
    own = full[len(given) :]
    return np.concatenate([given, own[_by_light(own)]])


def assign(
    colours: Colours, palette: Colours, distance: Distance
) -> tuple[NDArray[np.uint8], Numbers]:
    """Give the number of the nearest palette colour, the first of equals, and its squared distance.

    Args:
        colours: (U, 3).
        palette: (k, 3).
        distance: How they are compared.

    Returns:
        The numbers, (U,), and the squared distances, (U,).
    """
    labels, squares = nearest(distance.place(colours), distance.place(palette))
    return labels.astype(np.uint8), squares


def _centres(histogram: Histogram, points: Numbers, fixed: Numbers, k: int, seed: int) -> Numbers:
    """Search on the coarsest boxes that are many enough, settle on the finest."""
    every = (points, histogram.counts.astype(np.float64))
    sizes = histogram.boxes(points, BOXES)
    few = next((boxes for boxes in reversed(sizes) if len(boxes[0]) >= LEAST_BOXES * k), every)
    loops = compiled(LOOPS)
    centres = loops.search(*few, fixed, k, _effort(k), seed)
    fine = sizes[0] if len(sizes[0][0]) >= LEAST_BOXES * k else every
    if len(fixed) == 0:
        return kmeans(fine[0], k, sample_weight=fine[1], start=centres, tolerance=TOLERANCE).centres
    room = (np.zeros(len(fine[0]), np.int64), *np.empty((2, len(fine[0]))))
    loops.settle(*fine, centres, len(fixed), SETTLING, TOLERANCE, room)
    return np.asarray(centres)


def _effort(k: int) -> tuple[int, int, int]:
    """Give draws, swaps and steps: many for few colours, whose steps cost little."""
    return 8, max(2 * k, 16) if k <= 32 else 32, 4


def _distinct(given: Colours, found: Colours) -> Colours:
    """Put both together, each colour once, in the order in which they come."""
    both = np.concatenate([given, found])
    _, first = np.unique(both, axis=0, return_index=True)
    return both[np.sort(first)]


def _fill(
    chosen: Colours,
    colours: Colours,
    points: Numbers,
    counts: NDArray[np.int64],
    k: int,
    measure: Distance,
) -> Colours:
    """Give each entry that is left to the colour that costs most, while any costs something."""
    while len(chosen) < k:
        costs = counts * nearest(points, measure.place(chosen))[1]
        worst = int(costs.argmax())
        if costs[worst] <= 0:
            break
        chosen = np.concatenate([chosen, colours[worst : worst + 1]])
    return chosen


def _among(colours: Colours, given: Colours) -> NDArray[np.bool_]:
    found = np.zeros(len(colours), bool)
    for colour in given:
        found |= (colours == colour).all(axis=1)
    return found


def _by_light(colours: Colours) -> NDArray[np.int64]:
    """Give the order from dark to light, by the luma of ITU-R 601."""
    light = colours @ np.array([299, 587, 114])
    return np.lexsort((*colours.T, light))
