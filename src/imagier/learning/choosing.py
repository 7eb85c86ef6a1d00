"""Which network for these pictures, this machine and this time? Short pilots, judged on validation.

A pilot learns from some of the pictures and answers some of those of validation; the test part is
never looked at. A network that gains more from more pictures gives way to a plainer one only where
that is better by more than the noise of the pilot.
"""

import dataclasses
import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.features.efficientnet_lite import is_installed
from imagier.i18n import percent, t
from imagier.images import prepare
from imagier.learning.making import learner_for
from imagier.learning.material import SMALL, Material
from imagier.learning.planning import TooShortError
from imagier.learning.resuming import Page
from imagier.learning.steps import Step, Watch
from imagier.learning.task import Task
from imagier.neurons import input_size_of
from imagier.testing import Tried
from imagier.training import Clock

__all__ = ["Choice", "choose", "judge"]

PILOT_TRAIN, PILOT_VALIDATION = 2_000, 1_000  # pictures of a pilot
PILOT_EPOCHS = 3
PILOT_SHARE = 0.1  # of the time left that all pilots together may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The network that was chosen, and why.

    Attributes:
        network: Its specification.
        reason: A sentence for the user.
        tried: The pilots, plainest network first.
    """

    network: str
    reason: str
    tried: tuple[Tried, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON values, to be found again when the run is gone on with."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Choice":
        """Read it back."""
        tried = tuple(Tried(**one) for one in data["tried"])
        return cls(network=data["network"], reason=data["reason"], tried=tried)


def choose(material: Material, clock: Clock | None, watch: Watch) -> Choice:
    """Choose what `auto` stands for.

    Args:
        material: The pictures.
        clock: The budget; None where the number of epochs is given.
        watch: Called while pilots run.
    """
    candidates = _candidates(material, has_budget=clock is not None)
    watch(Step(phase="compare", total=len(candidates)))
    seconds = PILOT_SHARE * clock.left() if clock else math.inf
    pilot = _pilot(material.task(candidates[-1]), material.wishes.seed)
    tried: list[Tried] = []
    for number, network in enumerate(reversed(candidates), start=1):
        until = _clock(seconds / len(candidates))
        try:
            tried.insert(0, _try(pilot, network, until))
        except TooShortError:
            break
        watch(Step(phase="compare", done=number, total=len(candidates)))
    if len(tried) < 2:  # one alone is no comparison
        reason = t("learning.choice.no_time", network=candidates[-1])
        return Choice(network=candidates[-1], reason=reason, tried=tuple(tried))
    return judge(tried, len(pilot.parts.validation))


def judge(tried: list[Tried], n: int) -> Choice:
    """Take the last, which gains most from more pictures, unless another is clearly better.

    Args:
        tried: The pilots.
        n: On how many validation pictures they were judged.
    """
    richest, best = tried[-1], max(tried, key=lambda one: one.accuracy)
    noise = math.sqrt(max(best.accuracy * (1 - best.accuracy), 1 / n) / n)
    chosen = best if best.accuracy - richest.accuracy > 2 * noise else richest
    figures = " · ".join(f"{one.network} {percent(one.accuracy)}" for one in tried)
    reason = t("learning.choice.pilots", network=chosen.network, figures=figures, n=n)
    return Choice(network=chosen.network, reason=reason, tried=tuple(tried))


def _candidates(material: Material, *, has_budget: bool) -> list[str]:
    """List what is worth a pilot, the plainest first, the one that gains most from time last."""
    is_whole = material.wishes.shuffle_pixels is None
    if material.holds_photos() and has_budget and is_installed() and is_whole:
        return ["cnn", "features"]
    return ["linear", "dense:128", "cnn"]


def _pilot(task: Task, seed: int) -> Task:
    """Take some training and some validation pictures, the same for all pilots."""
    generator = np.random.default_rng(seed)
    train = _some(task.parts.train, PILOT_TRAIN, generator)
    validation = _some(task.parts.validation, PILOT_VALIDATION, generator)
    places = np.arange(len(train) + len(validation))
    return Task(
        dataset=task.dataset.take(np.concatenate([train, validation])),
        parts=dataclasses.replace(
            task.parts,
            train=places[: len(train)],
            validation=places[len(train) :],
            test=places[:0],
        ),
        wishes=dataclasses.replace(task.wishes, epochs=PILOT_EPOCHS, budget=None),
        is_pilot=True,
    )


def _some(rows: NDArray[np.int64], n: int, generator: np.random.Generator) -> NDArray[np.int64]:
    return np.sort(generator.permutation(rows)[:n])


def _clock(seconds: float) -> Clock | None:
    return Clock(started=time.monotonic(), budget=seconds) if math.isfinite(seconds) else None


def _try(pilot: Task, network: str, clock: Clock | None) -> Tried:
    """Learn a little with one network; nothing of it is kept but its figures."""
    learner = learner_for(_shrunk(pilot, network), network)
    learner.run(clock, _unwatched, Page(None, {}))
    return learner.tried()


def _shrunk(task: Task, network: str) -> Task:
    """Make the pictures of a pilot as small as a network wants them."""
    settings, limit = task.dataset.prepare, input_size_of(network).limit or SMALL
    longest = max(settings.height, settings.width)
    if longest <= limit:
        return task
    smaller = dataclasses.replace(
        settings,
        height=max(1, settings.height * limit // longest),
        width=max(1, settings.width * limit // longest),
    )
    pixels = np.stack([prepare(picture, smaller) for picture in task.dataset.pixels])
    dataset = dataclasses.replace(task.dataset, pixels=pixels, prepare=smaller)
    return dataclasses.replace(task, dataset=dataset)


def _unwatched(_: Step) -> None:
    """Show nothing: the pilots have one step together."""
