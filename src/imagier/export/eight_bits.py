"""A recogniser in whole numbers of eight bits, with what that cost and what it brought.

The answers before and after are compared picture by picture, as two models are
(`imagier.testing.comparison`); size and speed too, the two by turns, since a machine is never as
quick twice. Thresholds and sets of names were read off the answers before; they are read again off
those after, where the model's own validation judges, and left out elsewhere: a promise is kept by
the network that it was made for.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from imagier.datasets import Dataset
from imagier.errors import DataError
from imagier.export.calibration_rows import Judges
from imagier.export.quantization import quantise
from imagier.export.results import AccuracyLoss, Speed
from imagier.files import printable
from imagier.recognizer import Recognizer
from imagier.recognizer.abstention import THRESHOLDS, threshold_rows
from imagier.recognizer.engine import runtime_module
from imagier.recognizer.name_sets import SETS
from imagier.testing.comparison import compare_answers
from imagier.testing.conformal import FEWEST, name_limits
from imagier.testing.evaluation import evaluate
from imagier.testing.metrics import Integers
from imagier.testing.model_comparison import compare_models

__all__ = ["QuantisedModel", "loss_on_rows", "loss_on_test", "measure_speed", "quantised"]

ROUNDS = 30
MOST_SECONDS = 6.0
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuantisedModel:
    """A recogniser in eight bits.

    Attributes:
        recognizer: It, without the folder's other files.
        keeps_thresholds: Whether it has thresholds, read again off its own answers.
    """

    recognizer: Recognizer
    keeps_thresholds: bool


def quantised(
    recognizer: Recognizer, dataset: Dataset, calibrating: Integers, validation: Integers | None
) -> QuantisedModel:
    """Give a recogniser in whole numbers of eight bits.

    Args:
        recognizer: As it was learnt.
        dataset: Pictures, prepared as it wants them.
        calibrating: Rows that the scales are read off.
        validation: Rows that the thresholds are read off; None for no thresholds.
    """
    onnx = quantise(recognizer.onnx, np.asarray(dataset.pixels[calibrating]))
    kept = {
        name: value
        for name, value in recognizer.card.thresholds.items()
        if name not in (THRESHOLDS, SETS)
    }
    card = replace(recognizer.card, thresholds=kept, versions=_versions(recognizer))
    made = Recognizer(card=card, onnx=onnx, name=recognizer.name, threads=recognizer.threads)
    if validation is None or not recognizer.card.thresholds:
        return QuantisedModel(recognizer=made, keeps_thresholds=False)
    thresholds = kept | _thresholds(made, dataset, validation)
    card = replace(made.card, thresholds=thresholds)
    made = replace(made, card=card, graph=None)
    return QuantisedModel(recognizer=made, keeps_thresholds=True)


def loss_on_rows(
    before: Recognizer,
    after: Recognizer,
    dataset: Dataset,
    rows: Integers,
    *,
    judges: Judges,
    progress: Progress | None = None,
) -> AccuracyLoss:
    """Compare the answers before and after on rows of a data set.

    Raises:
        DataError: `calibrate_nothing_judges`, when there are none; `unknown_labels`.
    """
    if not len(rows):
        raise DataError("calibrate_nothing_judges", source=printable(dataset.name))
    first, second = (evaluate(one, dataset, rows, progress=progress) for one in (before, after))
    found = compare_answers(first.is_right, second.is_right)
    return AccuracyLoss(
        part=judges,
        source=printable(dataset.name),
        before=first.score.accuracy,
        after=second.score.accuracy,
        comparison=found,
        changed=int((first.predicted != second.predicted).sum()),
        strangers=(int(first.is_stranger.sum()), int(second.is_stranger.sum()))
        if before.tells_strangers
        else None,
    )


def loss_on_test(model: Path, after: Recognizer, source: str, **asked: Any) -> AccuracyLoss:
    """Compare the answers before and after on the test part of a source, as `compare` does.

    Args:
        model: The model's folder, or its single file.
        after: The same in eight bits.
        source: The pictures.
        asked: What `compare_models` takes besides.

    Raises:
        UsageError, DataError, ModelError: As `compare_models`.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "int8.onnx"
        file.write_bytes(after.onnx)
        found = compare_models([model, file], source, **asked)
    first, second = (one.score.accuracy for one in found.models)
    return AccuracyLoss(
        part="test",
        source=found.source,
        before=first,
        after=second,
        comparison=found.pairs[0].comparison,
        changed=len(found.differing),
        strangers=None,
    )


def measure_speed(before: Recognizer, after: Recognizer, dataset: Dataset, rows: Integers) -> Speed:
    """Let both name one picture after the other, by turns, and give the median of each.

    Args:
        before: As it was learnt.
        after: In eight bits.
        dataset: Prepared pictures.
        rows: Those that are shown, again and again.
    """
    seconds: tuple[list[float], list[float]] = [], []
    begin = time.perf_counter()
    for turn in range(ROUNDS + 2):
        picture = np.asarray(dataset.pixels[rows[turn % len(rows)]])[np.newaxis]
        pair = []
        for one in (before, after):
            start = time.perf_counter()
            one.answers(picture)
            pair.append(time.perf_counter() - start)
        if turn > 1:  # sessions are opened and memory is asked for at first
            seconds[0].append(pair[0])
            seconds[1].append(pair[1])
        if turn > 3 and time.perf_counter() - begin > MOST_SECONDS:
            break
    return Speed(before=statistics.median(seconds[0]), after=statistics.median(seconds[1]))


def _versions(recognizer: Recognizer) -> dict[str, str]:
    return {**recognizer.card.versions, "int8": f"onnxruntime {runtime_module().__version__}"}


def _thresholds(made: Recognizer, dataset: Dataset, rows: Integers) -> dict[str, Any]:
    """Read thresholds and sets of names off the answers to pictures that were not learnt from."""
    found = evaluate(made, dataset, rows)
    is_known = ~found.is_stranger
    kept = threshold_rows(found.confidence[is_known], found.is_right[is_known], of=len(rows))
    thresholds: dict[str, Any] = {THRESHOLDS: [row.to_json() for row in kept]}
    if len(rows) >= FEWEST:
        probabilities = np.concatenate(
            [
                made.probabilities(np.asarray(dataset.pixels[rows[start : start + 256]]))
                for start in range(0, len(rows), 256)
            ]
        )
        thresholds[SETS] = [list(row) for row in name_limits(probabilities, found.labels)]
    return thresholds
