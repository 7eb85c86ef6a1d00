"""Photos are prepared at the side that time allows, in the fit that loses nothing that matters."""

import numpy as np
import pytest

from imagier.features import View
from imagier.learning import TrainOptions, train_recognizer, view_budget
from imagier.learning.data import DataSource
from imagier.learning.photo_plan import PhotoPlan, _clearly_better
from imagier.learning.progress import silent

NETWORK = "features:64"


def stripes_at_the_ends(picture, label, generator):
    """Draw the same stripes into the left and right fifth only; the middle is noise."""
    width = picture.shape[1] // 5
    along = np.arange((picture.shape[0], width)[label]) / generator.uniform(2.0, 4.0)
    wave = (80 * np.sin(along + generator.uniform(0, 6))).astype(picture.dtype)
    lines = wave[:, None, None] if label == 0 else wave[None, :, None]
    picture[:, :width] += lines
    picture[:, -width:] += lines


@pytest.fixture
def plan_for(deadline):
    """Give the function that plans for a source of photos, in so many seconds, or with epochs."""

    def go(source, *, seconds=None, network=NETWORK, progress=silent, **options):
        asked = TrainOptions(network=network, **options)
        opened = DataSource(source, asked, None, progress)
        until = None if seconds is None else deadline(seconds)
        return PhotoPlan(source=opened, network=network, deadline=until, notes=[])

    return go


@pytest.fixture
def never_compared(monkeypatch):
    def compare(*_):
        raise AssertionError

    monkeypatch.setattr(PhotoPlan, "_errors", compare)


def fit_of(plan):
    return plan.prepared().dataset.prepare.fit


def test_photos_whose_ends_matter_are_not_cropped(write_photos, plan_for):
    photos = write_photos(64, size=(72, 144), draw=stripes_at_the_ends)
    assert fit_of(plan_for(photos, seconds=900)) in {"pad", "stretch"}


def test_photos_whose_middle_tells_all_are_cropped(write_photos, plan_for):
    assert fit_of(plan_for(write_photos(48, size=(72, 144)), seconds=900)) == "crop-pad"


@pytest.mark.usefixtures("never_compared")
def test_nearly_square_photos_are_not_compared(write_photos, plan_for):
    assert fit_of(plan_for(write_photos(size=(96, 104)), seconds=900)) == "crop-pad"


@pytest.mark.usefixtures("never_compared")
@pytest.mark.parametrize(
    ("seconds", "fit", "expected"),
    [
        (None, "auto", "crop-pad"),
        (0.5, "auto", "crop-pad"),
        (900, "pad", "pad"),
        (900, "crop", "crop"),
    ],
)
def test_nothing_is_compared_without_time_or_choice(write_photos, plan_for, seconds, fit, expected):
    photos = write_photos(20, size=(72, 144))
    assert fit_of(plan_for(photos, seconds=seconds, fit=fit)) == expected


def test_long_photos_are_compared(write_photos, plan_for, monkeypatch):
    """On training and validation pictures alone, in all three fits, and the best one is taken."""
    asked = []

    def compare(self, data, rows, fit, _):
        asked.append(fit)
        assert set(rows.tolist()) <= set(data.learnable.tolist())
        return np.full(len(rows), {"crop-pad": 1.0, "crop": 0.95, "pad": 0.9, "stretch": 0.5}[fit])

    monkeypatch.setattr(PhotoPlan, "_errors", compare)
    photos = write_photos(20, size=(72, 144))
    assert fit_of(plan_for(photos, seconds=900)) == "stretch"
    assert asked == ["crop-pad", "crop", "pad", "stretch"]


@pytest.mark.parametrize(
    ("gain", "fit"), [(0.0, "crop-pad"), (0.1, "crop-pad"), (0.5, "pad"), (-0.5, "crop-pad")]
)
def test_another_fit_must_be_better_by_more_than_chance(gain, fit):
    """Of 100 pictures whose errors differ by 1 at random, a mean gain of 0.2 is two deviations."""
    noise = np.random.default_rng(0).normal(size=(2, 100))
    noise -= noise.mean(axis=1, keepdims=True)
    noise /= noise.std(axis=1, keepdims=True)
    crop = noise[0] + 2
    assert (
        _clearly_better({"crop-pad": crop, "pad": crop - gain + noise[1], "stretch": crop + 9})
        == fit
    )


def test_equal_errors_keep_cropping():
    same = np.ones(10)
    assert _clearly_better({"crop-pad": same, "pad": same, "stretch": same}) == "crop-pad"


@pytest.mark.parametrize(("seconds", "side"), [(2, 160), (34, 224), (900, 288)])
def test_the_side_is_chosen_before_the_pictures_are_prepared(
    write_photos, plan_for, monkeypatch, seconds, side
):
    """Each picture is shrunk once, to what the views of the time there is need."""
    pace = 1 / 224**2
    monkeypatch.setattr(view_budget, "seconds_a_picture", lambda *_, side, **__: pace * side**2)
    photos = write_photos(20, size=(400, 400))
    phases = []
    plan = plan_for(
        photos, seconds=seconds, network="features", progress=lambda one: phases.append(one.phase)
    )
    assert plan.prepared().shape == (side, side, 3)
    assert phases[0] == "pilot"
    assert phases.count("data") == len(phases) - phases.index("data")


# Too little time


def test_too_little_time_is_said_before_the_pictures_are_prepared(write_photos):
    seen = []
    photos = write_photos(40)
    options = TrainOptions(network="features", budget=0.1)
    report = train_recognizer(photos, options, progress=seen.append).report
    (told,) = [number for number, one in enumerate(seen) if one.message]
    assert told < min(number for number, one in enumerate(seen) if one.phase == "data")
    sentence = seen[told].message
    assert sentence.startswith("This takes about")
    assert sentence in report.data_notes
    assert sum(report.sizes[part] for part in ("train", "validation", "test")) == 40
    assert report.scores["validation"].n == report.sizes["train"] + report.sizes["validation"]
    assert [View(**view) for view in report.card.plan["views"]] == [View(side=128)]


def test_where_time_is_enough_nothing_is_said(write_photos, plan_for):
    seen = []
    plan = plan_for(write_photos(20), seconds=900, network="features", progress=seen.append)
    plan.prepared()
    assert not plan.notes
    assert not any(one.message for one in seen)
