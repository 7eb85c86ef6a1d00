"""Learning by gradient: epoch by epoch, the best epoch kept, a killed lesson gone on with."""

import time
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError, MachineError
from imagier.i18n import integer, t
from imagier.learning.learner import Learner
from imagier.learning.resuming import Page
from imagier.learning.steps import Step, Watch
from imagier.learning.task import Task
from imagier.networks import Network
from imagier.recognizer import EpochRow, Trial
from imagier.training import (
    Checkpoints,
    Clock,
    Epoch,
    Plan,
    Replan,
    Snapshot,
    shorten,
    train,
)

__all__ = ["GradientLearner", "is_memory"]

CHECKPOINT_SHARE = 20  # a checkpoint is written once learning took so many times its writing


class GradientLearner(Learner):
    """The learning of one network by gradient: its plan, its epochs, the best of them.

    Args:
        task: What it learns from.
        network: Canonical name of the network.
        plan: What to do; with a budget its epochs are still to be counted.
    """

    def __init__(self, task: Task, network: str, plan: Plan) -> None:
        super().__init__(task, network)
        self.plan = plan
        self.weights: dict[str, Any] = {}
        self.ran_away = ""

    @property
    @abstractmethod
    def parameters(self) -> int:
        """How many numbers it learns."""

    def run(self, clock: Clock | None, watch: Watch, page: Page) -> None:
        """Learn; Ctrl-C after an epoch keeps the best of those that are finished."""
        began = time.monotonic()
        try:
            after, replan = self._begin(clock, watch, page)
            while not self._learns(watch, page, after, replan):
                after = None
                page.begin(self._plan_json(), self.notes)
        finally:
            self.seconds = time.monotonic() - began

    def tried(self) -> Trial:
        """Give its line in a comparison."""
        return Trial(parameters=self.parameters, **self._score())

    def known_answers(self, rows: NDArray[np.int64]) -> NDArray[np.float32] | None:
        """Give nothing: the pictures are looked at once more."""

    def remarks(self) -> Iterator[str]:
        """Say what is worth knowing once all is learnt."""
        plan, n = self.plan, len(self.task.parts.train)
        if len(set(plan.class_weights)) > 1:
            yield t("learning.note.weights")
        if plan.epoch_size * len(self.rows) < n:
            shown = integer(plan.epoch_size * len(self.rows))
            yield t("learning.note.part_of_epoch", shown=shown, there=integer(n))
        if self.interrupted:
            yield t("learning.note.interrupted", n=len(self.rows))
        elif self.ran_away:
            yield t("learning.note.ran_away", reason=self.ran_away)
        elif plan.cuts:
            yield t("learning.note.cut", planned=plan.epochs, done=plan.total)
        elif len(self.rows) < plan.total:
            yield t("learning.note.flat", patience=plan.patience, done=len(self.rows))

    @abstractmethod
    def _build(self) -> Network:
        """Give the network as it is before the first step."""

    @abstractmethod
    def _plan_within(self, clock: Clock) -> float:
        """Let the time that is left decide the plan; give the seconds to keep for what follows."""

    def _prepare(self, past: Mapping[str, Any] | None, clock: Clock | None, watch: Watch) -> None:
        """Do what must be done before the network can be built; here nothing."""

    def _plan_json(self) -> dict[str, Any]:
        """Give all that decides what is learnt, as JSON values."""
        return self.plan.to_json()

    def _begin(
        self, clock: Clock | None, watch: Watch, page: Page
    ) -> tuple[Snapshot | None, Replan | None]:
        """Go back to where an earlier run was stopped, or plan a new one."""
        past = page.recall()
        self._prepare(past, clock, watch)
        if past is not None:
            self.plan = Plan.from_json(past)
            return self._recall(page), None
        replan = None
        if clock:
            watch(Step(phase="pilot"))
            replan = shorten(clock, reserve=self._plan_within(clock))
        page.begin(self._plan_json(), self.notes)
        return None, replan

    def _recall(self, page: Page) -> Snapshot | None:
        found = page.checkpoints.latest() if page.checkpoints else None
        self.notes += page.notes
        if not found:
            return None
        self.rows = [EpochRow(**row) for row in found.course]
        self.weights, self.plan = dict(found.best), found.snapshot.plan
        self.notes.append(t("learning.note.resumed", n=len(self.rows)))
        return found.snapshot

    def _learns(
        self, watch: Watch, page: Page, after: Snapshot | None, replan: Replan | None
    ) -> bool:
        """Learn to the end; False when memory was short and a smaller batch is to be tried."""
        watch(Step(phase="fit", done=len(self.rows), total=self.plan.total))
        keeper = _Keeper(page.checkpoints)
        try:
            if self._is_flat():
                return True
            stream = train(self._build(), self.task.examples, self.plan, replan=replan, after=after)
            for epoch in stream:
                self._keep(epoch)
                keeper.keep(epoch, self.weights, self.rows)
                watch(Step(phase="fit", done=epoch.number, total=epoch.plan.total, epoch=epoch))
                if self._is_flat():
                    break
        except KeyboardInterrupt:
            if not self.rows:
                raise
            self.interrupted = True
            self._end_here()
        except (MemoryError, RuntimeError) as error:
            if not is_memory(error):
                raise
            self._halve_batch()
            return False
        except DataError as error:
            if error.code != "loss_not_finite" or not self.rows:
                raise
            self.ran_away = error.message
            self._end_here()
        return True

    def _keep(self, epoch: Epoch) -> None:
        row = EpochRow(
            epoch=epoch.number,
            train_loss=epoch.train_loss,
            train_error=1 - epoch.train_accuracy,
            validation_loss=epoch.validation_loss,
            validation_error=1 - epoch.validation_accuracy,
            kept=True,
        )
        if self.rows and _badness(row) >= _badness(self.best_row()):
            row = replace(row, kept=False)
        else:
            self.rows = [replace(earlier, kept=False) for earlier in self.rows]
            self.weights = epoch.state()
        self.rows.append(row)
        self.plan = epoch.plan

    def _is_flat(self) -> bool:
        if self.plan.patience is None or not self.rows:
            return False
        return len(self.rows) - self.best_row().epoch >= self.plan.patience

    def _end_here(self) -> None:
        """Note in the plan that it ended after the epochs done, so that it can be replayed."""
        self.plan = self.plan.cut(len(self.rows), len(self.rows))

    def _halve_batch(self) -> None:
        batch = self.plan.batch_size
        if batch == 1:
            raise MachineError("out_of_memory", network=self.network)
        self.plan = replace(self.plan, batch_size=batch // 2, cuts=())
        self.rows, self.weights = [], {}
        self.notes.append(t("learning.note.smaller_batch", before=batch, now=batch // 2))


class _Keeper:
    """Writes checkpoints, but not more often than is worth their time."""

    def __init__(self, checkpoints: Checkpoints | None) -> None:
        self.checkpoints = checkpoints
        self.due = 0.0

    def keep(self, epoch: Epoch, best: dict[str, Any], rows: list[EpochRow]) -> None:
        began = time.monotonic()
        if self.checkpoints is None or began < self.due:
            return
        course = [row.to_json() for row in rows]
        self.checkpoints.write(epoch.snapshot(), best=best, course=course)
        ended = time.monotonic()
        self.due = ended + CHECKPOINT_SHARE * (ended - began)


def _badness(row: EpochRow) -> tuple[float, float]:
    """Order epochs as validation prefers them: fewer wrong, then less loss."""
    return row.validation_error or 0.0, row.validation_loss or 0.0


def is_memory(error: BaseException) -> bool:
    """Tell whether torch or NumPy could not get the memory they asked for."""
    return isinstance(error, MemoryError) or "alloc" in str(error).lower()
