"""Golden pictures return the probabilities they were stored with, or tell the difference."""

import json

import numpy as np
import pytest

from imagier.errors import ModelError
from imagier.recognizer import golden_files, load, replay_golden


def test_golden_pictures_are_replayed(recognizer, tiny, tmp_path):
    pixels = np.stack([tiny.bright(third) for third in range(3)])
    files = golden_files(pixels, recognizer.probabilities(pixels))
    assert sorted(files) == [
        "golden/0000.png", "golden/0001.png", "golden/0002.png", "golden/golden.json",
    ]  # fmt: skip
    recognizer.with_companions(files).save(tmp_path / "m.imagier")
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
    assert replay_golden(recognizer.with_companions(files)) <= 1e-6


def test_a_difference_is_measured(recognizer, tiny):
    pixels = tiny.bright(1)[np.newaxis]
    files = golden_files(pixels, recognizer.probabilities(pixels) + np.float32([[0.25, 0, 0]]))
    assert replay_golden(recognizer.with_companions(files)) == pytest.approx(0.25)


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
    spoilt = recognizer.with_companions(files | {"golden/golden.json": rows.encode()})
    with pytest.raises(ModelError) as refused:
        replay_golden(spoilt)
    assert refused.value.code == "model_damaged"


def test_the_list_is_plain_json(recognizer, tiny):
    pixels = tiny.bright(1)[np.newaxis]
    files = golden_files(pixels, recognizer.probabilities(pixels))
    rows = json.loads(files["golden/golden.json"])
    assert sum(rows["0000.png"]) == pytest.approx(1)
