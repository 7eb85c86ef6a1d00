"""Several models on the same pictures, from their names to who is better."""

import csv
import json

import numpy as np
import pytest

from imagier.datasets import load, open_source
from imagier.errors import DataError, ModelError, UsageError
from imagier.i18n import use_language
from imagier.recognizer import load as load_recognizer
from imagier.testing import EVALUATIONS, compare_models, evaluate_model
from imagier.testing.comparison import compare_answers, holm


@pytest.fixture(autouse=True)
def english():
    with use_language("en"):
        yield


@pytest.fixture
def builders(thirds):
    return thirds.load_builders()


@pytest.fixture
def photos(thirds, tmp_path):
    return thirds.write_pictures(tmp_path / "photos", 40)


@pytest.fixture
def worse(builders, tmp_path):
    """A model that takes most of what is on the left for the middle."""
    from onnx import numpy_helper

    parts = builders.graph_parts()
    bias = np.array([-9.5, 0, 0], np.float32)
    parts["initializer"][2] = numpy_helper.from_array(bias, "bias")
    folder = tmp_path / "worse.imagier"
    builders.tiny_recognizer(onnx=builders.model_of(parts).SerializeToString()).save(folder)
    return folder


@pytest.fixture
def renamed(builders, tmp_path):
    """The first model, its classes in another order."""
    from onnx import numpy_helper

    order = [2, 0, 1]
    parts = builders.graph_parts()
    weights = numpy_helper.from_array(builders.third_weights()[:, order].copy(), "weights")
    parts["initializer"][1] = weights
    card = builders.tiny_card(classes=[("left", "middle", "right")[place] for place in order])
    folder = tmp_path / "renamed.imagier"
    onnx = builders.model_of(parts).SerializeToString()
    builders.tiny_recognizer(card=card, onnx=onnx).save(folder)
    return folder


def teach(model, photos, part_of):
    """Write into the model which pictures of a folder it learnt from."""
    recognizer = load_recognizer(model)
    dataset = load(open_source(photos), recognizer.prepare)
    rows = [f"x,{hash_},{row},{part_of(row)}" for row, hash_ in enumerate(dataset.hashes)]
    text = "\n".join(["file,hash,group,part", *rows]) + "\n"
    recognizer.with_artifacts({"split.csv": text.encode()}).save(model, force=True)


def test_two_models_differ_by_what_only_one_names_right(model, worse, photos):
    found = compare_models([worse, model], photos)
    reports = [evaluate_model(one, photos) for one in (worse, model)]
    assert [one.score.correct for one in found.models] == [one.test.correct for one in reports]
    (pair,) = found.pairs
    missed = 120 - reports[0].test.correct
    assert missed > 10
    assert (pair.comparison.only_first, pair.comparison.only_second) == (0, missed)
    assert pair.p_corrected == pair.comparison.p_value < 0.001
    assert pair.better == 1
    assert pair.comparison.gain == pytest.approx(reports[1].accuracy - reports[0].accuracy)
    low, high = pair.comparison.interval()
    assert 0 < low < pair.comparison.gain < high


def test_the_pictures_that_differ_are_named(model, worse, photos):
    found = compare_models([worse, model], photos)
    assert len(found.differing) == found.pairs[0].comparison.only_second
    one = found.differing[0]
    assert (one.label, one.answers[1]) == ("left", "left")
    assert one.answers[0] != "left"
    assert one.name.startswith("left/")
    rows = list(csv.DictReader(found.tables()["differing"].csv().splitlines()))
    assert rows[0]["path"] == one.name
    assert rows[0]["worse.imagier"] == one.answers[0]
    assert float(rows[0]["probability thirds.imagier"]) == one.probabilities[1]


def test_classes_are_matched_by_name_not_by_place(model, renamed, photos):
    found = compare_models([model, renamed], photos)
    assert found.differing == ()
    assert [one.score.correct for one in found.models] == [120, 120]
    assert found.pairs[0].better is None
    assert "name as many right" in "\n".join(found.lines())


def test_all_pairs_are_compared_and_corrected_for_their_number(model, worse, renamed, photos):
    found = compare_models([model, worse, renamed], photos)
    assert [(pair.first, pair.second) for pair in found.pairs] == [(0, 1), (0, 2), (1, 2)]
    plain = [pair.comparison.p_value for pair in found.pairs]
    assert [pair.p_corrected for pair in found.pairs] == holm(plain)
    assert found.pairs[0].p_corrected > plain[0]
    assert "corrected for 3 comparisons (Holm)" in "\n".join(found.lines())


def test_models_of_other_classes_are_refused_by_name(model, builders, photos, tmp_path):
    other = tmp_path / "other.imagier"
    builders.tiny_recognizer(card=builders.tiny_card(classes=("left", "centre", "right"))).save(
        other
    )
    with pytest.raises(ModelError) as caught:
        compare_models([model, other], photos)
    assert caught.value.code == "compare_classes"
    assert (caught.value.facts["less"], caught.value.facts["more"]) == ("middle", "centre")
    assert not (model / EVALUATIONS).exists()


def test_pictures_that_one_of_them_learnt_from_are_refused(
    model, renamed, photos, thirds, tmp_path
):
    before = thirds.write_pictures(tmp_path / "before", seed=5)
    teach(renamed, before, lambda row: "train" if row % 2 else "test")
    (before / "left" / "1.png").rename(photos / "left" / "seen.png")
    with pytest.raises(DataError) as caught:
        compare_models([model, renamed], photos)
    assert caught.value.code == "compare_overlap"
    assert (caught.value.facts["model"], caught.value.facts["overlap"]) == ("renamed.imagier", "1")
    assert not (model / EVALUATIONS).exists()


def test_the_source_of_the_models_gives_what_both_set_aside(model, renamed, photos):
    teach(model, photos, lambda row: "test" if row % 3 == 0 else "train")
    teach(renamed, photos, lambda row: "test" if row % 2 == 0 else "train")
    found = compare_models([model, renamed], photos)
    assert (found.n, found.left_out) == (20, 100)
    assert "100 pictures were left out" in "\n".join(found.lines())


def test_nothing_that_both_set_aside_is_refused(model, renamed, photos):
    teach(model, photos, lambda row: "test" if row % 2 else "train")
    teach(renamed, photos, lambda row: "train" if row % 2 else "test")
    with pytest.raises(DataError) as caught:
        compare_models([model, renamed], photos)
    assert caught.value.code == "compare_nothing"


def test_models_that_see_pictures_in_other_sizes_are_compared(model, builders, photos, tmp_path):
    wide = tmp_path / "wide.imagier"
    onnx = builders.tiny_model(side=18, channels=3).SerializeToString()
    card = builders.tiny_card(side=18, channels=3)
    builders.tiny_recognizer(card=card, onnx=onnx, weights=b"").save(wide)
    (photos / "left" / "bad.png").write_bytes(b"no picture")
    found = compare_models([model, wide], photos)
    assert found.n == 120
    assert [one.path for one in found.skipped] == ["left/bad.png"]
    assert "1 file could not be used" in "\n".join(found.lines())


def test_single_files_are_compared_without_a_count(model, renamed, photos, tmp_path):
    file = tmp_path / "alone.onnx"
    file.write_bytes((model / "model.onnx").read_bytes())
    found = compare_models([file, renamed], photos)
    assert [one.evaluation_count for one in found.models] == [None, 1]
    said = "\n".join(found.lines())
    assert "evaluation of alone.onnx could not be counted" in said
    assert "does not say which pictures" in said


def test_each_evaluation_is_counted(model, renamed, photos):
    evaluate_model(model, photos)
    found = compare_models([model, renamed], photos)
    assert [one.evaluation_count for one in found.models] == [2, 1]
    assert evaluate_model(renamed, photos).evaluation_count == 2
    assert "thirds.imagier: evaluation number 2" in "\n".join(found.lines())


def test_wrong_numbers_of_models_are_refused(model, photos):
    for models, code in (([model], "compare_too_few"), ([model, model], "compare_same")):
        with pytest.raises(UsageError) as caught:
            compare_models(models, photos)
        assert caught.value.code == code
    with pytest.raises(UsageError) as caught:
        compare_models([f"{number}.imagier" for number in range(21)], photos)
    assert caught.value.code == "compare_too_many"


def test_models_of_the_same_name_are_told_apart(model, renamed, photos, tmp_path):
    (tmp_path / "b").mkdir()
    renamed = renamed.rename(tmp_path / "b" / model.name)
    found = compare_models([model, renamed], photos)
    assert len({one.name for one in found.models}) == 2


def test_the_answer_is_json(model, worse, photos):
    answer = json.loads(json.dumps(compare_models([model, worse], photos).to_json()))
    (pair,) = answer["comparisons"]
    assert pair["better"] == "thirds.imagier"
    assert pair["difference"] < 0
    assert pair["p_corrected"] == pair["p_value"]
    assert len(answer["differing"]) == pair["only_first"]
    assert answer["models"][0]["accuracy"] == 1.0


@pytest.mark.parametrize(("b", "c", "n"), [(20, 32, 1000), (0, 5, 40), (3, 3, 50), (40, 12, 120)])
def test_the_interval_of_a_difference_is_that_of_the_constrained_likelihood(b, c, n):
    """Tango's score, with the likeliest probabilities found by SciPy instead of his formula."""
    optimize = pytest.importorskip("scipy.optimize", reason="needs the extra imagier[studies]")
    first = np.repeat([True, False, True], [b, c, n - b - c])
    second = np.repeat([False, True, True], [b, c, n - b - c])
    for end, z in zip(
        compare_answers(first, second).interval(), (1.959964, -1.959964), strict=True
    ):

        def unlikely(rarer, end=end):
            shares = (rarer, rarer + end, 1 - 2 * rarer - end)
            return -sum(
                k * np.log(max(p, 1e-300)) for k, p in zip((b, c, n - b - c), shares, strict=True)
            )

        bounds = (max(0.0, -end), (1 - end) / 2)
        rarer = optimize.minimize_scalar(
            unlikely, bounds=bounds, method="bounded", options={"xatol": 1e-12}
        ).x
        score = (c - b - n * end) / np.sqrt(n * (2 * rarer + end * (1 - end)))
        assert score == pytest.approx(z, abs=1e-4)


def test_the_interval_holds_the_true_difference_nineteen_times_of_twenty():
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(600):
        b, c, rest = rng.multinomial(200, [0.05, 0.10, 0.85])
        first = np.repeat([True, False, True], [b, c, rest])
        second = np.repeat([False, True, True], [b, c, rest])
        low, high = compare_answers(first, second).interval()
        held += low <= 0.05 <= high
    assert held / 600 == pytest.approx(0.95, abs=0.025)


def test_no_picture_no_difference():
    empty = np.zeros(0, bool)
    assert compare_answers(empty, empty).interval() == (-1.0, 1.0)
