"""What learning and predicting cost, in words and as facts: the same everywhere."""

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from imagier.cost import GRID_FACTOR, WATTS_PER_CORE, Cost, CostMeter
from imagier.i18n import decimal, duration, integer, significant, t
from imagier.recognizer.engine import held_batch
from imagier.recognizer.prediction_memory import prediction_memory

if TYPE_CHECKING:
    from imagier.recognizer import Recognizer
    from imagier.testing.tested import Tested

Answers = Literal["predictions", "lines"]  # what is counted by the thousand: names, or texts

__all__ = ["PREDICTIONS", "cost_facts", "cost_json", "cost_sentences", "prediction_cost"]

PREDICTIONS = 1000
LONGEST = 0.2  # seconds of measuring, where one batch does not take more
BATCH = 64


def prediction_cost(
    recognizer: "Recognizer", pixels: NDArray[np.uint8], rows: NDArray[np.int64]
) -> Cost | None:
    """Measure what naming 1,000 prepared pictures costs; None without a picture.

    Reading, decoding and preparing their files is not in it. The memory is that of a process that
    does nothing else, Python and the libraries included.

    Args:
        recognizer: Who names them.
        pixels: Prepared pictures, (N, H, W, C).
        rows: Those of which a few are shown again and again for a fifth of a second, (n,).
    """
    few = held_batch(math.prod(pixels.shape[1:]), most=BATCH)
    some = np.ascontiguousarray(pixels[rows[:few]])
    if not len(some):
        return None
    recognizer.probabilities(some)  # the first time is slower
    meter, began, n = CostMeter(), time.monotonic(), 0
    while not n or time.monotonic() - began < LONGEST:
        recognizer.probabilities(some)
        n += len(some)
    cost = meter.cost().scaled(PREDICTIONS / n)
    return replace(cost, peak_memory=prediction_memory(recognizer, some))


def cost_json(report: "Tested") -> dict[str, Any]:
    """Give both costs as other programs read them; null where one was not measured."""
    learning, predictions = report.history.cost, report.prediction_cost
    return {
        "learning": learning and learning.to_json(),
        "predictions": predictions and {"n": PREDICTIONS, **predictions.to_json()},
    }


def cost_sentences(report: "Tested", answers: Answers = "predictions") -> Iterator[str]:
    """Say what learning and 1,000 answers cost, as far as known, and what that rests on."""
    costs = (("learning", report.history.cost), (answers, report.prediction_cost))
    known = [(name, cost) for name, cost in costs if cost is not None]
    for name, cost in known:
        yield t(f"cost.{name}", count=integer(PREDICTIONS), **_facts(cost))
    if report.prediction_cost is not None and report.prediction_cost.peak_memory is not None:
        yield t("cost.memory_alone", memory=_memory(report.prediction_cost.peak_memory))
    for method in dict.fromkeys(cost.method for _, cost in known):
        yield t(
            f"cost.method_{method}",
            watts=decimal(WATTS_PER_CORE, 0),
            factor=decimal(GRID_FACTOR, 0),
        )


def cost_facts(
    report: "Tested", answers: Answers = "predictions"
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Give for each cost that is known its title, and its figures with their names."""
    costs = (("learning", report.history.cost), (answers, report.prediction_cost))
    for name, cost in costs:
        if cost is not None:
            facts = _facts(cost)
            yield (
                t(f"cost.title_{name}", count=integer(PREDICTIONS)),
                [(t(f"cost.fact_{key}"), value) for key, value in facts.items()],
            )


def _facts(cost: Cost) -> dict[str, str]:
    return {
        "seconds": _time(cost.seconds),
        "cpu": _time(cost.cpu_seconds),
        "memory": t("cost.unknown") if cost.peak_memory is None else _memory(cost.peak_memory),
        "energy": t(f"cost.energy_{cost.method}", value=_energy(cost)),
        "carbon": _carbon(cost.grams),
    }


def _time(seconds: float) -> str:
    if seconds >= 0.95:
        return duration(seconds)
    return t("cost.milliseconds", value=significant(1000 * seconds, 2))


def _energy(cost: Cost) -> str:
    if cost.watt_hours >= 0.1:
        return t("cost.watt_hours", value=significant(cost.watt_hours, 2))
    return t("cost.joules", value=significant(cost.joules, 2))


def _carbon(grams: float) -> str:
    """Write grams, thousandths or millionths of one, whichever has few zeros."""
    for unit, size in (("grams", 1.0), ("milligrams", 1e-3)):
        if grams >= size / 10:
            return t(f"cost.{unit}", value=significant(grams / size, 2))
    return t("cost.micrograms", value=significant(grams / 1e-6, 2))


def _memory(size: int) -> str:
    return t("cost.megabytes", value=integer(round(size / 1e6)))
