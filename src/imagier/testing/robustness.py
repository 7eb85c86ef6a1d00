"""Robustness: how often is a recogniser still right when the pictures are spoilt?

The same test pictures are shown again under each condition of `conditions.py`, and the right
answers are counted beside those on the pictures as they are. Nothing is ever chosen on these
figures. Of a large test part 1,000 pictures are taken, those whose hashes come first, so that the
same set gives the same sample.
"""

import math
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.machine import available_cores
from imagier.recognizer.engine import held_batch, prefetch
from imagier.testing.conditions import CONDITIONS, SIMPLE, altered, is_applicable
from imagier.testing.corruptions import CORRUPTIONS, SEVERITIES
from imagier.testing.gallery import thumbnail

if TYPE_CHECKING:
    from imagier.datasets import Dataset
    from imagier.recognizer import Recognizer
    from imagier.testing.evaluation import Evaluation
    from imagier.testing.metrics import Integers

__all__ = ["Example", "Robustness", "measure_robustness"]

MOST_PICTURES = 1_000
SHOWN_SEVERITY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One picture under one condition.

    Attributes:
        condition: The condition.
        png: The picture.
        answered: What the recogniser answered.
        is_right: Whether that is its name.
    """

    condition: str
    png: bytes
    answered: str
    is_right: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Robustness:
    """How many pictures were named right under each condition.

    Attributes:
        n: The pictures that were shown under each condition.
        of: The pictures of the test part that they were taken from.
        correct: Those named right, by condition; None where a condition changes nothing.
        examples: One picture under each condition, corruptions at severity 3.
    """

    n: int
    of: int
    correct: Mapping[str, int | None]
    examples: tuple[Example, ...] = ()

    def accuracy(self, condition: str) -> float | None:
        """Give the share named right, 0..1, under a condition; None where it changes nothing."""
        correct = self.correct[condition]
        return None if correct is None or not self.n else correct / self.n

    def corruption_mean(self, corruption: str) -> float:
        """Give the mean share named right over the five severities of a corruption."""
        return self._mean([f"{corruption}_{severity}" for severity in SEVERITIES])

    @property
    def clean(self) -> float:
        """The share named right of the same pictures as they are."""
        return self._mean(["clean"])

    @property
    def mean(self) -> float:
        """The mean share named right over all corruptions and severities."""
        return self._mean(
            [f"{one}_{severity}" for one, severity in product(CORRUPTIONS, SEVERITIES)]
        )

    @property
    def worst(self) -> str:
        """The condition under which the fewest are named right."""
        known = {name: count for name, count in self.correct.items() if count is not None}
        return min(known, key=lambda name: known[name])

    def to_json(self) -> dict[str, Any]:
        """Give the shares by condition, their mean over the corruptions, the lowest, and n."""
        return {
            "n": self.n,
            **{condition: self.accuracy(condition) for condition in CONDITIONS},
            "mean": self.mean,
            "worst": self.accuracy(self.worst),
        }

    def _mean(self, conditions: list[str]) -> float:
        shares = [self.accuracy(condition) or 0.0 for condition in conditions]
        return sum(shares) / len(shares)


def measure_robustness(
    recognizer: "Recognizer",
    dataset: "Dataset",
    evaluation: "Evaluation",
    *,
    seed: int = 0,
    most: int = MOST_PICTURES,
    progress: Callable[[int, int], object] | None = None,
) -> Robustness:
    """Show the pictures of a test again, spoilt in every way of `CONDITIONS`.

    Args:
        recognizer: Who is tested.
        dataset: The pictures.
        evaluation: What was answered to them as they are.
        seed: What makes another draw of noise, snow, fog.
        most: How many pictures are shown at most.
        progress: Called with the pictures shown and the pictures to show, conditions counted.
    """
    settings = recognizer.prepare
    conditions = [one for one in CONDITIONS if is_applicable(one, settings)]
    hashes = np.asarray(dataset.hashes)[evaluation.indices]
    places = np.argsort(hashes, kind="stable")[:most]
    keys = [zlib.crc32(str(one).encode()) for one in hashes[places]]
    shown = evaluation.indices[places]
    # all conditions of a picture one after the other: it is read from the disk once
    items = product(range(len(places)), conditions)

    def spoilt(item: tuple[int, str]) -> NDArray[np.uint8]:
        place, condition = item
        picture = dataset.pixels[shown[place]]
        return altered(picture, condition, settings, key=keys[place], seed=seed)

    predicted = np.concatenate(
        [*_predicted(recognizer, items, spoilt, len(places) * len(conditions), progress), []]
    ).astype(np.int64)
    table = predicted.reshape(len(places), len(conditions))
    right = (table == evaluation.labels[places, np.newaxis]).sum(axis=0)
    counted = dict(zip(conditions, right.tolist(), strict=True))
    return Robustness(
        n=len(places),
        of=len(evaluation.indices),
        correct={condition: counted.get(condition) for condition in CONDITIONS},
        examples=_examples(recognizer, evaluation.labels[places], table, conditions, spoilt),
    )


def _predicted(
    recognizer: "Recognizer",
    items: Iterator[tuple[int, str]],
    spoilt: Callable[[tuple[int, str]], NDArray[np.uint8]],
    total: int,
    progress: Callable[[int, int], object] | None,
) -> Iterator["Integers"]:
    """Name the spoilt pictures, while the next ones are being spoilt."""
    settings, done = recognizer.prepare, 0
    values = settings.height * settings.width * settings.channels
    batch = held_batch(values, most=64)
    for pictures in prefetch(items, spoilt, batch=batch, threads=min(4, available_cores())):
        yield recognizer.probabilities(np.stack(pictures)).argmax(axis=1)
        done += len(pictures)
        if progress:
            progress(done, total)


def _examples(
    recognizer: "Recognizer",
    labels: "Integers",
    table: "Integers",
    conditions: list[str],
    spoilt: Callable[[tuple[int, str]], NDArray[np.uint8]],
) -> tuple[Example, ...]:
    """Pick the picture whose share of right answers is nearest to the mean of all."""
    if not len(table):
        return ()
    right = (table == labels[:, np.newaxis]).mean(axis=1)
    known = np.where(table[:, 0] == labels, np.abs(right - right.mean()), math.inf)
    place = int(known.argmin())
    wanted = ("clean", *SIMPLE, *(f"{name}_{SHOWN_SEVERITY}" for name in CORRUPTIONS))
    full_scale = recognizer.prepare.full_scale
    return tuple(
        Example(
            condition=condition,
            png=thumbnail(spoilt((place, condition)), full_scale=full_scale, largest=96),
            answered=recognizer.classes[table[place, conditions.index(condition)]],
            is_right=bool(table[place, conditions.index(condition)] == labels[place]),
        )
        for condition in wanted
        if condition in conditions
    )
