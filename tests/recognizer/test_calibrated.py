"""A temperature inside the ONNX file, and thresholds in the card."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from imagier.errors import UsageError
from imagier.recognizer import load
from imagier.recognizer.abstention import ThresholdRow, stored_rows
from imagier.recognizer.calibrated import calibrated
from imagier.recognizer.prediction import Prediction
from imagier.testing.calibration import with_temperature

ROWS = (
    ThresholdRow(threshold=0.9, n=500, wrong=0, answered=0.5),
    ThresholdRow(threshold=0.4, n=1000, wrong=60, answered=1.0),
)


def builders():
    spec = importlib.util.spec_from_file_location(
        "tiny", Path(__file__).with_name("tiny_models.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tiny = builders()
PIXELS = np.random.default_rng(0).integers(0, 256, (20, 9, 9, 1), np.uint8)


@pytest.mark.parametrize("temperature", [0.05, 0.5, 1.0, 3.0, 20.0])
def test_the_graph_answers_as_the_formula_says(tmp_path, temperature):
    plain = tiny.tiny_recognizer()
    made = calibrated(plain, temperature=temperature, rows=ROWS, golden=PIXELS[:3])
    before, after = plain.probabilities(PIXELS), made.probabilities(PIXELS)
    np.testing.assert_allclose(after, with_temperature(before, temperature), atol=2e-5)
    np.testing.assert_array_equal(after.argmax(axis=1), before.argmax(axis=1))
    made.save(tmp_path / "m.imagier")
    for again in (load(tmp_path / "m.imagier"), load(tmp_path / "m.imagier" / "model.onnx")):
        assert again.card.temperature == temperature
        np.testing.assert_array_equal(again.probabilities(PIXELS), after)
        assert stored_rows(again.card.thresholds) == ROWS


def test_a_certain_answer_stays_one():
    made = calibrated(tiny.tiny_recognizer(), temperature=0.05, rows=(), golden=PIXELS[:0])
    white = np.zeros((1, 9, 9, 1), np.uint8)
    white[:, :, :3] = 255
    found = made.probabilities(white)
    assert np.isfinite(found).all()
    assert found[0, 0] == pytest.approx(1)


def test_the_threshold_is_the_lowest_that_keeps_the_promise():
    made = calibrated(tiny.tiny_recognizer(), temperature=1.0, rows=ROWS, golden=PIXELS[:0])
    assert made.threshold(None) == 0
    assert made.threshold(0.01) == 0.9
    assert made.threshold(0.10) == 0.4
    with pytest.raises(UsageError) as caught:
        made.threshold(0.001)
    assert caught.value.code == "max_error_unproven"
    assert not made.predict(PIXELS[0], max_error=0.10).abstained
    assert made.predict(PIXELS[0], max_error=0.01).abstained


def test_a_set_of_names_is_given_where_a_coverage_is_asked(tmp_path):
    sets = ((0.5, 0.9, 99), (0.9, 0.0, 99))
    made = calibrated(
        tiny.tiny_recognizer(), temperature=1.0, rows=ROWS, golden=PIXELS[:0], sets=sets
    )
    made.save(tmp_path / "m.imagier")
    made = load(tmp_path / "m.imagier" / "model.onnx")
    plain, some = made.predict(PIXELS[0]), made.predict(PIXELS[0], coverage=0.8)
    assert plain.names is None
    assert "names" not in plain.to_json()
    assert some.names[0] == some.label
    assert set(some.names) == set(made.classes)
    assert some.line().endswith("{" + ", ".join(some.names) + "}")
    assert Prediction.from_json(some.to_json()).names == some.names
    assert next(made.predict_many(PIXELS[:1], coverage=0.5)).names == (some.label,)
    with pytest.raises(UsageError) as caught:
        made.predict(PIXELS[0], coverage=0.99)
    assert caught.value.code == "coverage_unproven"
    with pytest.raises(UsageError) as caught:
        tiny.tiny_recognizer().predict(PIXELS[0], coverage=0.5)
    assert caught.value.code == "coverage_unknown"


@pytest.mark.parametrize("kept", [{}, {"held_out": 3}, {"held_out": [[1, 2]]}, {"held_out": []}])
def test_a_card_with_other_thresholds_promises_nothing(kept):
    from dataclasses import replace

    plain = tiny.tiny_recognizer()
    made = replace(plain, card=replace(plain.card, thresholds=kept), graph=None)
    with pytest.raises(UsageError) as caught:
        made.threshold(0.1)
    assert caught.value.code == "max_error_unknown"
