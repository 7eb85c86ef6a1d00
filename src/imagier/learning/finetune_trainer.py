"""Learning on top of a backbone, then inside it: a head first, then the last stages of it too.

A head alone takes seconds and cannot go far wrong; that is where the run begins. Where time allows
some epochs more, what lies behind the cut of the backbone learns on, with a head that has learnt
from the training pictures alone, in small steps. Validation says which of the two is kept; where
the pictures are too few for that, folds of all of them say it (`fold_tuning`).
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError, MachineError
from imagier.features import (
    Cut,
    FeatureEngine,
    FittedHead,
    View,
    cut,
    export_features,
    fit_head,
)
from imagier.features.strangers import StrangerParts
from imagier.i18n import t
from imagier.learning.data import PreparedData
from imagier.learning.earlier_views import views_of
from imagier.learning.epoch_loop import EpochLoop, is_memory, training_data
from imagier.learning.fold_tuning import (
    FoldTuning,
    epochs_within,
    folds_for,
    folds_of,
    shown_in_all,
    with_all_pictures,
)
from imagier.learning.head_trainer import FOLDS, HeadTrainer
from imagier.learning.network_trainer import Mirroring, first_plan, plan_within, reserve
from imagier.learning.progress import Progress
from imagier.learning.strangers import parts_of_graph
from imagier.learning.trainers import Run, TooShortError, Trainer
from imagier.learning.tuning_verdict import is_better, verdict_note
from imagier.learning.view_budget import FINISH_SECONDS, ViewBudget
from imagier.machine import Deadline
from imagier.networks.tuned_network import TunedNetwork
from imagier.recognizer import Recognizer
from imagier.recognizer.history import EpochRow
from imagier.training import FINETUNE_TIER, Plan, measure_throughput, shorten

__all__ = ["FEWEST_PICTURES", "FinetuneTrainer"]

FEWEST_PICTURES = 600  # with fewer, the part of validation is too small to judge: folds do
REFERENCES = 64  # validation pictures on which the exported recogniser is compared
MIRRORED = 2_000  # validation pictures that are seen mirrored


class FinetuneTrainer(Trainer):
    """The learning of a head on a backbone, and of the backbone's last stages after it.

    Args:
        data: What it learns from.
        network: Canonical name, such as `finetune` or `finetune:288`.
        run: Its deadline, who is told of it, what is kept on the way.
        backbone: Name of the backbone that is tuned, such as `features`.
        plan: The plan of a model to carry out again, as JSON values; None to make one.

    Raises:
        DataError: `init_knows_pictures`, of which it might be said too well how they are named.
    """

    def __init__(
        self,
        data: PreparedData,
        network: str,
        run: Run,
        *,
        backbone: str,
        plan: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, network, run)
        data.refuse_known_to_init()
        self.head = HeadTrainer(
            data, backbone, _untimed(run), None if plan is None else views_of(plan)
        )
        self.is_tuned = False
        self.by_folds: FoldTuning | None = None  # what was judged by folds, where pictures are few
        self.loop = EpochLoop(
            training_data(data),
            network,
            first_plan(data, network) if plan is None else Plan.from_json(plan),
            run,
            build=self._build,
            plan_json=self._plan_json,
            prepare=data.dataset.prepare,
        )
        self._is_planned = plan is not None
        self._is_head_alone = plan is not None and plan.get("tuned") is False
        self._folds = folds_for(data, fewest=FEWEST_PICTURES) if plan is None else folds_of(plan)
        self._alone: FittedHead | None = None  # fitted on the training pictures alone

    @property
    def parameters(self) -> int:
        """How many numbers it learns: those behind the cut of the backbone, and the head."""
        if not self.is_tuned:
            return self.head.parameters
        weights = self._part.weights.items()
        return self.head.parameters + sum(v.size for name, v in weights if "running_" not in name)

    @property
    def learnt(self) -> NDArray[np.int64]:
        """The training pictures, and those of validation where they need not judge alone."""
        is_judged = self.is_tuned and not self.by_folds
        return self.data.split.train if is_judged else self.data.learnable

    def may_fit(self, deadline: Deadline) -> bool:
        """Tell whether there are pictures enough to tune the backbone, and time."""
        is_judged = self._folds > 0 or len(self.data.split.train) >= FEWEST_PICTURES
        return is_judged and self._views(deadline) is not None

    def fit(self) -> None:
        """Fit a head, learn behind the cut, and keep what validation or the folds prefer."""
        began = time.monotonic()
        try:
            self._fit_head() if self._is_head_alone else self._tune()
        except TooShortError:
            self.notes.append(t("learning.note.no_time_to_tune"))
        except KeyboardInterrupt:
            if self.head.fitted is None:
                raise
            self.interrupted = True
        except DataError as error:
            if error.code != "loss_not_finite":
                raise
            self.loop.ran_away = error.message
        except (MachineError, MemoryError, RuntimeError) as error:
            if self.head.fitted is None or not is_memory(error):
                raise
            self.notes.append(t("learning.note.no_memory_to_tune"))
        self._keep_better()
        self.seconds = time.monotonic() - began

    def export(self) -> Recognizer:
        """Write what was kept as a recogniser, checked against what learnt it."""
        if not self.is_tuned:
            return self.head.export() if self.data.init is None else self._export_head()
        network = self._build()
        network.load_state_dict(self.by_folds.weights if self.by_folds else self.loop.weights)
        learnt, head = network.learnt()
        card = self.data.card(
            self.network,
            parameters=self.parameters,
            seed=self.loop.plan.seed,
            plan=self._plan_json(self.loop.plan),
        )
        references = self.data.reference_inputs(REFERENCES)
        return export_features(
            self._part.joined(learnt),
            (self._view,),
            head,
            card,
            reference_inputs=references,
            expected=network.probabilities(references),
            golden=self.data.golden(),
            learnt=learnt,
        )

    def _export_head(self) -> Recognizer:
        """Write a head on what a model had learnt: its last stages are kept, to learn on again."""
        plan = self._plan_json(self.loop.plan) | {"tuned": False}
        return self.head.export_as(self.network, plan, learnt=self._part.weights)

    def known_probabilities(self, rows: NDArray[np.int64]) -> NDArray[np.float32] | None:
        """Give the probabilities of pictures whose features are known, where the head is kept."""
        return None if self.is_tuned else self.head.known_probabilities(rows)

    def known_features(self, rows: NDArray[np.int64]) -> NDArray[np.floating] | None:
        """Give the features of pictures where the head is kept."""
        return None if self.is_tuned else self.head.known_features(rows)

    def stranger_parts(self, recognizer: Recognizer) -> StrangerParts:
        """Fit on what was learnt from, judged by what judged the kept network."""
        judge = self.by_folds if self.is_tuned else self.head
        if judge is None:
            return parts_of_graph(recognizer, self.data, self.learnt)
        return judge.stranger_parts(recognizer)

    def held_out(self) -> tuple[NDArray[np.int64], NDArray[np.float32] | None]:
        """Give the pictures that judged what was kept."""
        if self.is_tuned and self.by_folds:
            return self.data.learnable, self.by_folds.answers
        return (self.data.split.validation, None) if self.is_tuned else self.head.held_out()

    def validation_score(self) -> tuple[float, float]:
        """Give accuracy and mean loss of what was kept on the validation part."""
        if not self.is_tuned:
            return self.head.validation_score()
        return self.by_folds.validation_score() if self.by_folds else self.best_score()

    def remarks(self) -> Iterator[str]:
        """Say what is worth knowing once all is learnt."""
        if self.is_tuned:
            yield from (self.by_folds or self.loop).remarks()
        else:
            yield from self.head.remarks_on_views()

    def _tune(self) -> None:
        record, deadline = self.run.record, self.run.deadline
        past, backbone = record.recall(), self.head.network
        self.notes += record.notes
        if past is not None:
            self._folds, self.loop.plan = folds_of(past), Plan.from_json(past)
            self.head = HeadTrainer(self.data, backbone, _untimed(self.run), views_of(past))
        elif deadline and not self._is_planned:
            views = self._views(deadline)
            if views is None:
                self.head = HeadTrainer(self.data, backbone, self.run.alone())
                self._fit_head()
                raise TooShortError
            self.head.plan = replace(self.head.plan, views=views)
        self._fit_head()
        if self._folds:
            self._tune_by_folds(is_planned=self._is_planned or past is not None)
            return
        if past is not None:
            self.loop.learn(after=self.loop.recall())
            return
        kept = self._plan_within() if deadline and not self._is_planned else 0.0
        prepare = self.data.dataset.prepare
        record.begin(self._plan_json(self.loop.plan), self.notes, prepare=prepare)
        self.loop.learn(replan=shorten(deadline, reserve=kept) if deadline else None)

    def _tune_by_folds(self, *, is_planned: bool) -> None:
        """Learn behind the cut in folds, and from all pictures where the folds prefer it."""
        data, run, kept = self.data, self.run, 0.0
        if not is_planned:
            self.loop.plan = with_all_pictures(self.loop.plan, data)
            kept = self._plan_within() if run.deadline else 0.0
        plan = self.loop.plan
        run.record.begin(self._plan_json(plan), self.notes, prepare=data.dataset.prepare)
        folded = FoldTuning(
            data,
            plan,
            replace(run, deadline=None) if is_planned else run,
            folds=self._folds,
            features=self._seen,
            build=lambda head: TunedNetwork(self._part, self._front, head),
            reserve=kept,
        )
        verdict = folded.judge(*self.head.held_out())
        if verdict.is_better:
            folded.learn_all()
            self.by_folds, self.is_tuned = folded, True
        self.notes.append(verdict.sentence(self._folds, folded.folds_done))

    def _fit_head(self) -> None:
        self.head.fit()
        self.notes += self.head.notes
        if self.head.interrupted:
            raise KeyboardInterrupt  # nothing more is begun

    def _views(self, deadline: Deadline) -> tuple[View, ...] | None:
        """Choose the views of the head; the last stages can be learnt in time at the first's side.

        Where folds judge there are pictures so few that the head may see them in several views.
        """
        largest, epochs = min(self.data.shape[:2]), FINETUNE_TIER.min_epochs
        if self._folds:
            shown = shown_in_all(self.data, epochs, self._folds)
            left = deadline.left()
            return self._budget.views_before_tuning(left, largest=largest, shown=shown)
        shown = epochs * len(self.data.dataset)
        side = self._budget.side_to_tune_at(deadline.left(), largest=largest, shown=shown)
        return None if side is None else (View(side=side),)

    @cached_property
    def _budget(self) -> ViewBudget:
        return ViewBudget(
            backbone=self.head.backbone,
            threads=self.head.plan.threads,
            pictures=len(self.data.dataset),
            classes=len(self.data.dataset.classes),
        )

    def _plan_within(self) -> float:
        """Let the time that is left decide the plan; give the seconds to keep for what follows."""
        deadline, data, tier = self.run.deadline, self.data, FINETUNE_TIER
        assert deadline is not None  # noqa: S101 - asked for where there is one
        self.run.progress(Progress(phase="pilot"))
        mirroring = self._try_mirroring()
        plan = replace(self.loop.plan, flip=mirroring.is_harmless)
        pace = measure_throughput(self._build(), training_data(data), plan, deadline=deadline)
        kept = reserve(data, pace)
        if self._folds:
            views = self.head.plan.views  # in which the test is seen where the head is kept
            looks = sum(self._budget.seconds_a_view(view.side) for view in views)
            kept = max(kept, FINISH_SECONDS + looks * len(data.split.test))
            self.loop.plan = epochs_within(
                deadline, data, plan, pace, folds=self._folds, reserve=kept, tier=tier
            )
        else:
            self.loop.plan = plan_within(deadline, data, plan, pace, reserve=kept, tier=tier)
        self.notes.append(mirroring.sentence(in_answers=False))
        self.manner.append(self.notes[-1])
        return kept

    def _plan_json(self, plan: Plan) -> dict[str, Any]:
        folds = {"folds": self._folds} if self._folds else {}
        own = {"features": self.head.plan.to_json(), "class_weight": self.data.options.class_weight}
        return {**plan.to_json(), **own, **folds}

    def _try_mirroring(self) -> Mirroring:
        """Ask a head that saw no picture mirrored whether left and right matter here."""
        rows = self.data.split.validation
        rows = rows[:: max(1, -(-len(rows) // MIRRORED))]
        labels = self.data.dataset.labels[rows]
        head = self._learnt_alone.head
        mirrored = replace(self._view, mirrored=True)
        seen = (self._features_of(rows), self.head.features_in(rows, mirrored))
        answers = [head.probabilities(features) for features in seen]
        shares = [float((one.argmax(axis=1) == labels).mean()) for one in answers]
        return Mirroring(straight=shares[0], mirrored=shares[1], n=len(rows))

    def _build(self) -> TunedNetwork:
        return TunedNetwork(self._part, self._front, self._learnt_alone.head)

    @property
    def _learnt_alone(self) -> FittedHead:
        """The head of the training pictures alone: validation is to judge what begins with it."""
        if self._alone is None:
            data, train = self.data, self.data.split.train
            labels = data.dataset.labels[train]
            folds = data.folds(FOLDS)[np.isin(data.learnable, train)]
            self._alone = fit_head(
                self._features_of(train),
                labels,
                folds,
                class_weights=data.class_weights(train),
            )
        return self._alone

    def _features_of(self, rows: NDArray[np.int64]) -> NDArray[np.floating]:
        """Give the features of training or validation pictures in the view that is tuned."""
        table: NDArray[np.floating] = self._seen[np.searchsorted(self.data.learnable, rows)]
        return table

    @cached_property
    def _seen(self) -> NDArray[np.floating]:
        rows = self.data.learnable
        if len(self.head.plan.views) == 1:
            return self.head.features_of(rows)
        return self.head.features_in(rows, self._view)

    @property
    def _view(self) -> View:
        """The view at which what lies behind the cut is learnt, the head's first."""
        return self.head.plan.views[0]

    @cached_property
    def _part(self) -> Cut:
        part, init = cut(self.head.backbone.at(self._view.side)), self.data.init
        return part if init is None else init.cut_of(part)

    @cached_property
    def _front(self) -> FeatureEngine:
        """The engine of the backbone's first part."""
        prepare = self.data.dataset.prepare
        graph = self._part.graph(self.data.shape, full_scale=prepare.full_scale)
        return FeatureEngine(
            graph, path=self.head.network, threads=self.loop.plan.threads, dimensions=4
        )

    def _keep_better(self) -> None:
        """Keep the head alone unless validation prefers what was tuned."""
        loop = self.loop
        if loop.rows:
            rows = self.data.split.validation
            answers = self._learnt_alone.head.probabilities(self._features_of(rows))
            wrong = answers.argmax(axis=1) != self.data.dataset.labels[rows]
            head = EpochRow(epoch=0, validation_error=float(wrong.mean()))
            best = loop.best_row()
            self.is_tuned = is_better(best, head)
            self.notes.append(verdict_note(head, best, len(rows), is_tuned=self.is_tuned))
        self.notes += loop.notes
        self.interrupted = self.interrupted or loop.interrupted
        self.rows = (self.by_folds or loop).rows if self.is_tuned else self.head.rows
        if self.is_tuned:
            return
        if self.interrupted:
            self.notes.append(t("learning.note.tuning_interrupted"))
        if loop.ran_away:
            self.notes.append(t("learning.note.ran_away_from_head", reason=loop.ran_away))


def _untimed(run: Run) -> Run:
    """Give the run of the head, for which this trainer keeps the time."""
    return replace(run.alone(), deadline=None)
