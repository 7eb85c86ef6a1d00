"""A stamp in a corner is found, chance and honest pictures are not accused."""

import numpy as np
import pytest

from imagier.auditing.cues import binned, judge_cues
from imagier.auditing.picture_cues import corner_cues, file_cues, picture_cues
from imagier.images import PictureHeader

CORNERS = {
    "corner_top_left": (slice(2, 6), slice(2, 6)),
    "corner_top_right": (slice(2, 6), slice(58, 62)),
    "corner_bottom_left": (slice(58, 62), slice(2, 6)),
    "corner_bottom_right": (slice(58, 62), slice(58, 62)),
}


@pytest.fixture(scope="module")
def photos(drawn):
    return drawn(240)


@pytest.fixture(scope="module")
def labels():
    return np.random.default_rng(3).integers(0, 3, 240)


def judged(pictures, labels, **more):
    folds = np.arange(len(labels)) % 5
    cues = picture_cues(pictures) | more
    return {cue.name: cue for cue in judge_cues(cues, labels, folds, classes=3)}


def test_honest_pictures_are_not_accused(photos, labels):
    assert not [cue for cue in judged(photos, labels).values() if cue.is_suspicious]


@pytest.mark.parametrize("corner", CORNERS)
def test_a_stamp_is_found_in_its_corner(photos, labels, corner):
    stamped = photos.copy()
    rows, columns = CORNERS[corner]
    for row in np.flatnonzero(labels == 1):
        stamped[row, rows, columns] = 255
    found = judged(stamped, labels)
    best = next(iter(found.values()))
    assert (best.name, best.label, best.is_suspicious) == (corner, 1, True)
    assert best.p_value == pytest.approx(0.01)


def test_a_border_and_the_brightness_are_found(photos, labels):
    framed = photos.copy()
    framed[labels == 2, :3] = 0
    framed[labels == 2, -3:] = 0
    assert judged(framed, labels)["border"].is_suspicious
    dark = (photos * np.where(labels == 0, 0.4, 1.0)[:, None, None, None]).astype(np.uint8)
    assert judged(dark, labels)["brightness"].is_suspicious


def test_size_and_format_of_the_files_are_cues(labels):
    headers = [
        PictureHeader(
            format="PNG" if label == 1 else "JPEG",
            height=400,
            width=300 if label == 2 else 500,
            bytes=20_000,
            has_exif=False,
            has_position=False,
        )
        for label in labels
    ]
    cues = file_cues(headers)
    assert set(cues) == {"format", "width", "aspect", "bytes_per_pixel"}
    folds = np.arange(len(labels)) % 5
    found = {cue.name: cue for cue in judge_cues(cues, labels, folds, classes=3)}
    assert (found["format"].label, found["width"].label) == (1, 2)
    assert found["format"].separation == found["width"].separation == 1


def test_files_without_headers_give_no_cue():
    assert file_cues([None, None]) == {}
    assert file_cues([]) == {}


def test_too_few_pictures_are_not_judged(drawn):
    cues = picture_cues(drawn(6))
    assert judge_cues(cues, np.array([0, 1] * 3), np.arange(6) % 2, classes=2) == ()


def test_a_number_in_the_middle_is_found_by_its_bin():
    """Neither the lowest nor the highest: no straight line finds it."""
    values = np.random.default_rng(0).uniform(0, 1, 400)
    labels = ((values > 0.4) & (values < 0.6)).astype(np.int64)
    (cue,) = judge_cues({"width": binned(values)}, labels, np.arange(400) % 5, classes=2)
    assert cue.separation > 0.8


def test_of_signs_on_paper_a_stamp_in_a_corner_is_found_and_the_sign_is_no_cue():
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 4
    signs = np.zeros((400, 28, 28, 1), np.uint8)
    for row, label in enumerate(labels):  # each class its own strokes, as thick as they come
        top = 5 + 4 * label + rng.integers(0, 2)
        signs[row, top : top + 2 + label, 6:22] = 255
    folds = np.arange(400) // 4 % 5
    honest = judge_cues(corner_cues(signs), labels, folds, classes=4)
    assert max(cue.separation for cue in honest) < 0.2
    stamped = signs.copy()
    stamped[(labels == 3) & (rng.random(400) < 0.8), :3, :3] = 255
    found = judge_cues(corner_cues(stamped), labels, folds, classes=4)[0]
    assert (found.name, found.label, found.is_suspicious) == ("corner_top_left", 3, True)
    assert corner_cues(signs[:, ::4, ::4]) == {}  # seven pixels a side have no empty corners
