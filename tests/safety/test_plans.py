"""Plans, runs and weights that somebody else wrote: refused by name, value by value."""

import json
import os
from dataclasses import asdict

import pytest

from imagier.errors import ImagierError, MachineError, ModelError
from imagier.files import lock_file
from imagier.recognizer import ModelCard
from imagier.recognizer.card import FORMAT
from imagier.recognizer.history import read_history
from imagier.training import Plan
from imagier.training.checkpoints.manifest import RunManifest

GOOD = asdict(
    Plan(
        network="cnn",
        epochs=3,
        epoch_size=100,
        batch_size=10,
        learning_rate=0.01,
        weight_decay=0.0,
        loss="cross-entropy",
        class_weights=(1.0, 2.0),
        patience=None,
        seed=0,
        threads=2,
        cuts=((1, 2),),
    )
) | {"format": 2}

BAD = {
    "threads": [1_000_000, -1, 0, "1", 1.5, 2**31, True, None],
    "epochs": [0, -1, 1.5, True, "3"],
    "epoch_size": [0, -5, "6", 2.0],
    "batch_size": [0, -1, None, "x"],
    "learning_rate": ["x", None, -1, 0, float("inf"), float("nan")],
    "weight_decay": ["x", -1],
    "class_weights": [[], [1.0], ["x", "y"], [-1.0, 1.0], 3, None],
    "patience": ["x", 0, -1, 1.5],
    "seed": [-1, 2**70, "x", 0.5],
    "cuts": [[[0, 0]], [[5, 1], [3, 0]], [[1]], "x", [[3, 2]]],
    "momentum": ["x", 5, -1],
    "beta2": [2],
    "warm_up": ["x", -5],
    "label_smoothing": [9, "x"],
    "shift": ["x", -1, 10**9],
    "averaging": [9, "x"],
    "flip": ["x", 1],
    "flip_tta": [None],
    "shuffle_pixels": [-1, "x"],
    "network": [3, "", "x" * 2000],
    "format": [1, "2", None],
}


def test_the_plan_itself_is_good():
    written = {name: GOOD[name] for name in GOOD if not name.startswith("init")}
    assert (
        Plan.from_json(json.loads(json.dumps(GOOD))).to_json() == written
    )  # it went on from no model


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in BAD.items() for v in values])
def test_a_value_that_no_plan_has_is_refused(name, value):
    with pytest.raises(ModelError) as caught:
        Plan.from_json(GOOD | {name: value})
    assert caught.value.code in {"bad_plan", "plan_format"}


@pytest.mark.parametrize("name", ["options", "plan", "versions"])
@pytest.mark.parametrize("value", [[1], None, "x", 3])
def test_a_manifest_of_other_kinds_is_damaged(tmp_path, name, value):
    from imagier.training.checkpoints import manifest as module

    good = RunManifest(options={}, plan={}, versions={}, replaces=None).to_bytes()
    data = json.loads(good) | {name: value, "sha256": module.BLANK}
    content = module.with_checksum((json.dumps(data, indent=1) + "\n").encode())
    assert RunManifest.from_bytes(good, path=tmp_path) is not None
    assert RunManifest.from_bytes(content, path=tmp_path) is None


def test_a_lock_that_is_a_pipe_or_a_link_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "mine").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    for name in ("pipe", "link"):
        with pytest.raises((OSError, MachineError)):
            lock_file(tmp_path / name)
    assert (tmp_path / "mine").read_text() == "precious"


CARD = {
    "format": FORMAT,
    "classes": ["a", "b"],
    "prepare": {
        "height": 9,
        "width": 9,
        "channels": 1,
        "full_scale": 255,
        "fit": "pad",
        "ink": None,
    },
    "network": "linear",
    "parameters": 3,
    "seed": 0,
}


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"x": float("inf")}},
        {"plan": {"x": [float("nan")]}},
        {"data": {"x": "\ud800"}},
        {"versions": {"\ud800": "1"}},
        {"prepare": CARD["prepare"] | {"channels": 1.0}},
        {"prepare": CARD["prepare"] | {"channels": True}},
        {"prepare": CARD["prepare"] | {"height": True}},
        {"prepare": CARD["prepare"] | {"full_scale": True}},
    ],
)
def test_a_card_that_cannot_be_written_again_is_damaged(change):
    assert ModelCard.from_json(CARD).classes == ("a", "b")
    with pytest.raises(ImagierError) as caught:
        ModelCard.from_json(CARD | change)
    assert caught.value.code in {"model_damaged", "prepare_invalid"}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"format": 1e999}',
        '{"format": 3, "set": "x", "train": {"split": {"train": 1e999}}}',
        '{"format": %s}' % ("9" * 4000),
        "[]",
        "",
        "\ud800",
    ],
)
def test_a_report_that_is_none_is_not_believed(text):
    assert read_history({"report.json": text.encode("utf-8", "surrogatepass")}) is None
