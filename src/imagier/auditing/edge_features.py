"""Small pictures as lists of numbers by which a straight boundary tells them apart.

A single layer of neurons on bare pixels names few small pictures right. It names far more on how
strongly edges run in each direction, counted in the cells of a grid: moving a stroke by a pixel
changes these counts little. A coarse picture of the colours stands beside them.

Source: N. Dalal, B. Triggs, "Histograms of oriented gradients for human detection", CVPR 2005.
"""

import numpy as np
from numpy.typing import NDArray

from imagier.machine import parallel_map

__all__ = ["edge_features"]

CELLS, DIRECTIONS, COLOURS = 7, 8, 4
_ROWS = 1024  # pictures at a time
_LEAST = 1e-6

Numbers = NDArray[np.float32]


def edge_features(pixels: NDArray[np.uint8]) -> Numbers:
    """Describe pictures of one size by their edges and coarse colours.

    Args:
        pixels: (N, H, W, C).

    Returns:
        7 × 7 cells of 8 directions, then 4 × 4 cells of C colours, (N, 392 + 16 C).

    >>> edge_features(np.zeros((2, 9, 9, 1), np.uint8)).shape
    (2, 408)
    """
    starts = range(0, len(pixels), _ROWS)
    parts = list(parallel_map(lambda start: _described(pixels[start : start + _ROWS]), starts))
    return np.concatenate(parts) if parts else np.empty((0, 1), np.float32)


def _described(pixels: NDArray[np.uint8]) -> Numbers:
    count, height, width, _ = pixels.shape
    levels = pixels.astype(np.float32)
    grey = levels.mean(axis=3)
    down, across = np.zeros_like(grey), np.zeros_like(grey)
    down[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    across[:, :, 1:-1] = grey[:, :, 2:] - grey[:, :, :-2]
    strength = np.hypot(down, across)
    turn = (np.arctan2(down, across) / np.float32(np.pi)) % 1 * DIRECTIONS
    lower = turn.astype(np.int8) % DIRECTIONS
    share = turn - np.floor(turn)
    rows, columns = _cells(height, CELLS), _cells(width, CELLS)
    edges = []
    for direction in range(DIRECTIONS):
        part = (lower == direction) * (1 - share)
        part += ((lower + 1) % DIRECTIONS == direction) * share
        edges.append(rows @ (strength * part) @ columns.T)
    table = np.sqrt(np.stack(edges, axis=3).reshape(count, -1))
    table /= np.linalg.norm(table, axis=1, keepdims=True) + _LEAST
    grid = _cells(height, COLOURS), _cells(width, COLOURS)
    small = np.einsum("ah,nhwc,bw->nabc", grid[0], levels, grid[1], optimize=True)
    colours = small.reshape(count, -1) / 255
    return np.concatenate([table, colours], axis=1).astype(np.float32)


def _cells(size: int, cells: int) -> Numbers:
    """Give weights that gather `size` pixels into overlapping cells, (cells, size)."""
    wide = size / cells
    centre = (np.arange(cells) + 0.5) * wide
    place = np.arange(size) + 0.5
    weights = np.clip(1 - np.abs(place - centre[:, np.newaxis]) / wide, 0, None)
    sums = np.maximum(weights.sum(axis=1, keepdims=True), _LEAST)
    return np.asarray(weights / sums, np.float32)
