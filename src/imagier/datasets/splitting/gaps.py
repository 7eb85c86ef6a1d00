"""Move groups where a class lacks a part.

A hash leaves gaps in small classes: with three groups, often none is for the test. Where a class of
three groups or more lacks a part, the group whose number is nearest to that part's threshold is
moved there. Every class keeps a group to learn from; one with fewer than three has no right to
more.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.splitting.part_hashes import TEST, TEST_SHARE, TRAIN, VALIDATION

__all__ = ["ENTITLED", "Gaps"]

ENTITLED = 3  # groups from which on a class has a right to every part


class Gaps:
    """Groups with their parts and classes, while gaps are filled.

    Attributes:
        parts: The part of each group, (G,).
        moved: The classes for which a group was moved.
    """

    def __init__(
        self,
        parts: NDArray[np.int8],
        lots: NDArray[np.float64],
        share: float,
        members: NDArray[np.int64],
    ) -> None:
        """Take the parts that the hashes tell.

        Args:
            parts: The part of each group, (G,).
            lots: The two numbers of each group, (G, 2).
            share: The share below which the second number means validation.
            members: Pairs of a group and a class that it holds, each once, (P, 2).
        """
        self.parts = parts
        self.moved: list[int] = []
        self._lots = lots
        self._thresholds = {TEST: TEST_SHARE, VALIDATION: share}
        self._groups: dict[int, list[int]] = {}
        self._classes: dict[int, list[int]] = {}
        for group, label in members.tolist():
            self._groups.setdefault(label, []).append(group)
            self._classes.setdefault(group, []).append(label)
        self._counts = np.zeros((3, max(self._groups, default=0) + 1), dtype=np.int64)
        np.add.at(self._counts, (parts[members[:, 0]], members[:, 1]), 1)

    def fill(self, made: Iterable[int]) -> None:
        """Give every class a group to learn from, then those entitled to it one for each part.

        Args:
            made: The parts other than training that are made here.
        """
        for part in (TRAIN, *made):
            for label, groups in sorted(self._groups.items()):
                is_due = part == TRAIN or len(groups) >= ENTITLED
                if is_due and not self._counts[part, label]:
                    self._move_one(groups, part, label)

    def _move_one(self, groups: list[int], part: int, label: int) -> None:
        free = [group for group in groups if self._can_leave(group)]
        if not free:
            return
        group = min(free, key=lambda one: (self._distance(one, part), one))
        for held in self._classes[group]:
            self._counts[self.parts[group], held] -= 1
            self._counts[part, held] += 1
        self.parts[group] = part
        self.moved.append(label)

    def _can_leave(self, group: int) -> bool:
        """Tell whether no class of the group loses a part that it has a right to."""
        part = self.parts[group]
        return all(
            self._counts[part, label] > 1 or (part != TRAIN and len(self._groups[label]) < ENTITLED)
            for label in self._classes[group]
        )

    def _distance(self, group: int, part: int) -> float:
        """Tell how far the group's number is from the threshold of the part."""
        if part == TRAIN:
            part = int(self.parts[group])
        column = 0 if part == TEST else 1
        return abs(float(self._lots[group, column]) - self._thresholds[part])
