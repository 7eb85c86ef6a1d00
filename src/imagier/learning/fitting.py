"""The learning of one network, from the first plan to the best finished epoch."""

from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.datasets import Dataset, Split
from imagier.errors import UsageError
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.learning.steps import Step, Watch
from imagier.learning.wishes import Wishes
from imagier.networks import build, resolve
from imagier.neurons import Layer, describe, parse_spec, total
from imagier.recognizer import ModelCard, Recognizer, available_cores
from imagier.testing import Course, EpochRow
from imagier.training import (
    Clock,
    Epoch,
    Examples,
    Plan,
    class_weights,
    export,
    measure_normalisation,
    measure_pace,
    plan_for_budget,
    shorten,
    train,
    until_flat,
)

__all__ = ["TRAIN_SAMPLE", "Fitting"]

BATCHES = ((2_000, 32), (20_000, 64), (10**12, 128))  # up to so many pictures, batches of so many
LEARNING_RATES = {"linear": 0.003, "dense": 0.003, "cnn": 0.006}
LEAST_PATIENCE = 12
TRAIN_SAMPLE = 5_000  # pictures on which the learning error is measured once more at the end
MOST_GOLDEN = 10
FINISH_SECONDS = 5.0  # kept for export, report and files, beside the time to answer the test
VERSIONS = ("imagier", "torch", "onnx", "onnxruntime", "numpy", "pillow")


class Fitting:
    """The learning of one network: its plan, its epochs, the best of them.

    Args:
        dataset: The pictures.
        parts: How they are shared out.
        wishes: What the user asked.
        past: The model whose plan is carried out again, if one is.
    """

    def __init__(
        self, dataset: Dataset, parts: Split, wishes: Wishes, past: Recognizer | None
    ) -> None:
        self.dataset, self.wishes = dataset, wishes
        self.examples = Examples(
            pixels=dataset.pixels,
            labels=dataset.labels,
            train=parts.train,
            validation=parts.validation,
        )
        self.tested = len(parts.test)
        first = _first_plan(self.examples, wishes, len(dataset.classes))
        self.plan = _past_plan(past, dataset.classes) if past else first
        self.layers = self._layers(self.plan.network)
        self.normalisation = measure_normalisation(dataset.pixels, parts.train)
        self.epochs: list[Epoch] = []
        self.best: Epoch | None = None
        self.weights: dict[str, Any] = {}
        self.interrupted = False

    def run(self, started: float, watch: Watch) -> None:
        """Learn; Ctrl-C after an epoch keeps the best of those that are finished."""
        replan = None
        if self.wishes.seconds is not None:
            clock = Clock(started=started, budget=self.wishes.seconds)
            watch(Step(phase="pilot"))
            reserve = self._plan_within(clock)
            replan = shorten(clock, reserve=reserve)
        network = build(self.layers, self.normalisation, seed=self.plan.seed)
        watch(Step(phase="fit", total=self.plan.total))
        stream = train(network, self.examples, self.plan, replan=replan)
        try:
            for epoch in until_flat(stream, self.plan.patience):
                self._keep(epoch)
                watch(Step(phase="fit", done=epoch.number, total=epoch.plan.total, epoch=epoch))
        except KeyboardInterrupt:
            if self.best is None:
                raise
            self.interrupted = True
        self.plan = self._executed()

    def export(self) -> Recognizer:
        """Write the best epoch as a recogniser, checked against torch."""
        network = build(self.layers, self.normalisation, seed=self.plan.seed)
        network.load_state_dict(self.weights)
        pixels, validation = self.dataset.pixels, self.examples.validation
        golden = self._golden() if self.wishes.pictures else np.empty(0, np.int64)
        return export(
            network,
            self.layers,
            self._card(),
            witnesses=pixels[validation],
            golden=pixels[golden],
        )

    def told(self) -> Course:
        """Tell how it went, for the report."""
        rows = tuple(
            EpochRow(
                epoch=epoch.number,
                train_loss=epoch.train_loss,
                train_error=1 - epoch.train_accuracy,
                validation_loss=epoch.validation_loss,
                validation_error=1 - epoch.validation_accuracy,
                kept=epoch is self.best,
            )
            for epoch in self.epochs
        )
        budget = self.wishes.seconds
        return Course(
            epochs=rows,
            budget=None if budget is None else f"{budget:g}s",
            notes=tuple(self._notes()),
        )

    def _plan_within(self, clock: Clock) -> float:
        pilot = build(self.layers, self.normalisation, seed=self.plan.seed)
        pace = measure_pace(pilot, self.examples, self.plan)
        answers = self.tested + len(self.examples.validation) + TRAIN_SAMPLE
        reserve = FINISH_SECONDS + answers * pace.predict
        self.plan = plan_for_budget(self.plan, pace, self.examples, clock, reserve=reserve)
        patience = max(LEAST_PATIENCE, self.plan.epochs // 3)
        self.plan = replace(self.plan, patience=patience)
        return reserve

    def _keep(self, epoch: Epoch) -> None:
        self.epochs.append(epoch)
        if epoch.is_better_than(self.best):
            self.best, self.weights = epoch, epoch.state()

    def _executed(self) -> Plan:
        """Give the plan as it was carried out, so that it can be carried out again."""
        last = self.epochs[-1]
        if self.interrupted:
            return last.plan.cut(last.number, last.number)
        return last.plan

    def _layers(self, network: str) -> tuple[Layer, ...]:
        _, height, width, channels = self.dataset.pixels.shape
        return parse_spec(
            network, input=(height, width, channels), classes=len(self.dataset.classes)
        )

    def _card(self) -> ModelCard:
        shape = self.dataset.pixels.shape[1:]
        return ModelCard(
            classes=self.dataset.classes,
            prepare=self.dataset.prepare,
            network=self.plan.network,
            parameters=total(describe(self.layers, shape)).parameters,
            seed=self.plan.seed,
            plan=self.plan.to_json(),
            data={
                "name": self.dataset.name,
                "n": len(self.dataset),
                "fingerprint": self.dataset.fingerprint(),
            },
            versions={name: version(name) for name in VERSIONS},
            other=self.wishes.other,
        )

    def _golden(self) -> NDArray[np.int64]:
        """Choose one validation picture of each class, at most ten."""
        rows = self.examples.validation
        _, first = np.unique(self.dataset.labels[rows], return_index=True)
        return rows[np.sort(first)][:MOST_GOLDEN]

    def _notes(self) -> Iterator[str]:
        plan = self.plan
        if len(set(plan.class_weights)) > 1:
            yield t("learning.note.weights")
        if plan.epoch_size * len(self.epochs) < len(self.examples.train):
            shown = integer(plan.epoch_size * len(self.epochs))
            there = integer(len(self.examples.train))
            yield t("learning.note.part_of_epoch", shown=shown, there=there)
        if self.interrupted:
            yield t("learning.note.interrupted", n=len(self.epochs))
        elif plan.cuts:
            yield t("learning.note.cut", planned=plan.epochs, done=plan.total)
        elif len(self.epochs) < plan.total:
            patience, done = plan.patience, len(self.epochs)
            yield t("learning.note.flat", patience=patience, done=done)


def _past_plan(past: Recognizer, classes: tuple[str, ...]) -> Plan:
    if past.classes != classes:
        names = ", ".join(map(printable, past.classes))
        raise UsageError("plan_of_other_classes", model=past.name, classes=names)
    return Plan.from_json(past.card.plan)


def _first_plan(examples: Examples, wishes: Wishes, classes: int) -> Plan:
    network = resolve(wishes.network)
    n = len(examples.train)
    labels = examples.labels[examples.train]
    epochs = wishes.epochs or 1
    return Plan(
        network=network,
        epochs=epochs,
        epoch_size=n,
        batch_size=next(batch for limit, batch in BATCHES if n <= limit),
        learning_rate=LEARNING_RATES[network.split(":")[0]],
        weight_decay=0.01,
        loss=wishes.loss,
        class_weights=class_weights(labels, classes),
        patience=None,
        seed=wishes.seed,
        threads=available_cores(),
    )
