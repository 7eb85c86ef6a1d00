"""How much more an error on a rare class counts: the user's word holds in every way of learning."""

import json

import numpy as np
import pytest
from PIL import Image

import imagier
from imagier.cli import imagier as command
from imagier.cli.running import run
from imagier.errors import UsageError
from imagier.learning import TrainOptions, train_recognizer
from imagier.learning.class_weights import class_weights

LABELS = np.repeat([0, 1], [40, 10])


@pytest.fixture(scope="module")
def source(tmp_path_factory, draw_stripes):
    """Write 80 striped pictures, four times as many of one class."""
    pictures, labels = draw_stripes(160, seed=5)
    place, kept = tmp_path_factory.mktemp("unequal") / "stripes", [0, 0]
    for number, label in enumerate(labels):
        kept[label] += 1
        if kept[label] > (64, 16)[label]:
            continue
        folder = place / ("lying", "standing")[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pictures[number, :, :, 0]).save(folder / f"{number}.png")
    return place


def test_the_rules():
    assert class_weights(LABELS, 2, "none") == (1.0, 1.0)
    assert class_weights(LABELS, 2, "balanced") == pytest.approx((0.625, 2.5))
    low, high = class_weights(LABELS, 2)
    assert high / low == pytest.approx(2.0)
    assert class_weights(np.repeat([0, 1], [11, 10]), 2) == (1.0, 1.0)
    assert class_weights(np.repeat([0, 1], [11, 10]), 2, "balanced") != (1.0, 1.0)


@pytest.mark.parametrize("rule", ["balanced", "none", "sqrt"])
def test_scikit_learn_agrees_on_balanced(rule):
    from sklearn.utils.class_weight import compute_class_weight

    theirs = compute_class_weight("balanced", classes=np.arange(2), y=LABELS)
    ours = class_weights(LABELS, 2, rule)
    assert (ours == pytest.approx(tuple(theirs))) == (rule == "balanced")


@pytest.mark.parametrize("network", ["linear", "features"])
def test_each_way_of_learning_keeps_to_it(source, network):
    ratios, notes = {}, {}
    for rule in ("none", "sqrt", "balanced"):
        options = TrainOptions(network=network, epochs=1, class_weight=rule)
        result = train_recognizer(source, options)
        weights = result.recognizer.card.plan["class_weights"]
        ratios[rule] = weights[1] / weights[0]
        notes[rule] = " ".join(result.report.data_notes)
    assert ratios["none"] == 1
    assert ratios["balanced"] == pytest.approx(ratios["sqrt"] ** 2)
    assert ratios["balanced"] > 3
    assert ["Classes are unequal" in note for note in notes.values()] == [False, True, True]


def test_the_front_door_and_the_command(source, tmp_path, monkeypatch, capsys):
    recognizer, _ = imagier.learn(source, network="linear", epochs=1, class_weight="balanced")
    monkeypatch.chdir(tmp_path)
    words = ["--network", "linear", "--epochs", "1", "--class-weight", "balanced", "--out", "m"]
    assert run(command, ["train", str(source), *words, "--json", "--quiet"]) == 0
    weights = json.loads(capsys.readouterr().out)["plan"]["class_weights"]
    assert tuple(weights) == tuple(recognizer.card.plan["class_weights"])
    assert run(command, ["train", str(source), "--class-weight", "much"]) == 2
    with pytest.raises(UsageError) as caught:
        imagier.learn(source, class_weight="much")
    assert caught.value.code == "bad_class_weight"


def test_a_tuned_plan_is_carried_out_again_with_its_rule(source, tmp_path):
    options = TrainOptions(network="finetune", epochs=1, class_weight="balanced")
    first = train_recognizer(source, options).recognizer
    first.save(tmp_path / "m")
    again = train_recognizer(source, TrainOptions(plan=tmp_path / "m")).recognizer
    assert again.onnx == first.onnx
