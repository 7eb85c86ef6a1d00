"""Who belongs together when pairs belong together: connected components, many pairs at a time."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Components"]


class Components:
    """Sets of numbers that grow together, pair by pair.

    >>> sets = Components(5)
    >>> sets.join(np.array([0, 3]), np.array([4, 4]))
    >>> sets.labels.tolist()
    [0, 1, 2, 0, 0]

    Attributes:
        labels: The smallest member of each number's set, (N,).
    """

    def __init__(self, count: int) -> None:
        """Begin with `count` numbers, each alone."""
        self.labels: NDArray[np.int64] = np.arange(count)

    def join(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> None:
        """Put `left[i]` and `right[i]` into one set, for every i."""
        while True:
            one, other = self.labels[left], self.labels[right]
            apart = one != other
            if not apart.any():
                return
            low, high = np.minimum(one, other)[apart], np.maximum(one, other)[apart]
            np.minimum.at(self.labels, high, low)
            self._flatten()

    def _flatten(self) -> None:
        """Let every number point at the smallest of its set directly."""
        while True:
            labels = self.labels[self.labels]
            if np.array_equal(labels, self.labels):
                return
            self.labels = labels
