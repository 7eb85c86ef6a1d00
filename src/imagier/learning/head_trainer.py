"""Learning on top of a backbone: see each picture once a view, then fit one layer of neurons.

The features of a picture are computed once for each view, in the order training, validation, test,
and serve the head, the folds and the report alike; what was seen is learnt from.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import UsageError
from imagier.features import (
    Backbone,
    Extraction,
    FeaturePlan,
    FittedHead,
    View,
    backbone_name,
    cut,
    export_features,
    extract,
    fit_head,
    open_backbone,
    with_view,
)
from imagier.features.strangers import StrangerParts, parts_by_folds
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.learning.class_weights import weight_notes
from imagier.learning.data import PreparedData
from imagier.learning.options import TrainOptions
from imagier.learning.progress import Progress
from imagier.learning.trainers import Run, Trainer, score
from imagier.learning.view_budget import FINISH_SECONDS, ViewBudget
from imagier.machine import available_cores
from imagier.recognizer import Recognizer
from imagier.recognizer.history import EpochRow

__all__ = ["HeadTrainer", "refuse_shuffled"]

REFERENCES = 64  # validation pictures on which the exported recogniser is compared
FOLDS, MOST_FOLDED = 5, 12_000  # beyond so many pictures validation alone is enough to choose l2
WORTH = 0.995  # of the folds' loss before: below it a view is worth its time in each answer
SLOW = 1.25  # times the time left that a view may take before a smaller one takes its place
TRIED = 0.1  # share of a view after which that is judged

Table = NDArray[np.floating]


class HeadTrainer(Trainer):
    """The learning of a head on the features of a backbone.

    Args:
        data: What it learns from.
        network: Canonical name of the backbone.
        run: Its deadline, who is told of it, what is kept on the way.
        plan: A plan to carry out again; None to make one.

    Raises:
        UsageError: `shuffled_photos`, when pixels are to be put in another order.
        ImagierError: As `open_backbone` tells.
    """

    def __init__(
        self, data: PreparedData, network: str, run: Run, plan: FeaturePlan | None = None
    ) -> None:
        super().__init__(data, network, run)
        refuse_shuffled(network, data.options)
        self.backbone = open_backbone(network)
        if data.init is not None:
            self.backbone = data.init.cut_of(cut(self.backbone)).backbone
        self.network = backbone_name(self.backbone.name)
        self.plan = plan or _first_plan(data, self.backbone)
        self.fitted: FittedHead | None = None
        self._is_planned = plan is not None
        self._rows = data.learnable
        self._views: tuple[View, ...] = ()  # over which the features are averaged
        self._features: Table = np.empty((0, 0), np.float32)
        self._test: Table | None = None
        self._pace = 0.0  # seconds a pixel of a view, as it went

    @property
    def parameters(self) -> int:
        """How many numbers it learns: those of the head; the backbone stays as it is."""
        return len(self.data.dataset.classes) * (self.backbone.outputs + 1)

    @property
    def learnt(self) -> NDArray[np.int64]:
        """The training and validation pictures: none is left unlearnt."""
        return self._rows

    def fit(self) -> None:
        """See the pictures in as many views as the plan says, fit the head, keep what helps.

        Ctrl-C after the first view keeps those that are finished.
        """
        began = time.monotonic()
        self._decide()
        try:
            for view in self.plan.views:
                # where the machine slowed down, one smaller view has taken the place of all
                if view not in self.plan.views or view in self._views:
                    continue
                if self._has_time_for(view):
                    self._learn_with(view)
                else:
                    self._leave_out(view)
        except KeyboardInterrupt:
            if self.fitted is None:
                raise
            self.interrupted = True
            self.plan = replace(self.plan, views=self._views)
            self.notes.append(t("learning.note.views_interrupted"))
        self.seconds = time.monotonic() - began

    def export(self) -> Recognizer:
        """Write backbone and head as one recogniser, checked against what learnt it."""
        return self.export_as(self.network, self.plan.to_json())

    def export_as(
        self,
        network: str,
        plan_json: Mapping[str, Any],
        *,
        learnt: Mapping[str, NDArray[np.float32]] | None = None,
    ) -> Recognizer:
        """Write backbone and head as `export` does.

        Args:
            network: The name that the model remembers.
            plan_json: The plan that it remembers, as JSON values.
            learnt: Weights of the backbone that a model had learnt before, by name.
        """
        data, plan = self.data, self.plan
        card = data.card(network, parameters=self.parameters, seed=plan.seed, plan=plan_json)
        references = data.split.validation[:REFERENCES]
        return export_features(
            self.backbone,
            plan.views,
            self._head.head,
            card,
            reference_inputs=data.dataset.pixels[references],
            expected=self.known_probabilities(references),
            golden=data.golden(),
            learnt=learnt,
        )

    def known_probabilities(self, rows: NDArray[np.int64]) -> NDArray[np.float32] | None:
        """Give the probabilities of pictures, (n, K); those of the test part are seen now.

        None where the pictures are of several parts.
        """
        features = self.known_features(rows)
        return None if features is None else self._head.head.probabilities(features)

    def known_features(self, rows: NDArray[np.int64]) -> Table | None:
        """Give the features of pictures, (n, D), as `known_probabilities` takes them."""
        test = self.data.split.test
        if np.isin(rows, self._rows).all():
            return self.features_of(rows)
        if not np.isin(rows, test).all():
            return None
        if self._test is None:
            self._test = self._table(test, self.plan.views)
        table: Table = self._test[np.searchsorted(test, rows)]
        return table

    def stranger_parts(
        self,
        recognizer: Recognizer,  # noqa: ARG002 - the features are known without it
    ) -> StrangerParts:
        """Fit on all pictures; each is judged by what was fitted without its fold."""
        labels = self.data.dataset.labels[self._rows]
        return parts_by_folds(self._features, labels, self._folds())

    def held_out(self) -> tuple[NDArray[np.int64], NDArray[np.float32] | None]:
        """Give the pictures of the folds, and what the heads said that had not learnt from them."""
        answers = self._head.held_out
        judged = np.isfinite(answers[:, 0])
        return self._rows[judged], answers[judged]

    def validation_score(self) -> tuple[float, float]:
        """Give accuracy and mean loss on the validation part, each picture left out of its fold."""
        rows = self.data.split.validation
        answers = self._head.held_out[np.searchsorted(self._rows, rows)]
        return score(answers, self.data.dataset.labels[rows])

    def features_of(self, rows: NDArray[np.int64]) -> Table:
        """Give the features of training or validation pictures, (n, D)."""
        table: Table = self._features[np.searchsorted(self._rows, rows)]
        return table

    def features_in(self, rows: NDArray[np.int64], view: View) -> Table:
        """Compute the features of pictures in one view alone, (n, D)."""
        *_, last = self._extract(rows, view)
        return last.features

    def remarks(self) -> Iterator[str]:
        """Say what is worth knowing once all is learnt."""
        if idle := self.data.options.of_gradient_descent():
            yield t("learning.note.idle", options=", ".join(idle))
        yield from self.remarks_on_views()

    def remarks_on_views(self) -> Iterator[str]:
        """Say how the pictures were seen, and what the figures rest on."""
        fit = t(f"learning.fit.{self.data.dataset.prepare.fit}")
        views = " + ".join(_name(view) for view in self.plan.views)
        yield t("learning.note.views", backbone=self.network, views=views, fit=fit)
        yield from weight_notes(self.plan.class_weights)
        n = len(self._rows)
        if self.plan.folds > 1:
            yield t("learning.note.folds", folds=self.plan.folds, n=n, count=integer(n))
        else:
            yield t("learning.note.refitted", n=n, count=integer(n))

    @property
    def _head(self) -> FittedHead:
        assert self.fitted is not None  # noqa: S101 - asked for after `fit` only
        return self.fitted

    def _decide(self) -> None:
        """Take up the plan of a stopped run, or let the time that is left choose the views."""
        run = self.run
        past = run.record.recall()
        self.notes += run.record.notes
        if past is not None:
            self.plan, self._is_planned = FeaturePlan.from_json(past), True
            return
        if run.deadline and not self._is_planned:
            run.progress(Progress(phase="pilot"))
            largest = min(self.data.shape[:2])
            views = self._budget().views(run.deadline.left(), largest=largest)
            self.plan = replace(self.plan, views=views)
        self._begin()

    def _begin(self) -> None:
        prepare = self.data.dataset.prepare
        self.run.record.begin(self.plan.to_json(), self.notes, prepare=prepare)

    def _budget(self) -> ViewBudget:
        return ViewBudget(
            backbone=self.backbone,
            threads=self.plan.threads,
            pictures=len(self._rows) + len(self.data.split.test),
            classes=len(self.data.dataset.classes),
        )

    def _learn_with(self, view: View) -> None:
        """Add a view, and take it back where the folds are not clearly better with it."""
        view, table = self._seen(view)
        features = table
        if self._views:
            features = with_view(self._features, table, views=len(self._views))
        self.run.progress(Progress(phase="fit"))
        fitted = fit_head(
            features,
            self.data.dataset.labels[self._rows],
            self._folds(),
            class_weights=self.plan.class_weights,
            threads=self.plan.threads,
        )
        if self.fitted is not None and fitted.best.loss > WORTH * self.fitted.best.loss:
            self._leave_out(view)
            return
        self.fitted, self._features = fitted, features
        self._views += (view,)
        self.rows = [
            EpochRow(
                epoch=number,
                train_loss=trial.train_loss,
                validation_loss=trial.loss,
                validation_error=1 - trial.accuracy,
                kept=trial is fitted.best,
            )
            for number, trial in enumerate(fitted.trials, start=1)
        ]

    def _has_time_for(self, view: View) -> bool:
        """Tell whether a further view fits, at the speed of those before; the first always does."""
        deadline = self.run.deadline
        if deadline is None or self._is_planned or not self._views:
            return True
        seen = sum(one.side**2 for one in self._views)
        test = (seen + view.side**2) * len(self.data.split.test)
        needed = self._pace * (view.side**2 * len(self._rows) + test)
        return needed + FINISH_SECONDS <= deadline.left()

    def _leave_out(self, view: View) -> None:
        kept = tuple(one for one in self.plan.views if one != view)
        self.plan = replace(self.plan, views=kept)

    def _folds(self) -> NDArray[np.int64]:
        """Give the fold of each picture; of one fold, validation is left out and judges."""
        if self.plan.folds > 1:
            return self.data.folds(self.plan.folds)
        return np.where(np.isin(self._rows, self.data.split.validation), 0, -1)

    def _seen(self, view: View) -> tuple[View, Table]:
        """Compute the features of the learnable pictures in one view, a smaller one if too slow."""
        for step in self._extract(self._rows, view):
            self.run.progress(Progress(phase="features", done=step.done, total=step.total))
            smaller = self._smaller(view, step)
            if smaller is not None:
                self.plan = replace(self.plan, views=(smaller,))
                self.notes.append(t("learning.note.smaller_view", side=smaller.side))
                self._begin()
                return self._seen(smaller)
        self.notes += [note for note in step.notes if note not in self.notes]
        if step.extracted:
            self._pace = step.seconds / step.extracted / view.side**2
        return view, step.features

    def _smaller(self, view: View, step: Extraction) -> View | None:
        """Give the view to change to where the machine has slowed down, early enough to gain."""
        deadline = self.run.deadline
        is_early = TRIED <= step.done / step.total < 2 * TRIED and step.extracted
        if deadline is None or self._is_planned or self._views or not is_early:
            return None
        pace, left = step.seconds / step.extracted, deadline.left()
        total = step.total + len(self.data.split.test)
        sides = [
            side for side in self._budget().sides(min(self.data.shape[:2])) if side < view.side
        ]
        if pace * (total - step.done) <= SLOW * left or not sides:
            return None
        fitting = [side for side in sides if pace * (side / view.side) ** 2 * total < left]
        return View(side=max(fitting, default=sides[0]))

    def _table(self, rows: NDArray[np.int64], views: tuple[View, ...]) -> Table:
        """Compute the mean features of pictures over all views."""
        mean: Table = np.empty((0, 0), np.float32)
        for place, view in enumerate(views):
            for step in self._extract(rows, view):
                done = place * step.total + step.done
                total = step.total * len(views)
                self.run.progress(Progress(phase="test", done=done, total=total))
            mean = with_view(mean, step.features, views=place) if place else step.features
        return mean

    def _extract(self, rows: NDArray[np.int64], view: View) -> Iterator[Extraction]:
        dataset = self.data.dataset
        return extract(
            self.backbone,
            dataset.pixels,
            dataset.hashes,
            rows=rows,
            prepare=dataset.prepare,
            view=view,
            threads=self.plan.threads,
        )


def refuse_shuffled(network: str, options: TrainOptions) -> None:
    """Refuse to look at pictures in disorder: a backbone knows photographs only.

    Raises:
        UsageError: `shuffled_photos`.
    """
    if options.shuffle_pixels is not None:
        raise UsageError("shuffled_photos", network=printable(network))


def _first_plan(data: PreparedData, backbone: Backbone) -> FeaturePlan:
    rows = data.learnable
    return FeaturePlan(
        network=backbone_name(backbone.name),
        views=(View(side=backbone.side),),
        folds=1 if len(rows) > MOST_FOLDED or data.is_one_group else FOLDS,
        class_weights=data.class_weights(rows),
        seed=data.options.seed,
        threads=available_cores(),
    )


def _name(view: View) -> str:
    key = "learning.view.mirrored" if view.mirrored else "learning.view.plain"
    return t(key, side=view.side)
