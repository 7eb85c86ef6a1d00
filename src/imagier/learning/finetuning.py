"""Learning on top of a backbone, then inside it: a head first, then the backbone's last stages too.

A head alone takes seconds and cannot go far wrong; that is where the lesson begins. Where time
allows some epochs more, what lies behind the cut of the backbone learns on, with the head, in small
steps. Validation says which of the two is kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError, MachineError, ModelError
from imagier.features import (
    Cut,
    FeatureEngine,
    FeaturePlan,
    View,
    cut,
    export_features,
)
from imagier.i18n import percent, t
from imagier.learning.features import FeatureLearner
from imagier.learning.gradient import GradientLearner, is_memory
from imagier.learning.looking import rows_of, side_to_tune_at
from imagier.learning.mirroring import Mirroring
from imagier.learning.planning import TooShortError, first_plan, plan_within
from imagier.learning.resuming import Page
from imagier.learning.steps import Watch
from imagier.learning.task import Task
from imagier.networks.tuning import TunedNetwork
from imagier.recognizer import EpochRow, Recognizer, Trial
from imagier.training import TUNING, Clock, Plan, measure_pace

__all__ = ["FinetuneLearner", "is_better"]

FEWEST_PICTURES = 600  # with fewer, all epochs together are too few steps to be worth their time
WITNESSES = 64  # validation pictures on which the exported recogniser is compared
MIRRORED = 2_000  # validation pictures that are looked at mirrored


class FinetuneLearner(GradientLearner):
    """The learning of a head on a backbone, and of the backbone's last stages after it.

    Args:
        task: What it learns from.
        network: Canonical name, such as `finetune` or `finetune:288`.
        backbone: Name of the backbone that is tuned, such as `features`.
        plan: The plan of a model to carry out again, as JSON values; None to make one.
    """

    def __init__(
        self, task: Task, network: str, backbone: str, plan: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(
            task, network, first_plan(task, network) if plan is None else Plan.from_json(plan)
        )
        self.base = FeatureLearner(task, backbone, None if plan is None else _looks_of(plan))
        self.is_again = plan is not None
        self.is_tuned = False

    @property
    def parameters(self) -> int:
        """How many numbers it learns: those behind the cut of the backbone, and the head."""
        if not self.is_tuned:
            return self.base.parameters
        weights = self._part.weights
        behind = sum(value.size for name, value in weights.items() if "running_" not in name)
        return behind + self.base.parameters

    def may_fit(self, clock: Clock) -> bool:
        """Tell whether there are pictures enough to tune the backbone, and time, by its pace."""
        if len(self.task.parts.train) < FEWEST_PICTURES:
            return False
        return side_to_tune_at(clock, self.task, self.base.backbone) is not None

    def run(self, clock: Clock | None, watch: Watch, page: Page) -> None:
        """Fit a head, learn behind the cut, and keep what validation prefers."""
        try:
            super().run(clock, watch, page)
        except TooShortError:
            self.notes.append(t("learning.note.no_time_to_tune"))
        except KeyboardInterrupt:
            if self.base.head is None:
                raise
            self.interrupted = True
        except DataError as error:
            if error.code != "loss_not_finite":
                raise
            self.ran_away = error.message
        except (MachineError, MemoryError, RuntimeError) as error:
            if self.base.head is None or not _is_short_of_memory(error):
                raise
            self.notes.append(t("learning.note.no_memory_to_tune"))
        self._keep_better()

    def export(self) -> Recognizer:
        """Write what was kept as a recogniser, checked against what learnt it."""
        if not self.is_tuned:
            return self.base.export()
        network = self._build()
        network.load_state_dict(self.weights)
        learnt, head = network.learnt()
        card = self.task.card(
            self.network, parameters=self.parameters, seed=self.plan.seed, plan=self._plan_json()
        )
        rows = _some(self.task.parts.validation, WITNESSES)
        witnesses = self.task.dataset.pixels[rows]
        return export_features(
            self._part.joined(learnt),
            self.base.plan.views,
            head,
            card,
            reference_inputs=witnesses,
            expected=network.probabilities(witnesses),
            golden=self.task.golden(),
            learnt=learnt,
        )

    def known_answers(self, rows: NDArray[np.int64]) -> NDArray[np.float32] | None:
        """Give the probabilities of pictures whose features are known, where the head is kept."""
        return None if self.is_tuned else self.base.known_answers(rows)

    def tried(self) -> Trial:
        """Give its line in a comparison."""
        if self.is_tuned:
            return super().tried()
        return replace(self.base.tried(), network=self.network, seconds=round(self.seconds, 3))

    def remarks(self) -> Iterator[str]:
        """Say what is worth knowing once all is learnt."""
        yield from super().remarks() if self.is_tuned else self.base.told_of_looks()

    def _prepare(self, past: Mapping[str, Any] | None, clock: Clock | None, watch: Watch) -> None:
        """Look at all pictures at one side, and fit the head."""
        if past is not None:
            self.base = FeatureLearner(self.task, self.base.network, _looks_of(past))
        elif clock and not self.is_again:
            side = side_to_tune_at(clock, self.task, self.base.backbone)
            if side is None:
                self.base.run(clock, watch, Page(None, {}))
                raise TooShortError
            plan = replace(self.base.plan, views=(View(side=side),))
            self.base = FeatureLearner(self.task, self.base.network, plan)
        self.base.run(None, watch, Page(None, {}))
        self.notes += self.base.notes

    def _plan_within(self, clock: Clock) -> float:
        task = self.task
        mirroring = self._try_mirroring()
        plan = replace(self.plan, flip=mirroring.is_harmless)
        pace = measure_pace(self._build(), task.examples, plan, clock=clock)
        reserve = task.reserve(pace.predict)
        self.plan = plan_within(clock, task, plan, pace, reserve=reserve, rung=TUNING)
        self.notes.append(mirroring.sentence(both_ways=False))
        return reserve

    def _plan_json(self) -> dict[str, Any]:
        return {**self.plan.to_json(), "features": self.base.plan.to_json()}

    def _try_mirroring(self) -> Mirroring:
        """Ask the head, which saw no picture mirrored, whether left and right matter here."""
        rows = _some(rows_of(self.task.parts, self.base.plan)[1], MIRRORED)
        labels = self.task.dataset.labels[rows]
        (view,) = self.base.plan.views
        straight = self.base.known_answers(rows)
        assert straight is not None  # noqa: S101 - validation pictures were looked at
        mirrored = self.base.answers(rows, replace(view, mirrored=True))
        shares = [
            float((answers.argmax(axis=1) == labels).mean()) for answers in (straight, mirrored)
        ]
        return Mirroring(straight=shares[0], mirrored=shares[1], n=len(rows))

    def _build(self) -> TunedNetwork:
        assert self.base.head is not None  # noqa: S101 - built once the head is fitted only
        return TunedNetwork(self._part, self._front, self.base.head.head)

    @cached_property
    def _part(self) -> Cut:
        (view,) = self.base.plan.views
        return cut(self.base.backbone.at(view.side))

    @cached_property
    def _front(self) -> FeatureEngine:
        """The engine of the backbone's first part."""
        prepare = self.task.dataset.prepare
        graph = self._part.graph(self.task.shape, full_scale=prepare.full_scale)
        return FeatureEngine(graph, path=self.base.network, threads=self.plan.threads, dimensions=4)

    def _keep_better(self) -> None:
        """Keep the head alone unless validation prefers what was tuned."""
        head = self.base.best_row()
        if self.rows:
            best, n = self.best_row(), len(self.task.parts.validation)
            self.is_tuned = is_better(best, head)
            key = "learning.note.tuned" if self.is_tuned else "learning.note.not_tuned"
            self.notes.append(t(key, before=_right(head), after=_right(best), n=n))
        if self.is_tuned:
            return
        self.rows = self.base.rows
        if self.interrupted:
            self.notes.append(t("learning.note.tuning_interrupted"))
        if self.ran_away:
            self.notes.append(t("learning.note.ran_away_from_head", reason=self.ran_away))


def is_better(tuned: EpochRow, head: EpochRow) -> bool:
    """Tell whether an epoch names more validation pictures right than the head alone.

    Their losses are not compared: that of a head counts rare classes more.
    """
    return (tuned.validation_error or 0.0) < (head.validation_error or 0.0)


def _looks_of(plan: Mapping[str, Any]) -> FeaturePlan:
    """Read how the pictures were looked at, in one way only."""
    try:
        looks = FeaturePlan.from_json(plan["features"])
        (_,) = looks.views
    except (KeyError, ValueError) as error:
        raise ModelError("bad_plan", reason=ascii(str(error))[:80]) from error
    return looks


def _some(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Take some of the pictures, evenly."""
    return rows[:: max(1, -(-len(rows) // most))]


def _is_short_of_memory(error: BaseException) -> bool:
    return is_memory(error) or (isinstance(error, MachineError) and error.code == "out_of_memory")


def _right(row: EpochRow) -> str:
    return percent(1 - (row.validation_error or 0.0))
