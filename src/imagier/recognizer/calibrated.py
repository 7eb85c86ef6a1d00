"""A recogniser whose probabilities say how often it is right, and that may rather not answer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.onnx_io.strangeness import StrangenessScore, add_strangeness
from imagier.onnx_io.temperature import add_temperature
from imagier.recognizer.abstention import STRANGERS, THRESHOLDS, ThresholdRow
from imagier.recognizer.name_sets import SETS, NameLimit
from imagier.recognizer.recognizer import Recognizer
from imagier.recognizer.verification import with_golden

__all__ = ["calibrated"]


def calibrated(
    recognizer: Recognizer,
    *,
    temperature: float,
    rows: Sequence[ThresholdRow],
    golden: NDArray[np.uint8],
    sets: Sequence[NameLimit] = (),
    strangers: StrangenessScore | None = None,
    strangers_card: Mapping[str, float] | None = None,
) -> Recognizer:
    """Give a recogniser at another temperature, which knows its thresholds and strangers.

    Args:
        recognizer: At temperature 1.
        temperature: By which the logarithms of its probabilities are divided, in its ONNX file.
        rows: What thresholds gave on pictures that were not learnt from.
        golden: The prepared pictures whose answers are kept, (N, H, W, C); N may be 0.
        sets: From which probability on a name belongs to a set of each coverage.
        strangers: What its ONNX file computes of how strange a picture is; None for nothing.
        strangers_card: What the card says about it.

    Raises:
        ModelError: `export_differs`, when the graph does not answer as it should.
    """
    kept: dict[str, Any] = {THRESHOLDS: [row.to_json() for row in rows]}
    if sets:
        kept[SETS] = [list(row) for row in sets]
    if strangers is not None:
        kept[STRANGERS] = dict(strangers_card or {})
    card = replace(recognizer.card, temperature=temperature, thresholds=kept)
    onnx = recognizer.onnx
    if temperature != 1:
        onnx = add_temperature(onnx, temperature, path=recognizer.name)
    if strangers is not None:
        onnx = add_strangeness(onnx, strangers, path=recognizer.name)
    made = replace(recognizer, card=card, onnx=onnx, graph=None)
    return with_golden(made, golden)
