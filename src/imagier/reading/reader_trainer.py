"""The learning of a reader: its plan, its epochs of lines, what is exported."""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from imagier.learning import TrainOptions
from imagier.learning.data import installed_versions
from imagier.learning.epoch_loop import EpochLoop
from imagier.learning.progress import Progress
from imagier.learning.trainers import Run
from imagier.machine import Deadline, available_cores
from imagier.networks import Network, build
from imagier.neurons import canonical, describe, parse_spec, total
from imagier.reading.line_data import PreparedLines
from imagier.reading.line_examples import LineExamples
from imagier.recognizer import ModelCard, Recognizer
from imagier.recognizer.history import EpochRow
from imagier.training import (
    MAX_EPOCHS,
    Plan,
    Throughput,
    export_network,
    machine_precision,
    measure_normalisation,
    measure_throughput,
    plan_for_budget,
    recipe,
    shorten,
)
from imagier.training.losses import CTC

__all__ = ["ReaderTrainer"]

NARROW, NARROW_WIDTH = "reader:narrow", 16  # columns of a character, under which they are narrow
SLOTS = 2000  # lines that one epoch shows
JUDGING = 500  # lines of validation that judge an epoch
FINISH_SECONDS = 6.0  # kept for export, report and files, beside the time to read the test
NORMALISED_ON = 512  # lines
REFERENCES, GOLDEN = 200, 5  # lines on which the exported model is compared; kept in it


class ReaderTrainer:
    """The learning of one reader.

    Args:
        lines: What it learns from.
        options: What the user asked.
        run: Its deadline, who is told of it, what is kept on the way.
        plan: A plan to carry out again; None to make one.

    Attributes:
        notes: What the user should know about the learning, as sentences.
        rows: The learning curve.
        seconds: How long it learnt.
        interrupted: Whether the user stopped it; what was learnt until then is kept.
    """

    def __init__(
        self, lines: PreparedLines, options: TrainOptions, run: Run, plan: Plan | None = None
    ) -> None:
        self.lines, self.options, self.run = lines, options, run
        self.network = _suited(canonical(options.network), lines)
        self.layers = parse_spec(self.network, input=lines.shape, classes=len(lines.alphabet))
        slots = SLOTS if lines.composer is not None else min(SLOTS, 4 * len(lines.train))
        self.examples = LineExamples(lines, slots=slots, judging=JUDGING)
        self.notes: list[str] = []
        self.rows: list[EpochRow] = []
        self.seconds, self.interrupted = 0.0, False
        self.loop = EpochLoop(
            self.examples,
            self.network,
            plan or self._first_plan(),
            run,
            build=self._build,
            plan_json=Plan.to_json,
            prepare=lines.settings,
        )
        shown, _ = self.examples.shown(np.arange(min(NORMALISED_ON, slots)), self.loop.plan, 0)
        self.normalisation = measure_normalisation(
            shown.numpy().astype(np.uint8), np.arange(len(shown))
        )

    @property
    def parameters(self) -> int:
        """How many numbers it learns."""
        return total(describe(self.layers, self.lines.shape)).parameters

    def fit(self) -> None:
        """Learn; Ctrl-C after an epoch keeps the best of those that are finished."""
        began = time.monotonic()
        loop, record = self.loop, self.run.record
        past = record.recall()
        self.notes += record.notes
        try:
            if past is not None:
                loop.plan = Plan.from_json(past)
                loop.learn(after=loop.recall())
            else:
                deadline = self.run.deadline
                kept = self._plan_within() if deadline else 0.0
                record.begin(loop.plan.to_json(), self.notes, prepare=self.lines.settings)
                loop.learn(replan=shorten(deadline, reserve=kept) if deadline else None)
        finally:
            self.seconds = time.monotonic() - began
        self.rows, self.interrupted = loop.rows, loop.interrupted
        self.notes += loop.notes

    def export(self) -> Recognizer:
        """Write the best epoch as a recogniser, checked against torch."""
        network = self._build()
        network.load_state_dict(self.loop.weights)
        plan, lines = self.loop.plan, self.lines
        card = ModelCard(
            classes=lines.alphabet.classes,
            prepare=lines.settings,
            network=self.network,
            parameters=self.parameters,
            seed=plan.seed,
            plan=plan.to_json(),
            data={
                **({"key": lines.key} if lines.key else {"name": lines.name}),
                "n": len(lines.train) + len(lines.validation) + len(lines.test),
                "fingerprint": lines.fingerprint,
            },
            versions=installed_versions(),
        )
        return export_network(
            network,
            self.layers,
            card,
            reference_inputs=lines.validation.pixels[:REFERENCES],
            golden=self.golden(),
        )

    def golden(self) -> NDArray[np.uint8]:
        """Give the lines that are kept in the model; none where none may be."""
        return self.lines.validation.pixels[: GOLDEN if self.options.pictures else 0]

    @property
    def composed(self) -> int:
        """How many composed lines were learnt from, about: a draw decides for each slot."""
        if self.lines.composer is None:
            return 0
        plan, done = self.loop.plan, len(self.rows)
        shares = (
            1 - self.examples.real_share(epoch / plan.total_at(epoch)) for epoch in range(done)
        )
        return round(plan.epoch_size * sum(shares))

    def remarks(self) -> Iterator[str]:
        """Say what is worth knowing once all is learnt."""
        yield from self.loop.remarks()

    def _build(self) -> Network:
        return build(self.layers, self.normalisation, seed=self.loop.plan.seed)

    def _first_plan(self) -> Plan:
        options, slots = self.options, self.examples.slots
        fields = recipe(self.network, pictures=slots, loss=CTC, optimizer=options.optimizer)
        asked = {"learning_rate": options.learning_rate, "batch_size": options.batch_size}
        given = {name: value for name, value in asked.items() if value is not None}
        return Plan(
            network=self.network,
            epochs=options.epochs or 1,
            epoch_size=slots,
            loss=CTC,
            class_weights=(1.0,) * len(self.lines.alphabet),
            patience=None,
            seed=options.seed,
            threads=available_cores(),
            precision=machine_precision(),
            **fields | given,
        )

    def _plan_within(self) -> float:
        """Let the time that is left decide the plan; give the seconds to keep for what follows."""
        deadline = self.run.deadline
        assert deadline is not None  # noqa: S101 - asked for where there is one
        self.run.progress(Progress(phase="pilot"))
        pace = self._fastest(deadline)
        read = len(self.lines.validation) + len(self.lines.test)
        kept = FINISH_SECONDS + read / pace.predict
        self.loop.plan = plan_for_budget(
            self.loop.plan,
            pace,
            self.examples,
            deadline,
            reserve=kept,
            max_epochs=MAX_EPOCHS["reader"],
        )
        return kept

    def _fastest(self, deadline: Deadline) -> Throughput:
        """Measure how fast this machine learns, in the numbers in which it does so now.

        16-bit products are twice as fast on a quiet machine. Where other programs take turns on the
        same cores, their threads wait for one another, and they can be ten times as slow.
        """
        found: dict[str, Throughput] = {}
        for precision in dict.fromkeys((self.loop.plan.precision, "float32")):
            plan = replace(self.loop.plan, precision=precision)
            found[precision] = measure_throughput(
                self._build(), self.examples, plan, deadline=deadline
            )
        fastest = max(found, key=lambda one: found[one].train)
        self.loop.plan = replace(self.loop.plan, precision=fastest)
        return found[fastest]


def _suited(network: str, lines: PreparedLines) -> str:
    """Take columns of two pixels where characters are narrow, unless widths are asked for."""
    shown = lines.train if len(lines.train) else lines.validation
    return NARROW if network == "reader" and shown.character_width < NARROW_WIDTH else network
