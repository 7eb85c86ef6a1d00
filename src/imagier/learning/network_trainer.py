"""Training of a network of layers: its pilot, its number of epochs, learning and export."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.features.strangers import StrangerParts
from imagier.i18n import integer, percent, t
from imagier.learning.continued_plan import continued, continued_epochs, known_optimizer
from imagier.learning.data import PreparedData
from imagier.learning.epoch_loop import EpochLoop, is_memory, training_data
from imagier.learning.options import TrainOptions
from imagier.learning.progress import Progress
from imagier.learning.strangers import MOST_SHOWN, parts_of_graph
from imagier.learning.trainers import Run, TooShortError, Trainer
from imagier.machine import Deadline, available_cores
from imagier.networks import Network, build
from imagier.networks.known_weights import take_over
from imagier.neurons import describe, parse_spec, total
from imagier.recognizer import Recognizer
from imagier.training import (
    MAX_EPOCHS,
    Plan,
    Throughput,
    Tier,
    TrainingData,
    evaluate,
    export_network,
    machine_precision,
    measure_normalisation,
    measure_throughput,
    plan_for_budget,
    recipe,
    shorten,
    train,
)

__all__ = ["PLAINEST", "Mirroring", "NetworkTrainer", "first_plan", "plan_within", "reserve"]

PLAINEST = "linear"
CONVOLVING = "cnn"  # whose products are large enough to gain from faster numbers
LEARNING_COSTS = 3  # times answering: there, and back for the numbers and for the weights
FASTEST_CORE = 250e9  # operations a second; more than any core was seen to reach in a whole step
FEWEST_STEPS = 100  # with fewer corrections of its weights a network hardly begins to learn
LEAST_PATIENCE = 12
FINISH_SECONDS = 5.0  # kept for export, report and files, beside the time to answer the test
TRAIN_SAMPLE = 5_000  # pictures on which the learning error is measured once more at the end
PILOT = "cnn"
PILOT_TRAIN, PILOT_VALIDATION, PILOT_EPOCHS = 8_000, 2_000, 4


class NetworkTrainer(Trainer):
    """The learning of one network of layers.

    Args:
        data: What it learns from.
        network: Canonical name of the network.
        run: Its deadline, who is told of it, what is kept on the way.
        plan: A plan to carry out again; None to make one.
        tier: Its place among the networks that time buys; None where the user named it.
    """

    def __init__(
        self,
        data: PreparedData,
        network: str,
        run: Run,
        plan: Plan | None = None,
        *,
        tier: Tier | None = None,
    ) -> None:
        super().__init__(data, network, run)
        self.tier = tier
        self.loop = EpochLoop(
            training_data(data),
            network,
            plan or first_plan(data, network, tier),
            run,
            build=self._build,
            plan_json=Plan.to_json,
            prepare=data.dataset.prepare,
        )
        self.layers = parse_spec(
            network,
            input=data.shape,
            classes=len(data.dataset.classes),
            shuffle_pixels=self.loop.plan.shuffle_pixels,
        )
        self.normalisation = measure_normalisation(data.dataset.pixels, data.split.train)

    @property
    def parameters(self) -> int:
        """How many numbers it learns."""
        return total(describe(self.layers, self.data.shape)).parameters

    @property
    def learnt(self) -> NDArray[np.int64]:
        """The training pictures."""
        return self.data.split.train

    def may_fit(self, deadline: Deadline) -> bool:
        """Tell, before anything is measured, whether any machine could learn its tier in time."""
        if self.tier is None:
            return True
        multiplications = total(describe(self.layers, self.data.shape)).multiplications
        pictures = len(self.data.split.train) * self.tier.min_epochs
        operations = LEARNING_COSTS * 2 * multiplications * pictures
        return operations <= deadline.left() * FASTEST_CORE * available_cores()

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
                kept = self._plan_in_memory() if self.run.deadline else 0.0
                record.begin(loop.plan.to_json(), self.notes)
                deadline = self.run.deadline
                loop.learn(replan=shorten(deadline, reserve=kept) if deadline else None)
        finally:
            self.seconds = time.monotonic() - began
        self.rows, self.interrupted = loop.rows, loop.interrupted
        self.notes += [*loop.notes, *self._gain()]

    def export(self) -> Recognizer:
        """Write the best epoch as a recogniser, checked against torch."""
        network = self._build()
        network.load_state_dict(self.loop.weights)
        plan = self.loop.plan
        card = self.data.card(
            self.network, parameters=self.parameters, seed=plan.seed, plan=plan.to_json()
        )
        return export_network(
            network,
            self.layers,
            card,
            reference_inputs=self.data.reference_inputs(),
            golden=self.data.golden(),
        )

    def known_probabilities(self, rows: NDArray[np.int64]) -> NDArray[np.float32] | None:
        """Give nothing: the pictures are answered once more."""

    def known_features(self, rows: NDArray[np.int64]) -> NDArray[np.floating] | None:
        """Give nothing: the pictures are shown once more."""

    def stranger_parts(self, recognizer: Recognizer) -> StrangerParts:
        """Fit on training pictures, judged by those of validation."""
        return parts_of_graph(recognizer, self.data, self.learnt)

    def held_out(self) -> tuple[NDArray[np.int64], NDArray[np.float32] | None]:
        """Give the validation pictures: the recogniser has learnt from none of them."""
        return self.data.split.validation, None

    def validation_score(self) -> tuple[float, float]:
        """Give accuracy and mean loss of the kept epoch on the validation part."""
        return self.best_score()

    def remarks(self) -> Iterator[str]:
        """Say what is worth knowing once all is learnt."""
        yield from self.loop.remarks()

    def _build(self) -> Network:
        plan, init = self.loop.plan, self.data.init
        network = build(self.layers, self.normalisation, seed=plan.seed, flip_tta=plan.flip_tta)
        if init is not None:
            rows = init.rows_of(self.data.dataset.classes)
            take_over(network, init.weights, rows, path=init.recognizer.name)
        return network

    def _gain(self) -> Iterator[str]:
        """Say what learning on has brought, where the model it began with knew all classes."""
        init, data = self.data.init, training_data(self.data)
        if init is None or None in init.rows_of(self.data.dataset.classes):
            return
        _, before = evaluate(self._build(), data, self.loop.plan)
        after, _ = self.best_score()
        key = "learning.note.init_gained" if after > before else "learning.note.init_lost"
        n, count = len(data.validation), integer(len(data.validation))
        yield t(key, n=n, count=count, before=percent(before), after=percent(after))

    def _plan_in_memory(self) -> float:
        """Plan as `_plan_within`, with a smaller batch where memory is short for the pilot."""
        while True:
            try:
                return self._plan_within()
            except (MemoryError, RuntimeError) as error:
                if not is_memory(error):
                    raise
                self.loop.halve_batch()

    def _plan_within(self) -> float:
        """Let the time that is left decide the plan; give the seconds to keep for what follows."""
        deadline, data, tier = self.run.deadline, self.data, self.tier
        assert deadline is not None  # noqa: S101 - asked for where there is one
        self.run.progress(Progress(phase="pilot"))
        first = self.loop.plan
        pace = measure_throughput(self._build(), training_data(data), first, deadline=deadline)
        kept = reserve(data, pace)
        plan = plan_within(deadline, data, first, pace, reserve=kept, tier=tier)
        if tier and tier.may_mirror and plan.shuffle_pixels is None:
            mirroring = _try_mirroring(data)
            self.notes.append(mirroring.sentence())
            self.manner.append(self.notes[-1])
            harmless = mirroring.is_harmless
            if harmless:
                pace = replace(pace, predict=pace.predict / 2)
                kept = reserve(data, pace)
            changed = replace(first, flip=harmless, flip_tta=harmless)
            plan = plan_within(deadline, data, changed, pace, reserve=kept, tier=tier)
        self.loop.plan = plan
        return kept


def first_plan(data: PreparedData, network: str, tier: Tier | None = None) -> Plan:
    """Make the plan for a network; with a budget its epochs are still to be counted."""
    options, rows = data.options, data.split.train
    n = len(rows)
    optimizer = options.optimizer or known_optimizer(data.init)
    fields = recipe(network, pictures=n, loss=options.loss, optimizer=optimizer)
    return Plan(
        network=network,
        epochs=options.epochs or 1,
        epoch_size=n,
        loss=options.loss,
        class_weights=data.class_weights(rows),
        patience=None,
        seed=options.seed,
        threads=available_cores(),
        precision=machine_precision() if network.startswith(CONVOLVING) else "float32",
        **(
            {"shuffle_pixels": options.shuffle_pixels}
            | (fields | _of_tier(tier, options))
            | ({} if data.init is None else continued(data.init, fields, pictures=n))
            | _as_asked(options)
        ),
    )


def plan_within(
    deadline: Deadline,
    data: PreparedData,
    plan: Plan,
    pace: Throughput,
    *,
    reserve: float,
    tier: Tier | None,
) -> Plan:
    """Count the epochs that a budget allows.

    Args:
        deadline: What is left of the budget.
        data: What is learnt from.
        plan: All but the number of epochs.
        pace: As measured on a few batches.
        reserve: Seconds to keep for what comes after learning.
        tier: Says which numbers of epochs are worth it; None for a network by itself.

    Raises:
        TooShortError: When the network would hardly begin to learn in that time, or a quicker one
            would learn more.
    """
    n = len(data.split.train)
    most = tier.max_epochs if tier else MAX_EPOCHS[plan.network.split(":")[0]]
    is_continued = plan.init is not None and tier is None
    if is_continued:
        most = continued_epochs(plan, pictures=n)
    plan = plan_for_budget(
        plan, pace, training_data(data), deadline, reserve=reserve, max_epochs=most
    )
    least = tier.min_epochs * n if tier else min(n, FEWEST_STEPS * plan.batch_size)
    if plan.epochs * plan.epoch_size < least and not is_continued:
        if plan.network != PLAINEST:
            raise TooShortError
        plan = replace(plan, epochs=1, epoch_size=least)  # without which it would know nothing
    return replace(plan, patience=max(LEAST_PATIENCE, plan.epochs // 3))


def reserve(data: PreparedData, pace: Throughput) -> float:
    """Give the seconds to keep for export, test and report."""
    if data.is_pilot:
        return 0.0
    parts = data.split
    sampled = min(TRAIN_SAMPLE, len(parts.train)) + len(parts.validation)
    sampled += min(MOST_SHOWN, len(parts.train)) + len(parts.validation)  # to tell strangers
    return FINISH_SECONDS + (len(parts.test) + sampled) / pace.predict


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirroring:
    """May pictures be mirrored while learning? How a pilot that saw no mirror named them.

    Twice as many cats are learnt from when each may look the other way; but a mirrored b is a d,
    and where all shoes point left, one that points right teaches nothing that will be asked. So a
    quick network learns from some pictures as they are, and names validation pictures as they are
    and mirrored. Where it names both as well, left and right do not matter here, and mirrored
    pictures are worth learning from; the test part is not looked at.

    Attributes:
        straight: Share named right as they are.
        mirrored: Share named right with left and right exchanged.
        n: How many there were.
    """

    straight: float
    mirrored: float
    n: int

    @property
    def is_harmless(self) -> bool:
        """Whether the difference is within the noise of so many pictures."""
        noise = math.sqrt(max(self.straight * (1 - self.straight), 1 / self.n) / self.n)
        return self.straight - self.mirrored <= 2 * noise

    def sentence(self, *, in_answers: bool = True) -> str:
        """Say what was found and decided.

        Args:
            in_answers: Whether answers, too, are then the mean of both.
        """
        shown = "mirrored" if in_answers else "shown_mirrored"
        key = f"learning.note.{shown if self.is_harmless else 'not_mirrored'}"
        straight, mirrored = percent(self.straight), percent(self.mirrored)
        return t(key, straight=straight, mirrored=mirrored, n=self.n)


def _try_mirroring(data: PreparedData) -> Mirroring:
    """Learn a little from pictures as they are, and judge on both sorts."""
    generator = np.random.default_rng(data.options.seed)
    rows = np.sort(generator.permutation(data.split.train)[:PILOT_TRAIN])
    judged = np.sort(generator.permutation(data.split.validation)[:PILOT_VALIDATION])
    pixels, labels = data.dataset.pixels, data.dataset.labels
    straight = pixels[judged]
    some = TrainingData(
        pixels=np.concatenate([pixels[rows], straight, straight[:, :, ::-1]]),
        labels=np.concatenate([labels[rows], labels[judged], labels[judged]]),
        train=np.arange(len(rows)),
        validation=np.arange(len(rows), len(rows) + len(judged)),
    )
    plan = replace(first_plan(data, PILOT), epochs=PILOT_EPOCHS, epoch_size=len(rows))
    layers = parse_spec(PILOT, input=data.shape, classes=len(data.dataset.classes))
    network = build(layers, measure_normalisation(some.pixels, some.train), seed=plan.seed)
    *_, last = train(network, some, plan)
    mirrors = replace(some, validation=some.validation + len(judged))
    _, mirrored = evaluate(network, mirrors, plan)
    return Mirroring(straight=last.validation_accuracy, mirrored=mirrored, n=len(judged))


def _of_tier(tier: Tier | None, options: TrainOptions) -> dict[str, Any]:
    """Give what a tier adds to the recipe; the optimizer stays the user's where one is named."""
    fields = dict(tier.fields) if tier else {}
    if options.optimizer is not None:
        fields.pop("optimizer", None)
    return fields


def _as_asked(options: TrainOptions) -> dict[str, Any]:
    """Give the numbers that the user decides instead of the recipe."""
    asked = {"learning_rate": options.learning_rate, "batch_size": options.batch_size}
    return {name: value for name, value in asked.items() if value is not None}
