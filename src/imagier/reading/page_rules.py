"""Printed rules and frames, taken off the ink of a page: what is long, thin and straight.

A stroke of writing that crosses a rule stays whole: where there is ink above and below it, the ink
between them stays.

>>> page = np.zeros((30, 60), bool)
>>> page[20, :] = True
>>> page[8:26, 30:33] = True
>>> left = without_rules(page, 12)
>>> bool(left[:, 10].any()), bool(left[8:26, 31].all())
(False, True)
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["without_rules"]

LONG, TALL = 2.8, 2.2  # times the height of characters, a rule along a line and one across
SIDE = 0.8  # times the height of characters, the side of a frame, between two rules
THIN, LEAST_THIN = 0.22, 5  # times the height of characters, the thickest rule; in pixels
CROSSED = 3  # pixels above and below a rule in which a stroke that crosses it is looked for
CORNER = 2  # pixels from a rule's middle at which a side ends

Mask = NDArray[np.bool_]


def without_rules(mask: Mask, height: float) -> Mask:
    """Take rules off the ink of a page that lies straight.

    Args:
        mask: Where there is ink, (h, w).
        height: Of most characters, in pixels.
    """
    thick = max(LEAST_THIN, round(THIN * height))
    down_lengths, along_lengths = _run_lengths(mask.T).T, _run_lengths(mask)
    thin_down, thin_along = mask & (down_lengths <= thick), mask & (along_lengths <= thick)
    is_long = _run_lengths(_spread(mask)) >= LONG * height
    along = thin_down & is_long
    down, ends = _spread(mask.T), _near(_near(along, CORNER).T, thick + 1)
    is_side = _run_lengths(down, between=ends) >= SIDE * height
    is_tall = ((_run_lengths(down) >= TALL * height) | is_side).T
    across = thin_along & is_tall
    rest = mask & ~(along | across | (is_long & is_tall))
    crossing = (along & _between(rest, thick)) | (across & _between(rest.T, thick).T)
    kept: Mask = rest | crossing
    return kept


def _spread(mask: Mask) -> Mask:
    """Make ink a row wider above and below: a rule that climbs by a row does not break."""
    joined = mask.copy()
    joined[1:] |= mask[:-1]
    joined[:-1] |= mask[1:]
    return joined


def _near(mask: Mask, reach: int) -> Mask:
    """Spread ink by some pixels up and down."""
    for _ in range(reach):
        mask = _spread(mask)
    return mask


def _run_lengths(mask: Mask, *, between: Mask | None = None) -> NDArray[np.int32]:
    """Give each pixel the length of the run of ink along its row, 0 where there is none.

    Args:
        mask: Where there is ink.
        between: Where a run must begin and end to count; None for all runs.
    """
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    runs = ends - starts
    counted = runs
    if between is not None:
        counted = np.where(between[rows, starts] & between[rows, ends - 1], runs, 0)
    lengths = np.zeros(mask.shape, np.int32)
    lengths[mask] = np.repeat(counted, runs)
    return lengths


def _between(rest: Mask, thick: int) -> Mask:
    """Tell where there is ink above and below, no farther than across a rule."""
    above, below = np.zeros_like(rest), np.zeros_like(rest)
    for step in range(1, thick + CROSSED):
        above[step:] |= rest[:-step]
        below[:-step] |= rest[step:]
    both: Mask = above & below
    return both
