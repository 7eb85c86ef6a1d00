"""Copies of pictures, however they were made: saved again, mirrored, turned, cropped a little.

A test that holds a mirrored copy of a picture that was learnt measures memory as much as one that
holds the picture itself. Two steps find them, both on thumbnails of 64 × 64 colours.

1. Candidates. A coarse description, 8 × 8 grey levels and 4 × 4 colours around their mean, is
   brought to length 1; the product of two is their correlation. The eight ways to mirror and turn a
   square only exchange its cells, so each picture is compared with eight forms of every other, and
   with five windows of it for copies that were cropped; the few most alike are kept.
2. Proof. The window of one that resembles the other most is found (`alignment`), and their
   difference must be small: in the mean, against their own contrast, and in every cell of a grid.

All with all takes time that grows with the square of their number, so no more than `MOST_COMPARED`
pictures are compared; beyond that only copies of the same outline are known (`similarity`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from imagier.auditing.alignment import align, windows
from imagier.machine import parallel_map

__all__ = ["MOST_COMPARED", "CopyKind", "CopyPair", "find_copies"]

CopyKind = Literal["identical", "saved_again", "mirrored", "turned", "cropped"]

MOST_COMPARED = 20_000
NEAREST = 3  # candidates a picture in each of the eight forms
LEAST_ALIKE, MORE_ALIKE = 0.9, 0.95  # correlation of coarse descriptions: upright, other forms
MAX_MEAN, MAX_CELL = 4.0, 10.0  # levels out of 255; the second in the cell that differs most
MORE_MEAN, MORE_CELL, LEAST_DETAIL = 6.0, 16.0, 0.8  # so much where the details agree as well
MAX_RELATIVE = 0.3  # of the contrast
FLATTEST = 6.0  # contrast below which nothing can be told
UNCROPPED = 0.012  # of the side: an edge nearer to the picture's own was not cropped
SMALLEST_WINDOW, BEYOND = 0.7, 0.012  # of the side: what still counts as the same picture
_CELLS, _COLOUR_CELLS = 8, 4
_FINE, _COMPARED = 32, 16  # sides at which pictures are aligned and compared
_ROWS, _PAIRS = 512, 512  # at a time
_GREY = np.array([0.299, 0.587, 0.114], np.float32)

# the eight forms of a square; a picture in form f resembles the other
_FORMS: tuple[Callable[[NDArray[np.float32]], NDArray[np.float32]], ...] = (
    lambda square: square,
    lambda square: square[:, :, ::-1],
    lambda square: square[:, ::-1],
    lambda square: square[:, ::-1, ::-1],
    lambda square: square.swapaxes(1, 2),
    lambda square: square.swapaxes(1, 2)[:, :, ::-1],
    lambda square: square.swapaxes(1, 2)[:, ::-1],
    lambda square: square.swapaxes(1, 2)[:, ::-1, ::-1],
)
_UPRIGHT, _MIRRORED = 0, frozenset({1, 2})  # the others are turned, mirrored beside or not

# windows of a picture whose copy may be cropped by a tenth: left, right, top, bottom
_WINDOWS = (
    *((0.05, 0.95, 0.05, 0.95), (0.0, 0.9, 0.0, 0.9), (0.1, 1.0, 0.1, 1.0)),
    *((0.0, 0.9, 0.1, 1.0), (0.1, 1.0, 0.0, 0.9)),
)

Levels = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyPair:
    """Two pictures of which one was made from the other.

    Attributes:
        first: One, as an index.
        second: The other, of a greater index.
        kind: How the copy was made.
        difference: Mean difference of their thumbnails once laid on each other, in levels of 255.
    """

    first: int
    second: int
    kind: CopyKind
    difference: float


def find_copies(thumbnails: NDArray[np.uint8]) -> tuple[CopyPair, ...]:
    """Find the pairs of different pictures of which one was made from the other.

    Args:
        thumbnails: Of each picture, (N, 64, 64, 3); a black one says nothing.

    Returns:
        Each pair once, in the order of their indices.
    """
    small = _shrunk(thumbnails)
    contrast = small.std(axis=(1, 2)).mean(axis=1)
    rows = np.flatnonzero(contrast >= FLATTEST)
    if len(rows) < 2:
        return ()
    candidates = _candidates(small[rows])
    candidates = (rows[candidates[0]], rows[candidates[1]], candidates[2])
    best: dict[tuple[int, int], CopyPair] = {}
    for pair in _proven(small, contrast, candidates):
        key = pair.first, pair.second
        if key not in best or pair.difference < best[key].difference:
            best[key] = pair
    return tuple(best[key] for key in sorted(best))


def _shrunk(thumbnails: NDArray[np.uint8]) -> Levels:
    """Average 2 × 2 pixels, (N, 32, 32, 3)."""
    count, side, _, colours = thumbnails.shape
    step = side // _FINE
    small = np.empty((count, _FINE, _FINE, colours), np.float32)
    for start in range(0, count, _ROWS):
        part = slice(start, start + _ROWS)
        blocks = thumbnails[part].reshape(-1, _FINE, step, _FINE, step, colours)
        small[part] = blocks.mean(axis=(2, 4), dtype=np.float32)
    return small


def _described(cells: Levels, form: int = _UPRIGHT) -> Levels:
    """Describe pictures in one form by numbers of mean 0 and length 1, (N, D).

    Args:
        cells: Their mean colours on a grid, (N, 8, 8, 3).
        form: Which of the eight.
    """
    turned = _FORMS[form](cells)
    count, step = len(turned), _CELLS // _COLOUR_CELLS
    grey = (turned @ _GREY).reshape(count, -1)
    grey = grey - grey.mean(axis=1, keepdims=True)
    large = turned.reshape(count, _COLOUR_CELLS, step, _COLOUR_CELLS, step, 3).mean(axis=(2, 4))
    colours = large[..., [0, 2]] - (large @ _GREY)[..., np.newaxis]
    numbers = np.concatenate([grey, colours.reshape(count, -1)], axis=1)
    lengths = np.linalg.norm(numbers, axis=1, keepdims=True)
    described: Levels = (numbers / np.maximum(lengths, 1e-6)).astype(np.float32)
    return described


def _candidates(small: Levels) -> tuple[Rows, Rows, Rows]:
    """Give pairs that look alike: pictures, the pictures that are to be turned, their forms."""
    cells = _in_cells(small).mean(axis=(2, 4))
    upright = _described(cells)
    forms = [(form, _described(cells, form).T) for form in range(len(_FORMS))]
    forms += [(_UPRIGHT, _described(_window_cells(small, edges)).T) for edges in _WINDOWS]

    def nearest(start: int) -> tuple[Rows, Rows, Rows]:
        rows = np.arange(start, min(start + _ROWS, len(small)))
        found: list[tuple[Rows, Rows, Rows]] = []
        for number, (form, described) in enumerate(forms):
            least = MORE_ALIKE if number else LEAST_ALIKE
            alike = upright[rows] @ described
            alike[np.arange(len(rows)), rows] = -1
            for _ in range(NEAREST):
                best = alike.argmax(axis=1)
                values = alike[np.arange(len(rows)), best]
                near = np.flatnonzero(values >= least)
                if not len(near):
                    break
                found.append((rows[near], best[near], np.full(len(near), form)))
                alike[near, best[near]] = -1
        return _joined(found)

    return _joined(list(parallel_map(nearest, range(0, len(small), _ROWS))))


def _joined(parts: list[tuple[Rows, Rows, Rows]]) -> tuple[Rows, Rows, Rows]:
    if not parts:
        empty = np.empty(0, np.int64)
        return empty, empty, empty
    left, right, forms = (np.concatenate(column) for column in zip(*parts, strict=True))
    return left, right, forms


def _proven(
    small: Levels, contrast: Levels, candidates: tuple[Rows, Rows, Rows]
) -> Iterator[CopyPair]:
    """Give the candidates that are the same once one is laid on the other."""
    starts = range(0, len(candidates[0]), _PAIRS)

    def prove(start: int) -> list[CopyPair]:
        part = slice(start, start + _PAIRS)
        left, right, forms = (column[part] for column in candidates)
        second = small[left]
        first = np.empty_like(second)
        for form in np.unique(forms):
            is_form = forms == form
            first[is_form] = _FORMS[form](small[right[is_form]])
        edges = align(first @ _GREY, second @ _GREY)
        mean, is_near = _compared(windows(first, edges), second)
        bound = MAX_RELATIVE * np.minimum(contrast[left], contrast[right])
        is_same = is_near & (mean <= bound) & _is_inside(edges)
        is_cut = np.abs(edges - np.array([0, 1, 0, 1], np.float32)).max(axis=1) > UNCROPPED
        return [
            CopyPair(
                first=int(min(left[at], right[at])),
                second=int(max(left[at], right[at])),
                kind=_kind(int(forms[at]), bool(is_cut[at])),
                difference=float(mean[at]),
            )
            for at in np.flatnonzero(is_same)
        ]

    for pairs in parallel_map(prove, starts):
        yield from pairs


def _compared(window: Levels, second: Levels) -> tuple[Levels, NDArray[np.bool_]]:
    """Give the mean difference of pictures laid on each other, and whether they may be one.

    Cropping and shrinking blur what is fine, most where a picture has many stripes. So levels are
    compared at half the size; and differences a little larger are allowed where the details
    correlate, the mean of each cell taken off.
    """
    step = _FINE // _COMPARED
    blocks = (window - second).reshape(-1, _COMPARED, step, _COMPARED, step, 3)
    apart = np.abs(blocks.mean(axis=(2, 4))).mean(axis=3)
    mean = apart.mean(axis=(1, 2))
    cell = _in_cells(apart).mean(axis=(2, 4)).max(axis=(1, 2))
    one, other = _details(window), _details(second)
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    agreement = (one * other).sum(axis=1) / np.maximum(lengths, 1e-6)
    is_near = np.asarray((mean <= MAX_MEAN) & (cell <= MAX_CELL))
    has_details = (mean <= MORE_MEAN) & (cell <= MORE_CELL) & (agreement >= LEAST_DETAIL)
    return mean, np.asarray(is_near | has_details)


def _details(pictures: Levels) -> Levels:
    cells = _in_cells(pictures @ _GREY)
    details: Levels = (cells - cells.mean(axis=(2, 4), keepdims=True)).reshape(len(pictures), -1)
    return details


def _in_cells(pictures: Levels) -> Levels:
    """Cut pictures into 8 × 8 cells, (n, 8, rows, 8, columns, ...)."""
    count, side, _, *colours = pictures.shape
    step = side // _CELLS
    return pictures.reshape(count, _CELLS, step, _CELLS, step, *colours)


def _window_cells(small: Levels, edges: tuple[float, ...]) -> Levels:
    """Give the mean colours on a grid of one window of each picture, (N, 8, 8, 3)."""
    cells = []
    for start in range(0, len(small), _ROWS):
        part = small[start : start + _ROWS]
        cut = windows(part, np.tile(np.array(edges, np.float32), (len(part), 1)))
        cells.append(_in_cells(cut).mean(axis=(2, 4)))
    return np.concatenate(cells)


def _is_inside(edges: Levels) -> NDArray[np.bool_]:
    """Tell whether a window lies within the picture and holds most of it."""
    low, high = edges[:, [0, 2]], edges[:, [1, 3]]
    is_within = (low >= -BEYOND).all(axis=1) & (high <= 1 + BEYOND).all(axis=1)
    return np.asarray(is_within & (high - low >= SMALLEST_WINDOW).all(axis=1))


def _kind(form: int, is_cut: bool) -> CopyKind:
    if form != _UPRIGHT:
        return "mirrored" if form in _MIRRORED else "turned"
    return "cropped" if is_cut else "saved_again"
