"""How strange a picture is: the same number from NumPy, the model, and a plain ONNX Runtime."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from imagier.features import run_features
from imagier.features.strangers import fit_score
from imagier.files import json_line
from imagier.onnx_io.graph import read_graph
from imagier.onnx_io.strangeness import StrangenessScore, features_graph
from imagier.recognizer import Prediction, load
from imagier.recognizer.calibrated import calibrated
from imagier.recognizer.verification import replay_golden


def builders():
    spec = importlib.util.spec_from_file_location(
        "tiny", Path(__file__).with_name("tiny_models.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tiny = builders()
PIXELS = np.random.default_rng(0).integers(0, 256, (60, 9, 9, 1), np.uint8)
SAID = {"refused": 0.02, "n": 60}


def features_of(recognizer, pixels):
    return run_features(features_graph(recognizer.onnx, path="tiny"), pixels, path="tiny")


def told(plain, *, temperature=1.0, golden=PIXELS[:0], shift=0.0):
    features = features_of(plain, PIXELS)
    labels = plain.probabilities(PIXELS).argmax(axis=1)
    score = fit_score(features, labels)
    score = StrangenessScore(
        **{name: getattr(score, name) for name in score.__slots__}
        | {"near_weight": 0.7, "far_weight": 0.05, "shift": shift}
    )
    made = calibrated(
        plain,
        temperature=temperature,
        rows=(),
        golden=golden,
        strangers=score,
        strangers_card=SAID,
    )
    return made, score


@pytest.mark.parametrize("temperature", [1.0, 0.4])
def test_the_graph_computes_the_formula(tmp_path, temperature):
    plain = tiny.tiny_recognizer()
    made, score = told(plain, temperature=temperature, golden=PIXELS[:3])
    expected = score.strangeness(features_of(plain, PIXELS))
    found = made.answers(PIXELS)
    np.testing.assert_allclose(found.strangeness, expected, rtol=1e-4, atol=1e-4)
    assert np.ptp(expected) > 0.1
    if temperature == 1:
        np.testing.assert_array_equal(found.probabilities, plain.probabilities(PIXELS))
    made.save(tmp_path / "m.imagier")
    for again in (load(tmp_path / "m.imagier"), load(tmp_path / "m.imagier" / "model.onnx")):
        assert again.tells_strangers
        assert again.card.thresholds["strangers"] == SAID
        np.testing.assert_array_equal(again.answers(PIXELS).strangeness, found.strangeness)


def test_a_plain_onnx_runtime_says_the_same(tmp_path):
    import onnxruntime

    made, _ = told(tiny.tiny_recognizer())
    made.save(tmp_path / "m.imagier")
    session = onnxruntime.InferenceSession(tmp_path / "m.imagier" / "model.onnx")
    assert [one.name for one in session.get_outputs()] == ["probabilities", "strangeness"]
    _, strangeness = session.run(None, {"pixels": PIXELS})
    np.testing.assert_allclose(strangeness[:, 0], made.answers(PIXELS).strangeness, rtol=1e-4)


def test_the_graph_passes_the_checks_of_every_model():
    made, _ = told(tiny.tiny_recognizer())
    graph = read_graph(made.onnx, path="m")
    assert graph.tells_strangers
    assert not read_graph(tiny.tiny_recognizer().onnx, path="m").tells_strangers


def test_golden_pictures_watch_over_it():
    made, _ = told(tiny.tiny_recognizer(), golden=PIXELS[:3])
    other, _ = told(tiny.tiny_recognizer(), golden=PIXELS[:3], shift=0.5)
    assert replay_golden(made) < 1e-5
    assert replay_golden(made.with_artifacts(other.artifacts)) > 0.1


@pytest.mark.parametrize(("shift", "is_stranger"), [(-1000.0, False), (1000.0, True)])
def test_none_of_these_is_answered(shift, is_stranger):
    made, _ = told(tiny.tiny_recognizer(), shift=shift)
    plain = tiny.tiny_recognizer().predict(PIXELS[0])
    answer = made.predict(PIXELS[0])
    assert (answer.stranger, plain.stranger) == (is_stranger, None)
    assert (answer.label, answer.top) == (plain.label, plain.top)  # what it would be
    assert f'"stranger":{str(is_stranger).lower()}' in json_line(answer.to_json()).replace(" ", "")
    assert ("none of these" in answer.line()) == is_stranger


def test_the_line_is_said_in_both_languages(monkeypatch):
    answer = Prediction(path="a.png", label="chat", probability=0.4, stranger=True)
    assert answer.line() == "?    40.0%  a.png  none of these (nearest: chat)"
    monkeypatch.setenv("IMAGIER_LANG", "fr")
    assert "aucune de ces classes (la plus proche\u00a0: chat)" in answer.line()
