"""Small shifts and scalings between two pictures, found by following the gradient.

A picture that was cropped a little shows the same things, somewhat larger and elsewhere. Which
window of the first, brought to the size of the second, resembles it most? With scales s and shifts
t across and down, the squared difference

    E(s, t) = mean over pixels of (first(s x + t) - second(x))²

is nearly a square function of s and t where they are small, so that a few steps of Gauss and Newton
reach its lowest point. Scaling and shifting along the rows and along the columns are each one
matrix, so a window is two products of matrices.

Source: B. D. Lucas, T. Kanade, "An iterative image registration technique with an application to
stereo vision", IJCAI 1981.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["align", "windows"]

STEPS = 5
DAMPING = 1e-3  # of the mean curvature: keeps flat pictures from being thrown about
LARGEST_STEP = 0.06  # of the side, for a scale or a shift at a time

Levels = NDArray[np.float32]


def align(first: Levels, second: Levels) -> Levels:
    """Find for each pair the window of the first picture that resembles the second most.

    Args:
        first: Grey pictures, (P, S, S).
        second: Those beside them, (P, S, S).

    Returns:
        Where each window lies, in shares of the side: left, right, top and bottom edge, (P, 4);
        0, 1, 0, 1 is the whole picture, and a window may reach beyond it.
    """
    pairs, side, _ = first.shape
    place = ((np.arange(side, dtype=np.float32) + 0.5) / side - 0.5).astype(np.float32)
    found = np.tile(np.array([1, 0, 1, 0], np.float32), (pairs, 1))  # scale, shift; across, down
    for _ in range(STEPS):
        window = _window(first, found)
        slope_down, slope_across = (slope * side for slope in np.gradient(window, axis=(1, 2)))
        directions = np.stack(
            [
                slope_across * place,
                slope_across,
                slope_down * place[:, np.newaxis],
                slope_down,
            ],
            axis=1,
        ).reshape(pairs, 4, -1)
        error = (second - window).reshape(pairs, -1, 1)
        curvature = directions @ directions.transpose(0, 2, 1)
        trace = np.trace(curvature, axis1=1, axis2=2)[:, np.newaxis, np.newaxis] / 4
        curvature += (DAMPING * trace + 1e-6) * np.eye(4, dtype=np.float32)
        step = np.linalg.solve(curvature, directions @ error)[:, :, 0]
        found += np.clip(step, -LARGEST_STEP, LARGEST_STEP).astype(np.float32)
    across, down = (0.5 + found[:, at + 1] for at in (0, 2))
    half_wide, half_high = found[:, 0] / 2, found[:, 2] / 2
    edges: Levels = np.stack(
        [across - half_wide, across + half_wide, down - half_high, down + half_high], axis=1
    )
    return edges


def windows(pictures: Levels, edges: Levels) -> Levels:
    """Cut a window from each picture and bring it to the picture's size.

    Args:
        pictures: (P, S, S) or (P, S, S, C).
        edges: As `align` gives them, (P, 4).

    >>> ramp = np.tile(np.arange(8, dtype=np.float32), (1, 8, 1))
    >>> windows(ramp, np.array([[0.25, 0.75, 0, 1]], np.float32))[0, 0].round(2).tolist()
    [1.75, 2.25, 2.75, 3.25, 3.75, 4.25, 4.75, 5.25]
    """
    scales = np.stack(
        [
            edges[:, 1] - edges[:, 0],
            (edges[:, 0] + edges[:, 1]) / 2 - 0.5,
            edges[:, 3] - edges[:, 2],
            (edges[:, 2] + edges[:, 3]) / 2 - 0.5,
        ],
        axis=1,
    ).astype(np.float32)
    if pictures.ndim == 3:
        return _window(pictures, scales)
    colours = [_window(pictures[..., at], scales) for at in range(pictures.shape[3])]
    return np.stack(colours, axis=-1)


def _window(pictures: Levels, scales: Levels) -> Levels:
    side = pictures.shape[1]
    across = _interpolation(scales[:, 0], scales[:, 1], side)
    down = _interpolation(scales[:, 2], scales[:, 3], side)
    return np.asarray(down @ pictures @ across.transpose(0, 2, 1), np.float32)


def _interpolation(scale: Levels, shift: Levels, side: int) -> Levels:
    """Give the weights by which pixels are read between pixels, (P, side, side)."""
    place = (np.arange(side) + 0.5) / side - 0.5
    read = (scale[:, np.newaxis] * place + shift[:, np.newaxis] + 0.5) * side - 0.5
    read = np.clip(read, 0, side - 1)
    apart = np.abs(read[:, :, np.newaxis] - np.arange(side))
    return np.asarray(np.maximum(1 - apart, 0), np.float32)
