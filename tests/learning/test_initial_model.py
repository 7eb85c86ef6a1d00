"""Learning that goes on from a model: what is taken over, what is new, what is refused."""

import dataclasses
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

import imagier
from imagier.datasets import open_source
from imagier.errors import DataError, ImagierError, ModelError, UsageError
from imagier.i18n import use_language
from imagier.learning import TrainOptions, train_recognizer
from imagier.learning.data import DataSource
from imagier.learning.initial_model import open_initial
from imagier.learning.network_trainer import NetworkTrainer
from imagier.learning.progress import silent
from imagier.learning.trainers import Run

LOW, HIGH = tuple("01234"), tuple("56789")
N = 600  # of the 1,797 digits


def some(n=N, *, seed=0):
    """Take some of the digits, as a listing of their own."""
    listing = open_source("digits")
    rows = np.sort(np.random.default_rng(seed).permutation(len(listing))[:n])
    return listing.take(rows)


def train(source, **options):
    return train_recognizer(source, TrainOptions(**options))


def saved(place, **options):
    train(some(), **{"network": "cnn:8", "epochs": 1} | options).recognizer.save(place)
    return place


@pytest.fixture(scope="module")
def low(tmp_path_factory):
    """A model that knows the digits 0 to 4."""
    return saved(tmp_path_factory.mktemp("low") / "low.imagier", epochs=6, classes=LOW)


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """A model that knows all ten."""
    return saved(tmp_path_factory.mktemp("all") / "digits.imagier", epochs=10)


def begun(source, **options):
    """Give a network of layers as it is before the first step, and its data."""
    asked = TrainOptions(**{"epochs": 1} | options)
    init = open_initial(asked)
    data = DataSource(source, asked, None, silent, init).prepare(init.prepare)
    return NetworkTrainer(data, init.network, Run()), data


def anew(source):
    """Give the same without a model to go on from."""
    asked = TrainOptions(epochs=1, network="cnn:8")
    opened = DataSource(source, asked, None, silent)
    return NetworkTrainer(opened.prepare(opened.settings("cnn:8")), "cnn:8", Run())


def said(result):
    return " ".join(result.report.data_notes)


def notes(data):
    return " ".join(data.init.notes(data))


def parts_of(data):
    return {
        data.dataset.names[row]: part
        for part in ("train", "validation", "test")
        for row in getattr(data.split, part).tolist()
    }


def before(place):
    """Give the part of each picture that a model was made with."""
    rows = (place / "split.csv").read_text().splitlines()[1:]
    return {row.split(",")[0]: row.rsplit(",", 1)[1] for row in rows}


# What is taken over


@pytest.mark.parametrize("network", ["linear", "dense:8,8", "cnn", "cnn:8,8x2:max"])
def test_before_the_first_step_it_answers_as_the_model_did(tmp_path, network):
    place = saved(tmp_path / "m.imagier", network=network)
    trainer, data = begun(some(), init=place)
    pixels = data.dataset.pixels[:200]
    model = imagier.load(place)
    network = trainer._build().eval()
    with torch.inference_mode():
        logits = network(torch.from_numpy(np.array(pixels))) / model.card.temperature
    np.testing.assert_allclose(
        logits.softmax(1).numpy(), model.probabilities(pixels), rtol=1e-3, atol=1e-5
    )


def test_known_classes_keep_their_neurons_whatever_their_order(low):
    """The classes 3 and 4 stand first and second here; 7 and 9 are new."""
    trainer, data = begun(some(), init=low, classes=("9", "7", "4", "3"))
    assert data.dataset.classes == ("3", "4", "7", "9")
    own, known = trainer._build().state_dict(), data.init.weights
    for name in [name for name in own if name.startswith("body.")][-2:]:
        np.testing.assert_array_equal(own[name][:2], known[name][3:5])
        assert not np.isin(own[name][2:], known[name]).any()


def test_an_added_class_is_learnt_beside_the_known_ones(low):
    result = train(some(), init=low, epochs=10)
    assert result.recognizer.classes == tuple("0123456789")
    assert result.report.accuracy > 0.85
    assert "learnt from nothing: 5, 6, 7, 8, 9" in said(result)
    assert "that model named" not in said(result)  # which could not have named the new ones


def test_a_class_without_pictures_is_let_go_and_said(digits):
    _, data = begun(some(), init=digits, classes=LOW)
    assert data.dataset.classes == LOW
    assert "no longer answers 5, 6, 7, 8, 9" in notes(data)


def test_other_classes_altogether_take_all_layers_but_the_last(low):
    _, data = begun(some(), init=low, classes=HIGH)
    assert data.init.rows_of(data.dataset.classes) == (None,) * 5
    assert "knows none of these 5 classes" in notes(data)


def test_classes_written_as_numbers_of_a_table_are_the_known_ones(digits):
    listing = some()
    labels = tuple(f"{one}.0" for one in listing.labels)
    _, data = begun(dataclasses.replace(listing, labels=labels), init=digits)
    assert data.dataset.classes == tuple("0123456789")


def test_a_few_pictures_are_enough_to_go_on(digits):
    few = some(150, seed=1)
    known, new = begun(few, init=digits)[0], anew(few)
    for trainer in (known, new):
        trainer.fit()
    assert known.validation_score()[0] > new.validation_score()[0] + 0.2


def test_prepare_and_network_are_those_of_the_model(digits, tmp_path, draw_stripes):
    """Pictures of another size and colour are brought to what the weights were learnt for."""
    pictures, labels = draw_stripes(40, seed=5)
    for number, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        place = tmp_path / "stripes" / ("lying", "standing")[label]
        place.mkdir(parents=True, exist_ok=True)
        grey = Image.fromarray(picture[:, :, 0])
        grey.convert("RGB").resize((30, 40)).save(place / f"{number}.png")
    trainer, data = begun(tmp_path / "stripes", init=digits)
    assert data.dataset.prepare == imagier.load(digits).prepare
    assert data.dataset.pixels.shape[1:] == (8, 8, 1)
    assert trainer.network == "cnn:8"


def test_the_report_says_what_it_began_with(digits):
    result = train(some(300, seed=1), init=digits, epochs=1)
    init = open_initial(TrainOptions(init=digits))
    plan = result.recognizer.card.plan
    assert (plan["init"], plan["init_name"]) == (init.hash, "digits.imagier")
    assert f"went on from digits.imagier ({init.hash[:8]}…)" in said(result)
    assert "validation pictures, that model named" in said(result)
    for file in ("MODEL_CARD.md", "report.html"):
        page = result.recognizer.artifacts[file].decode()
        assert init.hash in page
        assert "digits.imagier" in page


def test_without_pictures_the_model_is_not_named(digits):
    result = train(some(300, seed=1), init=digits, epochs=1, pictures=False)
    plan = result.recognizer.card.plan
    assert plan["init"] == open_initial(TrainOptions(init=digits)).hash
    assert "init_name" not in plan
    assert all(b"digits.imagier" not in file for file in result.recognizer.artifacts.values())


# What tests


def test_pictures_it_was_made_with_stay_in_their_parts(digits):
    """With another seed too: what was learnt from must not be tested."""
    _, data = begun(some(), init=digits, seed=9)
    assert parts_of(data) == before(digits)
    assert "600 pictures were known to that model already" in notes(data)


def test_new_pictures_are_parted_as_ever_beside_known_ones(low):
    """Those of the classes 0 to 4 are known; of the others each part gets its share."""
    _, data = begun(some(), init=low, seed=9)
    found, known = parts_of(data), before(low)
    assert known.items() <= found.items()
    new = [part for name, part in found.items() if name not in known]
    shares = [new.count(part) / len(new) for part in ("test", "validation")]
    assert shares == pytest.approx([0.15, 0.1275], abs=0.02)


def test_where_nothing_is_known_the_parts_are_those_without_a_model(digits):
    known, listing = set(some().names), open_source("digits")
    others = listing.take(row for row, name in enumerate(listing.names) if name not in known)
    _, data = begun(others, init=digits)
    assert parts_of(data) == parts_of(anew(others).data)


def test_a_source_whose_own_test_was_learnt_from_is_refused(digits):
    known, listing = before(digits), some()
    parts = tuple("test" if known[name] == "train" else "train" for name in listing.names)
    torn = dataclasses.replace(listing, parts=parts)
    with pytest.raises(DataError) as caught:
        begun(torn, init=digits)
    assert caught.value.code == "test_known_to_init"
    _, data = begun(torn, init=digits, allow_overlap=True)
    assert data.overlap == parts.count("test")


def test_a_model_that_does_not_say_what_it_learnt_from_is_pointed_out(digits, tmp_path):
    silent_one = tmp_path / "silent.imagier"
    imagier.load(digits).with_artifacts({}).save(silent_one)
    _, data = begun(some(), init=silent_one)
    assert "does not say which pictures" in notes(data)


# The plan


def test_the_plan_replays_with_the_same_model_only(digits, low, tmp_path):
    source = some(300, seed=1)
    first = train(source, init=digits, budget=20, seed=3)
    place = tmp_path / "first.imagier"
    first.recognizer.save(place)
    again = train(source, plan=place, init=digits)
    assert again.recognizer.weights == first.recognizer.weights
    assert again.recognizer.onnx == first.recognizer.onnx
    for init, code in ((None, "plan_needs_init"), (low, "plan_other_init")):
        with pytest.raises(UsageError) as caught:
            train(source, plan=place, init=init)
        assert caught.value.code == code
        assert caught.value.facts["name"] == "digits.imagier"
        assert caught.value.facts["hash"] == first.recognizer.card.plan["init"]
    with pytest.raises(UsageError) as caught:
        train(source, plan=digits, init=low)
    assert caught.value.code == "plan_without_init"


def test_a_model_learnt_again_is_the_same_to_begin_with(digits, tmp_path):
    """Its report tells other seconds, and it may stand elsewhere: its hash is that of its bits."""
    again = saved(tmp_path / "other name.imagier", epochs=10)
    init, other = (open_initial(TrainOptions(init=place)) for place in (digits, again))
    assert init.hash == other.hash


# What is refused


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"network": "linear"}, "init_network"),
        ({"network": "cnn:8;cnn:4"}, "init_network"),
        ({"network": "features"}, "init_network"),
        ({"ink": False}, "init_prepare"),
        ({"fit": "stretch"}, "init_prepare"),
        ({"shuffle_pixels": 3}, "init_prepare"),
    ],
)
def test_what_the_model_decides_is_not_asked_for(digits, options, code):
    with pytest.raises(UsageError) as caught:
        begun(some(), init=digits, **options)
    assert caught.value.code == code


def test_what_the_model_has_may_be_named(digits):
    is_ink = imagier.load(digits).prepare.ink is not None
    assert begun(some(), init=digits, network="CNN:8", fit="pad", ink=is_ink)


def test_a_single_file_holds_nothing_to_go_on_from(digits, tmp_path):
    shutil.copy(digits / "model.onnx", tmp_path / "one.onnx")
    with pytest.raises(ModelError) as caught:
        begun(some(), init=tmp_path / "one.onnx")
    assert caught.value.code == "init_without_weights"


def test_weights_of_another_network_are_refused(digits, tmp_path):
    """The file of another network, put into the folder by hand."""
    other = saved(tmp_path / "other.imagier", network="dense:4")
    recognizer = dataclasses.replace(imagier.load(digits), weights=imagier.load(other).weights)
    recognizer.save(tmp_path / "stranger.imagier")
    trainer, _ = begun(some(), init=tmp_path / "stranger.imagier")
    with pytest.raises(ModelError) as caught:
        trainer._build()
    assert caught.value.code == "weights_of_other_network"


def test_no_such_model(tmp_path):
    with pytest.raises(ImagierError) as caught:
        begun(some(), init=tmp_path / "none.imagier")
    assert caught.value.code == "model_missing"


def test_the_report_says_what_going_on_changed(low):
    result = train(some(seed=1), init=str(low), epochs=4)
    found = result.report.initial
    told = result.report.train_json()["init"]
    assert told == found.to_json()
    assert told["n"] == result.report.test.n
    assert told["after"] == result.report.test.correct
    assert told["only_after"] - told["only_before"] == told["after"] - told["before"]
    assert told["p_value"] < 0.05
    with use_language("en"):
        text = str(result.report)
    assert f"of the same {told['n']} test pictures" in text
    assert "Going on changed it" in text


def test_a_model_from_nothing_is_compared_with_none():
    assert train(some(seed=2), network="cnn:8", epochs=1).report.train_json()["init"] is None
