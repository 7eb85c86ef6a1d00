"""A cloud to begin with, set like the one of Wikipedia's article: three groups that the eye sees.

>>> from imagier.kmeans import kmeans
>>> cloud = example("groups")
>>> cloud.titles, cloud.points.shape
(('x', 'y'), (150, 2))
>>> sorted(kmeans(cloud.points, 3, restarts=5).sizes.tolist())
[48.0, 50.0, 52.0]
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["EXAMPLES", "Example", "example"]

EXAMPLES = ("groups",)
_MIDDLES = ((2.0, 2.5), (5.5, 6.0), (8.0, 2.0))
_SPREADS = ((0.7, 0.9), (1.0, 0.7), (0.8, 0.6))
_SHARES = (0.35, 0.40, 0.25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A made-up cloud.

    Attributes:
        titles: Names of its D columns.
        points: (N, D), rounded to hundredths.
    """

    titles: tuple[str, ...]
    points: NDArray[np.float64]


def example(name: str) -> Example:
    """Give one of `EXAMPLES`: synthetic, the same each time.

    Args:
        name: Which one.
    """
    assert name in EXAMPLES, name  # noqa: S101 - callers choose from the list
    chance = np.random.default_rng(6)
    groups = chance.choice(3, 150, p=_SHARES)
    drawn = chance.normal(size=(150, 2)) * np.array(_SPREADS)[groups]
    points = np.round(np.array(_MIDDLES)[groups] + drawn, 2)
    return Example(titles=("x", "y"), points=points)
