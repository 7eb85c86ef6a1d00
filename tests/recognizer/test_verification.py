"""What is exported answers like what was learnt; golden pictures tell when it no longer does."""

import json

import numpy as np
import pytest

from imagier.errors import ModelError
from imagier.onnx_io import graph
from imagier.recognizer import (
    TOLERANCE,
    check_export,
    engine,
    golden_files,
    load,
    replay_golden,
    with_golden,
)


def test_golden_pictures_are_replayed(recognizer, tiny, tmp_path):
    pixels = np.stack([tiny.bright(third) for third in range(3)])
    files = golden_files(pixels, recognizer.probabilities(pixels))
    assert sorted(files) == [
        "golden/0000.png", "golden/0001.png", "golden/0002.png", "golden/golden.json",
    ]  # fmt: skip
    recognizer.with_artifacts(files).save(tmp_path / "m.imagier")
    assert replay_golden(load(tmp_path / "m.imagier")) <= 1e-6


def test_colours_and_small_scales_return_exactly(tiny):
    rng = np.random.default_rng(0)
    recognizer = tiny.tiny_recognizer(
        card=tiny.tiny_card(channels=3),
        onnx=tiny.tiny_model(channels=3).SerializeToString(),
        weights=b"",
    )
    pixels = rng.integers(0, 17, (4, 9, 9, 3), np.uint8)
    files = golden_files(pixels, recognizer.probabilities(pixels))
    assert replay_golden(recognizer.with_artifacts(files)) <= 1e-6


def test_a_difference_is_measured(recognizer, tiny):
    pixels = tiny.bright(1)[np.newaxis]
    files = golden_files(pixels, recognizer.probabilities(pixels) + np.float32([[0.25, 0, 0]]))
    assert replay_golden(recognizer.with_artifacts(files)) == pytest.approx(0.25)


def test_a_model_without_pictures_differs_by_nothing(recognizer):
    assert replay_golden(recognizer) == 0.0


@pytest.mark.parametrize(
    "rows",
    ["[]", "{", '{"9.png": [1, 0, 0]}', '{"0000.png": [1]}', '{"0000.png": "x"}', "{}",
     '{"../../model.json": [1, 0, 0]}'],
)  # fmt: skip
def test_golden_files_that_do_not_hold_together(recognizer, tiny, rows):
    pixels = tiny.bright(1)[np.newaxis]
    files = golden_files(pixels, recognizer.probabilities(pixels))
    spoilt = recognizer.with_artifacts(files | {"golden/golden.json": rows.encode()})
    with pytest.raises(ModelError) as refused:
        replay_golden(spoilt)
    assert refused.value.code == "model_damaged"


def test_the_list_is_plain_json(recognizer, tiny):
    pixels = tiny.bright(1)[np.newaxis]
    files = golden_files(pixels, recognizer.probabilities(pixels))
    rows = json.loads(files["golden/golden.json"])
    assert sum(rows["0000.png"]) == pytest.approx(1)


def test_two_first_choices_that_each_may_be_off_may_change_places():
    """Both differ by less than is allowed, and so the lead, twice that, is no evidence."""
    expected = np.array([[0.5 + 0.9e-4, 0.5 - 0.9e-4, 0]])
    answered = np.array([[0.5 - 0.05e-4, 0.5 + 0.05e-4, 0]])
    assert expected[0, 0] - expected[0, 1] == pytest.approx(1.8 * TOLERANCE)
    check_export(answered, expected)


@pytest.mark.parametrize(
    ("answered", "tolerance"),
    [([0.5998, 0.4002], 1e-4), ([0.4, 0.6], 0.15), ([float("nan"), 1.0], 1e-4)],
)
def test_an_export_that_answers_otherwise_is_refused(answered, tolerance):
    with pytest.raises(ModelError) as refused:
        check_export(np.array([answered]), np.array([[0.6, 0.4]]), tolerance=tolerance)
    assert refused.value.code == "export_differs"


def test_nothing_to_compare_is_no_difference():
    check_export(np.empty((0, 3)), np.empty((0, 3)))


def test_an_export_is_read_through_once_and_opens_one_session(tiny, monkeypatch):
    read, sessions = [], []
    true_graph_of, true_session = graph._RecognizerChecks.graph_of, engine.open_session

    def graph_of(checks, content):
        read.append(len(content))
        return true_graph_of(checks, content)

    def open_session(onnx, **settings):
        sessions.append(len(onnx))
        return true_session(onnx, **settings)

    monkeypatch.setattr(graph._RecognizerChecks, "graph_of", graph_of)
    monkeypatch.setattr(engine, "open_session", open_session)
    pixels = np.stack([tiny.bright(third) for third in range(3)])
    recognizer = tiny.tiny_recognizer()
    check_export(recognizer.probabilities(pixels), recognizer.probabilities(pixels))
    recognizer = with_golden(recognizer, pixels).with_artifacts({"report.json": b"{}"})
    recognizer.predict(tiny.bright(0))
    assert (len(read), len(sessions)) == (1, 1)


def test_golden_pictures_join_the_other_artifacts(recognizer, tiny):
    other = recognizer.with_artifacts({"report.json": b"{}"})
    golden = with_golden(other, tiny.bright(1)[np.newaxis])
    assert {"report.json", "golden/0000.png", "golden/golden.json"} == set(golden.artifacts)
    assert set(other.artifacts) == {"report.json"}
    assert with_golden(other, np.empty((0, 9, 9, 1), np.uint8)) is other
