"""The inner loops of k-means, compiled: whole boxes of points decided at once.

Asking every point for its nearest centre costs N·k distances a step. Most answers are plain: points
that lie close together have the same nearest centre. So points are laid out along a curve that
keeps neighbours together (Morton's), and cut into blocks of 64 with the box around each. Centre a
can be nearest to no point of a box when it is farther than centre b from the corner of the box that
favours a most; one such comparison drops a for the whole box (the filter of Kanungo and others). If
a single centre is left, the block is added by its sum, its weight and its own scatter, no point
looked at. Else its points ask the few centres left, eight points in one instruction. Sixteen blocks
have a box in common that is filtered first.

The result is that of Lloyd's algorithm, not an approximation. All sums are in double precision.

numba compiles at the first call and keeps the machine code in imagier's cache (`engine.py`).

Sources: G. Morton, "A computer oriented geodetic data base", 1966. T. Kanungo and others, "An
efficient k-means clustering algorithm: analysis and implementation", IEEE TPAMI 24 (2002).
"""

import numpy as np
from numpy.typing import NDArray

from imagier.kmeans.engine import compile_loop

__all__ = ["BLOCK", "FAMILY", "arrange", "boxes", "nearest", "summarise", "sweep"]

BLOCK = 64  # points in a block: some tens of instructions of eight
FAMILY = 16  # blocks that share a larger box
Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


@compile_loop
def arrange(points: Numbers, weights: Numbers, bits: int) -> tuple[Numbers, Numbers]:
    """Lay points out along Morton's curve, column by column, the last block filled up.

    Args:
        points: In any order, (N, D).
        weights: One a point, (N,).
        bits: How finely each coordinate is cut, 2^(bits·D) cells in all.

    Returns:
        The coordinates, (D, M) with M the next multiple of 64, and the weights, (M,), 0 for what
        was filled up.
    """
    count, columns = points.shape
    cells = _cells(points, bits)
    starts = np.zeros((1 << (bits * columns)) + 1, np.int64)
    for i in range(count):
        starts[cells[i] + 1] += 1
    for cell in range(starts.size - 1):
        starts[cell + 1] += starts[cell]
    padded = -(-count // BLOCK) * BLOCK
    laid, sample_weight = np.empty((columns, padded)), np.zeros(padded)
    for i in range(count):
        place = starts[cells[i]]
        starts[cells[i]] = place + 1
        sample_weight[place] = weights[i]
        for c in range(columns):
            laid[c, place] = points[i, c]
    for place in range(count, padded):
        for c in range(columns):
            laid[c, place] = laid[c, count - 1]
    return laid, sample_weight


@compile_loop
def _cells(points: Numbers, bits: int) -> Places:
    """Number the cell of each point: the bits of its coordinates taken in turn."""
    count, columns = points.shape
    cells = np.zeros(count, np.int64)
    for c in range(columns):
        low, high = points[0, c], points[0, c]
        for i in range(count):
            low, high = min(low, points[i, c]), max(high, points[i, c])
        scale = ((1 << bits) - 1e-6) / (high - low) if high > low else 0.0
        spread = np.zeros(1 << bits, np.int64)  # the bits of each step, D apart
        for step in range(1 << bits):
            for bit in range(bits):
                spread[step] |= ((step >> bit) & 1) << (bit * columns + c)
        for i in range(count):
            cells[i] |= spread[int((points[i, c] - low) * scale)]
    return cells


@compile_loop
def boxes(laid: Numbers) -> tuple[Numbers, Numbers]:
    """Give the lowest and highest corner of each block, (B, D) each."""
    columns, count = laid.shape
    low, high = np.empty((count // BLOCK, columns)), np.empty((count // BLOCK, columns))
    for block in range(count // BLOCK):
        for c in range(columns):
            lowest, highest = laid[c, block * BLOCK], laid[c, block * BLOCK]
            for i in range(block * BLOCK + 1, (block + 1) * BLOCK):
                lowest, highest = min(lowest, laid[c, i]), max(highest, laid[c, i])
            low[block, c], high[block, c] = lowest, highest
    return low, high


@compile_loop
def summarise(laid: Numbers, sample_weight: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Give weight (B,), sum (B, D) and scatter around the own mean (B,) of each block."""
    columns, count = laid.shape
    weight = np.zeros(count // BLOCK)
    total = np.zeros((count // BLOCK, columns))
    scatter = np.zeros(count // BLOCK)
    for block in range(count // BLOCK):
        first = block * BLOCK
        for i in range(first, first + BLOCK):
            weight[block] += sample_weight[i]
        for c in range(columns):
            for i in range(first, first + BLOCK):
                total[block, c] += sample_weight[i] * laid[c, i]
            mean = total[block, c] / weight[block] if weight[block] > 0 else 0.0
            for i in range(first, first + BLOCK):
                scatter[block] += sample_weight[i] * (laid[c, i] - mean) ** 2
    return weight, total, scatter


@compile_loop
def sweep(
    laid: Numbers,
    sample_weight: Numbers,
    small: tuple[Numbers, Numbers],
    large: tuple[Numbers, Numbers],
    held: tuple[Numbers, Numbers, Numbers],
    centres: Numbers,
    into: tuple[Numbers, Numbers],
) -> float:
    """Assign points to their nearest centres, and add them up centre by centre.

    Args:
        laid: Points as `arrange` gives them, (D, M).
        sample_weight: Their weights, (M,).
        small: Boxes of the blocks.
        large: Boxes of families of blocks.
        held: What `summarise` gives.
        centres: (k, D).
        into: Weighted sums (k, D) and weights (k,) of the clusters, to be added to.

    Returns:
        The inertia: the weighted sum of squared distances to the nearest centre.
    """
    k, columns = centres.shape
    sums, totals = into
    everyone = np.arange(k)
    some, few = np.empty(k, np.int64), np.empty(k, np.int64)
    far, best = np.empty(BLOCK), np.empty(BLOCK)
    own = np.empty(BLOCK, np.int64)
    inertia = 0.0
    left = k
    for block in range(sample_weight.size // BLOCK):
        if block % FAMILY == 0:
            family = block // FAMILY
            left = _filter(everyone, k, large[0][family], large[1][family], centres, some)
        rivals = _filter(some, left, small[0][block], small[1][block], centres, few)
        if rivals == 1:
            inertia += _add_block(few[0], block, held, centres, sums, totals)
            continue
        first = block * BLOCK
        _ask(laid, first, few, rivals, centres, far, best, own)
        for i in range(BLOCK):
            weight, j = sample_weight[first + i], own[i]
            inertia += weight * best[i]
            totals[j] += weight
            for c in range(columns):
                sums[j, c] += weight * laid[c, first + i]
    return inertia


@compile_loop
def _filter(
    candidates: Places, count: int, low: Numbers, high: Numbers, centres: Numbers, kept: Places
) -> int:
    """Keep the candidates that may be nearest to some point of a box; give how many."""
    middle, nearest_one = np.inf, candidates[0]
    for a in range(count):
        distance = 0.0
        for c in range(low.size):
            distance += (0.5 * (low[c] + high[c]) - centres[candidates[a], c]) ** 2
        if distance < middle:
            middle, nearest_one = distance, candidates[a]
    left = 0
    for a in range(count):
        j = candidates[a]
        lead = 0.0  # how much farther j is than the nearest one, at the corner that favours j
        for c in range(low.size):
            mine, its = centres[j, c], centres[nearest_one, c]
            corner = high[c] if mine > its else low[c]
            lead += (mine - its) * (mine + its - 2 * corner)
        kept[left] = j
        left += lead <= 0
    return left


@compile_loop
def _add_block(
    j: int,
    block: int,
    held: tuple[Numbers, Numbers, Numbers],
    centres: Numbers,
    sums: Numbers,
    totals: Numbers,
) -> float:
    """Give a whole block to centre j; its part is its scatter and how far its mean is from j."""
    weight, total, scatter = held
    share = weight[block]
    if share == 0:
        return 0.0
    totals[j] += share
    apart = 0.0
    for c in range(centres.shape[1]):
        sums[j, c] += total[block, c]
        apart += (total[block, c] / share - centres[j, c]) ** 2
    return float(scatter[block] + share * apart)


@compile_loop
def _ask(
    laid: Numbers,
    first: int,
    few: Places,
    rivals: int,
    centres: Numbers,
    far: Numbers,
    best: Numbers,
    own: Places,
) -> None:
    """Find the nearest of a few centres for the 64 points from `first` on; the first of equals."""
    best[:] = np.inf
    own[:] = few[0]
    for a in range(rivals):
        j = few[a]
        far[:] = 0.0
        for c in range(centres.shape[1]):
            place, column = centres[j, c], laid[c, first : first + BLOCK]
            for i in range(BLOCK):
                apart = column[i] - place
                far[i] += apart * apart
        for i in range(BLOCK):
            closer = far[i] < best[i]
            best[i] = far[i] if closer else best[i]
            own[i] = j if closer else own[i]


@compile_loop
def nearest(points: Numbers, centres: Numbers, labels: Places, squares: Numbers) -> None:
    """Find the nearest centre of points in the order they come.

    Args:
        points: (N, D).
        centres: (k, D).
        labels: Filled with the number of the nearest centre, (N,).
        squares: Filled with the squared distance to it, (N,).
    """
    count, columns = points.shape
    k = centres.shape[0]
    everyone, few = np.arange(k), np.empty(k, np.int64)
    far, best = np.empty(BLOCK), np.empty(BLOCK)
    own = np.empty(BLOCK, np.int64)
    laid = np.empty((columns, BLOCK))
    for first in range(0, count, BLOCK):
        size = min(BLOCK, count - first)
        for i in range(BLOCK):
            for c in range(columns):
                laid[c, i] = points[first + min(i, size - 1), c]
        low, high = boxes(laid)
        rivals = _filter(everyone, k, low[0], high[0], centres, few)
        _ask(laid, 0, few, rivals, centres, far, best, own)
        labels[first : first + size] = own[:size]
        squares[first : first + size] = best[:size]
