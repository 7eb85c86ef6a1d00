"""Sets of names that hold the true one with a stated probability: what a model card keeps of them.

How likely a name must be to belong to the set was read off pictures that were not learnt from
(`imagier.testing.conformal`), once for each hundredth of coverage.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["COVERAGES", "SETS", "NameLimit", "choose_limit", "names_in_set", "stored_limits"]

SETS = "sets"  # under which a model card keeps, of each coverage, its limit and the pictures
COVERAGES = (*(place / 100 for place in range(50, 100)), 0.995, 0.999)

NameLimit = tuple[float, float, int]  # coverage, least probability of a name, pictures that judged


def stored_limits(thresholds: Mapping[str, Any]) -> tuple[NameLimit, ...]:
    """Read what a model card keeps, the least coverage first; nothing where that is none."""
    try:
        rows = [(float(a), float(b), int(n)) for a, b, n in thresholds[SETS]]
    except (KeyError, TypeError, ValueError, OverflowError):
        return ()
    is_right = all(0 < a < 1 and 0 <= b <= 1 and n > 0 for a, b, n in rows)
    return tuple(sorted(rows)) if is_right else ()


def choose_limit(rows: Sequence[NameLimit], coverage: float) -> NameLimit | None:
    """Take the least coverage that is as large as the one asked for; None where there is none."""
    return next((row for row in rows if row[0] >= coverage - 1e-12), None)


def names_in_set(
    classes: Sequence[str], probabilities: NDArray[np.float32], limit: float
) -> tuple[str, ...]:
    """Give the names that are likely enough, the likeliest first; the first choice always.

    >>> names_in_set(["cat", "dog", "cow"], np.array([0.3, 0.6, 0.1], np.float32), 0.2)
    ('dog', 'cat')
    """
    order = np.argsort(-probabilities, kind="stable")
    likely = probabilities[order].astype(np.float64) >= limit - 1e-9
    return tuple(classes[place] for place in order[: max(1, int(likely.sum()))])
