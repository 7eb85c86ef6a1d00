"""Learning on top of a backbone: look at each picture once, then fit one layer of neurons."""

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from imagier.errors import UsageError
from imagier.features import (
    Extraction,
    FeaturePlan,
    FittedHead,
    View,
    average_views,
    export_features,
    extract,
    fit_head,
    open_backbone,
)
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.learning.learner import Learner
from imagier.learning.looking import looks_within, rows_of
from imagier.learning.resuming import Page
from imagier.learning.steps import Step, Watch
from imagier.learning.task import Task
from imagier.learning.wishes import Wishes
from imagier.machine import available_cores
from imagier.recognizer import EpochRow, Recognizer, Trial
from imagier.training import Clock, class_weights

__all__ = ["FeatureLearner", "refuse_shuffled"]

WITNESSES = 64  # validation pictures on which the exported recogniser is compared


class FeatureLearner(Learner):
    """The learning of a head on the features of a backbone.

    Args:
        task: What it learns from.
        network: Canonical name of the backbone.
        plan: A plan to carry out again; None to make one.

    Raises:
        UsageError: `shuffled_photos`, when pixels are to be put in another order.
        ImagierError: As `open_backbone` tells.
    """

    def __init__(self, task: Task, network: str, plan: FeaturePlan | None = None) -> None:
        super().__init__(task, network)
        refuse_shuffled(network, task.wishes)
        self.backbone = open_backbone(network)
        self.plan = plan or self._first_plan()
        self.is_again = plan is not None
        self.head: FittedHead | None = None
        self._rows: NDArray[np.int64] = np.empty(0, np.int64)
        self._features: NDArray[np.floating] = np.empty((0, 0), np.float32)

    def run(self, clock: Clock | None, watch: Watch, page: Page) -> None:
        """Look at the pictures in as many ways as the plan says, then fit the head."""
        began = time.monotonic()
        past = page.recall()
        self.notes += page.notes
        if past is not None:
            self.plan = FeaturePlan.from_json(past)
        elif clock and not self.is_again:
            watch(Step(phase="pilot"))
            self.plan = looks_within(clock, self.task, self.backbone, self.plan)
        if past is None:
            page.begin(self.plan.to_json(), self.notes)
        self._features = average_views(list(self._looks(watch)))
        watch(Step(phase="fit"))
        self._fit()
        self.seconds = time.monotonic() - began

    def export(self) -> Recognizer:
        """Write backbone and head as one recogniser, checked against what learnt it."""
        card = self.task.card(
            self.network, parameters=self.parameters, seed=self.plan.seed, plan=self.plan.to_json()
        )
        witnesses = rows_of(self.task.parts, self.plan)[1][:WITNESSES]
        return export_features(
            self.backbone,
            self.plan.views,
            self._fitted.head,
            card,
            reference_inputs=self.task.dataset.pixels[witnesses],
            expected=self.known_answers(witnesses),
            golden=self.task.golden(),
        )

    def tried(self) -> Trial:
        """Give its line in a comparison."""
        return Trial(parameters=self.parameters, **(self._score() | {"pictures": self.plan.train}))

    def known_answers(self, rows: NDArray[np.int64]) -> NDArray[np.float32] | None:
        """Give the probabilities of pictures whose features are known, (N, K); None if any is not.

        Args:
            rows: Training or validation pictures.
        """
        if not np.isin(rows, self._rows).all():
            return None
        places = np.searchsorted(self._rows, rows)
        return self._fitted.head.probabilities(self._features[places])

    def answers(self, rows: NDArray[np.int64], view: View) -> NDArray[np.float32]:
        """Give the probabilities of pictures looked at in one way, (N, K).

        Args:
            rows: Training or validation pictures.
            view: How they are looked at.
        """
        *_, last = self._look(rows, view)
        return self._fitted.head.probabilities(last.features)

    def remarks(self) -> Iterator[str]:
        """Say what is worth knowing once all is learnt."""
        if idle := self.task.wishes.of_gradient():
            yield t("learning.note.idle", options=", ".join(idle))
        yield from self.told_of_looks()

    def told_of_looks(self) -> Iterator[str]:
        """Say how the pictures were looked at, and which."""
        views = ", ".join(_name(view) for view in self.plan.views)
        yield t("learning.note.views", backbone=self.network, views=views)
        if len(set(self.plan.class_weights)) > 1:
            yield t("learning.note.weights")
        n = len(self.task.parts.train)
        if self.plan.train < n:
            shown, there = integer(self.plan.train), integer(n)
            yield t("learning.note.part_of_epoch", shown=shown, there=there)

    @property
    def parameters(self) -> int:
        """How many numbers it learns: those of the head; the backbone stays as it is."""
        return len(self.task.dataset.classes) * (self.backbone.outputs + 1)

    @property
    def _fitted(self) -> FittedHead:
        assert self.head is not None  # noqa: S101 - asked for after `run` only
        return self.head

    def _first_plan(self) -> FeaturePlan:
        examples, wishes = self.task.examples, self.task.wishes
        return FeaturePlan(
            network=self.network,
            views=(View(side=self.backbone.side),),
            train=len(examples.train),
            validation=len(examples.validation),
            class_weights=class_weights(
                examples.labels[examples.train], len(self.task.dataset.classes)
            ),
            seed=wishes.seed,
            threads=available_cores(),
        )

    def _looks(self, watch: Watch) -> Iterator[NDArray[np.floating]]:
        """Give one table of features a view, of the pictures that the plan takes."""
        self._rows = np.sort(np.concatenate(rows_of(self.task.parts, self.plan)))
        total = len(self._rows) * len(self.plan.views)
        for number, view in enumerate(self.plan.views):
            for step in self._look(self._rows, view):
                done = number * len(self._rows) + step.done
                watch(Step(phase="features", done=done, total=total))
            self.notes += [note for note in step.notes if note not in self.notes]
            yield step.features

    def _look(self, rows: NDArray[np.int64], view: View) -> Iterator[Extraction]:
        dataset = self.task.dataset
        return extract(
            self.backbone,
            dataset.pixels,
            dataset.hashes,
            rows=rows,
            prepare=dataset.prepare,
            view=view,
            threads=self.plan.threads,
        )

    def _fit(self) -> None:
        train, validation = rows_of(self.task.parts, self.plan)
        labels = self.task.dataset.labels
        self.head = fit_head(
            [self._features[np.searchsorted(self._rows, train)]],
            self._features[np.searchsorted(self._rows, validation)],
            labels[train],
            labels[validation],
            class_weights=self.plan.class_weights,
        )
        self.rows = [
            EpochRow(
                epoch=number,
                train_loss=trial.train_loss,
                validation_loss=trial.validation_loss,
                validation_error=1 - trial.validation_accuracy,
                kept=trial is self.head.best,
            )
            for number, trial in enumerate(self.head.trials, start=1)
        ]


def refuse_shuffled(network: str, wishes: Wishes) -> None:
    """Refuse to look at pictures in disorder: a backbone knows photographs only.

    Raises:
        UsageError: `shuffled_photos`.
    """
    if wishes.shuffle_pixels is not None:
        raise UsageError("shuffled_photos", network=printable(network))


def _name(view: View) -> str:
    key = "learning.view.mirrored" if view.mirrored else "learning.view.plain"
    return t(key, side=view.side)
