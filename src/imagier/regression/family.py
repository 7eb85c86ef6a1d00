"""What every family of functions answers: its values, its jacobian, where to begin looking.

A family may count inside with other parameters than it reports: a polynomial of the years 2000 to
2025 is only sound when it is written around their mean. What is searched are the inner parameters.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Family", "Numbers"]

Numbers = NDArray[np.float64]


class Family(Protocol):
    """A shape of function whose parameters are to be found.

    Attributes:
        name: What the user typed, such as `poly:2`.
        parameters: The names of the k parameters that are reported.
        is_linear: Whether the values are a sum of parameters times known numbers.
    """

    @property
    def name(self) -> str:
        """What the user typed."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the k parameters."""

    @property
    def is_linear(self) -> bool:
        """Whether one system of equations gives the best parameters."""

    def values(self, x: Numbers, inner: Numbers) -> Numbers:
        """Compute y for points (n, m) and inner parameters (k,): (n,)."""

    def jacobian(self, x: Numbers, inner: Numbers) -> Numbers:
        """Derive the values by each inner parameter, (n, k)."""

    def starts(self, x: Numbers, y: Numbers) -> Sequence[Numbers]:
        """Give inner parameters from which to look for the best ones."""

    def reported(self, inner: Numbers) -> Numbers:
        """Turn inner parameters into those that are reported, (k,)."""

    def reported_jacobian(self, inner: Numbers) -> Numbers:
        """Derive each reported parameter by each inner one, (k, k)."""
