"""The pictures of a lesson, opened once and prepared for whichever network asks."""

import dataclasses
import os
from pathlib import Path

from imagier.datasets import (
    Listing,
    check_classes,
    join_test,
    load,
    merge_classes,
    open_source,
    sample_prepare,
    split,
)
from imagier.features.efficientnet_lite import is_installed
from imagier.images import Prepare
from imagier.learning.steps import Step, Watch
from imagier.learning.task import Task
from imagier.learning.wishes import Wishes
from imagier.neurons import input_size_of
from imagier.recognizer import Recognizer

__all__ = ["Material"]

SMALL = 64  # pictures whose sides are not longer are learnt whole by a network of layers


class Material:
    """What a source holds, and the tasks that networks make of it.

    All tasks of one material have the same pictures in the same parts: the parts depend on
    the pictures and the seed, not on the size of the input.

    Args:
        source: The pictures.
        wishes: What the user asked.
        past: The model whose plan is carried out again, if one is.
        watch: Called while pictures are read.

    Raises:
        ImagierError: When the source cannot be opened or its names cannot be used.
    """

    def __init__(
        self,
        source: str | os.PathLike[str],
        wishes: Wishes,
        past: Recognizer | None,
        watch: Watch,
    ) -> None:
        self.wishes = wishes
        self._past, self._watch = past, watch
        self._listing = _list(source, wishes)
        self._tasks: dict[Prepare, Task] = {}

    def read(self, network: str) -> None:
        """Read the pictures as a network, or `auto`, will first want them."""
        if network.lower() != "auto":
            self.task(network)
        elif self.holds_photos() and is_installed():
            self.task("features")
        else:
            self.task("cnn")

    def task(self, network: str) -> Task:
        """Prepare the pictures for a network; what is prepared already is given again."""
        settings = self._past.prepare if self._past else self.prepare_for(network)
        if settings not in self._tasks:
            self._tasks[settings] = self._make(settings)
        return self._tasks[settings]

    def prepare_for(self, network: str) -> Prepare:
        """Choose how the pictures become the input of a network."""
        wanted = input_size_of(network)
        wishes = self.wishes
        limit = SMALL if wanted.limit is None else wanted.limit
        settings = sample_prepare(self._listing, limit=limit, ink=wishes.ink, fit=wishes.fit)
        if wanted.exact is None:
            return settings
        height, width = wanted.exact
        return dataclasses.replace(settings, height=height, width=width)

    def holds_photos(self) -> bool:
        """Tell whether the pictures are larger than networks of layers take whole."""
        settings = self.prepare_for("features")
        return settings.ink is None and max(settings.height, settings.width) > SMALL

    def _make(self, settings: Prepare) -> Task:
        wishes, past = self.wishes, self._past
        dataset = load(
            self._listing,
            settings,
            progress=lambda done, total: self._watch(Step(phase="data", done=done, total=total)),
        )
        parts = split(
            dataset,
            seed=wishes.seed if past is None else past.card.seed,
            drop_conflicts=wishes.drop_conflicts,
            reuse=None if wishes.split is None else Path(wishes.split),
        )
        return Task(dataset=dataset, parts=parts, wishes=wishes)


def _list(source: str | os.PathLike[str], wishes: Wishes) -> Listing:
    listing = merge_classes(open_source(source, group=wishes.group), wishes.classes, wishes.other)
    if wishes.test is not None:
        test = open_source(wishes.test, group=wishes.group)
        listing = join_test(listing, _same_classes(test, wishes), other=wishes.other)
    return check_classes(listing)


def _same_classes(test: Listing, wishes: Wishes) -> Listing:
    """Leave out of the test what `--classes` left out of the source."""
    if not wishes.classes or wishes.other is not None:
        return test
    return test.take(row for row, label in enumerate(test.labels) if label in wishes.classes)
