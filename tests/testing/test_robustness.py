"""Robustness: the battery, who is shown, and what is counted."""

import json
from pathlib import Path

import numpy as np
import pytest

from imagier.images import Ink, Prepare
from imagier.testing import evaluate, evaluate_model, measure_robustness, report_html
from imagier.testing.conditions import CONDITIONS, SIMPLE, altered
from imagier.testing.corruptions import CORRUPTIONS
from imagier.testing.robustness_report import condition_name

COLOUR = Prepare(height=12, width=16, channels=3)


@pytest.fixture
def photo():
    return np.random.default_rng(0).integers(0, 256, (12, 16, 3)).astype(np.uint8)


def test_the_conditions_are_a_fixed_list():
    assert len(CONDITIONS) == len(set(CONDITIONS)) == 1 + 10 + 15 * 5
    assert CONDITIONS[-1] == "jpeg_5"
    assert len(set(map(condition_name, CONDITIONS))) == len(CONDITIONS)


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("full_scale", [255, 16])
def test_a_picture_keeps_its_shape_and_scale(condition, full_scale, photo):
    settings = Prepare(height=12, width=16, channels=3, full_scale=full_scale)
    picture = np.rint(photo / (255 / full_scale)).astype(np.uint8)
    shown = altered(picture, condition, settings, key=3)
    assert (shown.dtype, shown.shape) == (np.uint8, picture.shape)
    assert shown.max() <= full_scale
    assert (condition == "clean") == np.array_equal(shown, picture)


@pytest.mark.parametrize("page", ["json.md", "json.fr.md"])
def test_the_documentation_names_every_condition(page):
    text = (Path(__file__).parents[2] / "docs" / page).read_text("utf-8")
    names = {*SIMPLE, "clean", "mean", "worst", *CORRUPTIONS}
    assert [name for name in names if f"`{name}`" not in text and f'"{name}"' not in text] == []


def test_the_half_that_is_named_is_hidden(photo):
    hidden = altered(photo, "half_left", COLOUR, key=0)
    assert np.all(hidden[:, :8] == 128)
    assert np.array_equal(hidden[:, 8:], photo[:, 8:])
    hidden = altered(photo, "half_bottom", COLOUR, key=0)
    assert np.all(hidden[6:] == 128)
    assert np.array_equal(hidden[:6], photo[:6])


def test_ink_is_hidden_by_paper():
    settings = Prepare(height=8, width=8, channels=1, ink=Ink(box=0.8, centre="box"))
    ink = np.full((8, 8, 1), 200, np.uint8)
    assert altered(ink, "half_top", settings, key=0)[:4].max() == 0
    assert altered(ink, "rotated_left", settings, key=0)[0, 0, 0] == 0


def test_grey_pictures_have_the_same_level_in_all_channels(photo):
    grey = altered(photo, "greyscale", COLOUR, key=0)
    assert np.array_equal(grey[..., 0], grey[..., 2])


def test_all_is_counted(obedient, dataset_of):
    labels = np.arange(30) % 3
    dataset = dataset_of(labels, labels)

    class Tolerant(obedient):
        """Whatever the pixels are, their remainders are a class and a confidence."""

        def probabilities(self, pixels):
            known = pixels.copy()
            known[:, 0, 0, 0] %= 3
            known[:, 0, 1, 0] = 90
            return super().probabilities(known)

    recognizer = Tolerant(("0", "1", "2"))
    found = measure_robustness(recognizer, dataset, evaluate(recognizer, dataset))
    assert (found.n, found.of, found.clean) == (30, 30, 1.0)
    assert found.correct["greyscale"] is None  # it sees in grey already
    # the class stands in the upper left corner: hidden, 128 is read, and 128 = 3 · 42 + 2
    assert found.accuracy("half_top") == pytest.approx(1 / 3)
    assert found.accuracy("half_bottom") == 1.0
    assert list(found.to_json())[1:-2] == list(CONDITIONS)
    assert found.to_json()["worst"] == found.accuracy(found.worst) <= found.mean <= 1
    assert [one.condition for one in found.examples[:2]] == ["clean", "half_top"]
    assert len(found.examples) == 1 + len(SIMPLE) - 1 + 15


def test_neither_order_nor_neighbours_change_a_figure(model, thirds, tmp_path):
    photos = thirds.write_pictures(tmp_path / "photos", 10)
    first = evaluate_model(model, photos, robustness=True).robustness
    from imagier.datasets import load, open_source
    from imagier.recognizer import load as load_recognizer

    recognizer = load_recognizer(model)
    dataset = load(open_source(photos), recognizer.prepare)
    turned = dataset.take(reversed(range(len(dataset))))
    second = measure_robustness(recognizer, turned, evaluate(recognizer, turned))
    assert second.correct == first.correct
    some = measure_robustness(recognizer, dataset, evaluate(recognizer, dataset), most=7)
    assert (some.n, some.of) == (7, 30)
    order = np.argsort(dataset.hashes, kind="stable")[:7]
    few = dataset.take(order)
    assert measure_robustness(recognizer, few, evaluate(recognizer, few)).correct == some.correct


def test_the_report_shows_it_everywhere(model, thirds, tmp_path):
    photos = thirds.write_pictures(tmp_path / "photos", 10)
    report = evaluate_model(model, photos, robustness=True)
    found = report.robustness
    assert found.clean == report.accuracy == 1.0
    assert found.accuracy("contrast_5") <= found.accuracy("contrast_1")
    answer = json.loads(json.dumps(report.to_json(), allow_nan=False))["robustness"]
    assert answer["clean"] == 1.0
    assert "upper half hidden" in "\n".join(report.lines())
    assert report.figures()["robustness"].content(".png")[:4] == b"\x89PNG"
    assert len(list(report.tables()["robustness"].rows)) == 85
    assert 'id="robustness"' in report_html(report)


def test_without_it_nothing_is_measured_and_that_is_said(model, thirds, tmp_path):
    report = evaluate_model(model, thirds.write_pictures(tmp_path / "photos"))
    assert report.to_json()["robustness"] is None
    assert "robustness" not in report.figures()
    assert "imagier test MODEL SOURCE --robustness" in report_html(report)
