"""The epochs of a trainer: checkpoints, resuming, best weights, early stop, lack of memory."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from torch import nn

from imagier.errors import DataError, MachineError
from imagier.i18n import integer, t
from imagier.images import Prepare
from imagier.learning.class_weights import weight_notes
from imagier.learning.data import PreparedData
from imagier.learning.progress import Progress
from imagier.learning.trainers import Run
from imagier.recognizer.history import EpochRow
from imagier.training import (
    CheckpointStore,
    Epoch,
    Examples,
    Plan,
    Replan,
    TrainingData,
    TrainState,
    train,
)

__all__ = ["EpochLoop", "is_memory", "training_data"]

CHECKPOINT_SHARE = 20  # a checkpoint is written once learning took so many times its writing
SHORT_OF_MEMORY = ("can't allocate memory", "out of memory", "not enough memory", "bad_alloc")


class EpochLoop:
    """The epochs of one network: its plan, its learning curve, the best of its weights.

    Args:
        examples: What is learnt from.
        network: What it is called, for messages.
        plan: What to do.
        run: Who is told of it, what is kept on the way.
        build: Gives the network as it is before the first step.
        plan_json: Gives all that decides what is learnt, as JSON values.
        prepare: How the pictures became the input.

    Attributes:
        rows: The learning curve so far.
        weights: Those of the best epoch.
        notes: What the user should know, as sentences.
        interrupted: Whether the user stopped it.
        ran_away: Why it ended where the loss was no number any more; empty where it was.
    """

    def __init__(
        self,
        examples: Examples,
        network: str,
        plan: Plan,
        run: Run,
        *,
        build: Callable[[], nn.Module],
        plan_json: Callable[[Plan], dict[str, Any]],
        prepare: Prepare,
    ) -> None:
        self.plan = plan
        self.rows: list[EpochRow] = []
        self.weights: dict[str, Any] = {}
        self.notes: list[str] = []
        self.interrupted = False
        self.ran_away = ""
        self._examples, self._network, self._run = examples, network, run
        self._build, self._plan_json, self._prepare = build, plan_json, prepare

    def recall(self) -> TrainState | None:
        """Find the newest whole checkpoint of a stopped run, and go back to it."""
        checkpoints = self._run.record.checkpoints
        if checkpoints is None:
            return None
        said = len(checkpoints.notes)
        found = checkpoints.latest()
        self.notes += checkpoints.notes[said:]  # what is damaged is found only now
        if not found:
            return None
        self.rows = [EpochRow(**row) for row in found.history]
        self.weights, self.plan = dict(found.best), found.state.plan
        self.notes.append(t("learning.note.resumed", n=len(self.rows)))
        return found.state

    def learn(self, *, after: TrainState | None = None, replan: Replan | None = None) -> None:
        """Learn to the end; where memory is short, begin again with smaller batches.

        Args:
            after: Where an earlier run was stopped.
            replan: Shortens the plan where time runs out.

        Raises:
            KeyboardInterrupt: Before the first epoch was finished.
            DataError: `loss_not_finite`, before the first epoch was finished.
            MachineError: `out_of_memory`, even with one picture at a time.
        """
        while not self._learns(after, replan):
            after = None
            plan = self._plan_json(self.plan)
            self._run.record.begin(plan, self.notes, prepare=self._prepare)

    def best_row(self) -> EpochRow:
        """Give the row whose weights were kept."""
        return next(row for row in self.rows if row.kept)

    def remarks(self) -> Iterator[str]:
        """Say what is worth knowing once all is learnt."""
        plan, n = self.plan, len(self._examples.train)
        yield from weight_notes(plan.class_weights)
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

    def _learns(self, after: TrainState | None, replan: Replan | None) -> bool:
        """Learn to the end; False when memory was short and a smaller batch is to be tried."""
        progress, record = self._run.progress, self._run.record
        progress(Progress(phase="fit", done=len(self.rows), total=self.plan.total))
        writer = _CheckpointWriter(record.checkpoints)
        try:
            if self._is_flat():
                return True
            examples = self._examples
            for epoch in train(self._build(), examples, self.plan, replan=replan, after=after):
                self._keep(epoch)
                writer.keep(epoch, self.weights, self.rows)
                total = epoch.plan.total
                progress(Progress(phase="fit", done=epoch.number, total=total, epoch=epoch))
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
            self.halve_batch()
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
            self.weights = epoch.weights()
        self.rows.append(row)
        self.plan = epoch.plan

    def _is_flat(self) -> bool:
        if self.plan.patience is None or not self.rows:
            return False
        return len(self.rows) - self.best_row().epoch >= self.plan.patience

    def _end_here(self) -> None:
        """Note in the plan that it ended after the epochs done, so that it can be replayed."""
        self.plan = self.plan.cut(len(self.rows), len(self.rows))

    def halve_batch(self) -> None:
        """Begin anew with half as many pictures a step.

        Raises:
            MachineError: `out_of_memory`, when a step has one picture already.
        """
        batch = self.plan.batch_size
        if batch == 1:
            raise MachineError("out_of_memory", network=self._network)
        self.plan = replace(self.plan, batch_size=batch // 2, cuts=())
        self.rows, self.weights = [], {}
        self.notes.append(t("learning.note.smaller_batch", before=batch, now=batch // 2))


class _CheckpointWriter:
    """Writes checkpoints, but not more often than is worth their time."""

    def __init__(self, checkpoints: CheckpointStore | None) -> None:
        self.checkpoints = checkpoints
        self.due = 0.0

    def keep(self, epoch: Epoch, best: dict[str, Any], rows: list[EpochRow]) -> None:
        began = time.monotonic()
        if self.checkpoints is None or began < self.due:
            return
        history = [row.to_json() for row in rows]
        self.checkpoints.write(epoch.state(), best=best, history=history)
        ended = time.monotonic()
        self.due = ended + CHECKPOINT_SHARE * (ended - began)


def _badness(row: EpochRow) -> tuple[float, float]:
    """Order epochs as validation prefers them: fewer wrong, then less loss."""
    return row.validation_error or 0.0, row.validation_loss or 0.0


def is_memory(error: BaseException) -> bool:
    """Tell whether the memory that was asked for was not there, by whoever asked.

    >>> is_memory(MemoryError()), is_memory(RuntimeError("the allocator was called twice"))
    (True, False)
    """
    if isinstance(error, MachineError):
        return error.code == "out_of_memory"
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(words in text for words in SHORT_OF_MEMORY)


def training_data(data: PreparedData) -> TrainingData:
    """Give the pictures to learn from and those that judge; the test part is not among them."""
    return TrainingData(
        pixels=data.dataset.pixels,
        labels=data.dataset.labels,
        train=data.split.train,
        validation=data.split.validation,
    )
