"""Pictures as numbers in an answer, and pictures as they are opened for it."""

import json

import numpy as np
import pytest
from PIL import Image

from imagier.errors import PictureError, UsageError
from imagier.images import OpenedPicture, from_csv, open_picture_file
from imagier.images.results import picture_numbers


def grey(*levels, name="g", scale=255):
    return OpenedPicture(name=name, levels=np.array(levels, np.uint8)[None, :, None], scale=scale)


def test_one_picture():
    answer = picture_numbers([grey(3, 4)])
    facts = json.loads(json.dumps(answer.to_json(), allow_nan=False))
    assert facts["pictures"][0]["norm"] == 5
    assert facts["distance"] is None
    assert "Norm: ‖x‖ = 5.00, ‖x‖² = 25" in list(answer.lines())
    assert from_csv(answer.content(".tsv"), name="t")[0, :, 0].tolist() == [3, 4]


def test_two_pictures_of_different_whites_are_brought_to_one():
    answer = picture_numbers([grey(0, 16, scale=16), grey(0, 255)], kind=".png")
    assert answer.to_json()["distance"] == 0
    assert answer.notes == (
        "The two pictures have different whites: their levels are brought to 0 to 255.",
    )
    with pytest.raises(UsageError) as refused:
        picture_numbers([grey(1, 2), grey(1, 2, 3)])
    assert refused.value.code == "sizes_differ"


def test_a_png_has_a_white_of_255_and_numbers_stay():
    answer = picture_numbers([grey(0, 16, scale=16)], kind=".png")
    assert "multiplied accordingly" in answer.notes[0]
    assert answer.content(".csv") == b"0,16\n"
    plain = picture_numbers([grey(0, 16, scale=16)], kind=".csv")
    assert plain.notes == ()


def test_an_opened_picture_tells_what_is_transparent(tmp_path):
    path = str(tmp_path / "glass.png")
    levels = np.full((1, 3, 4), 100, np.uint8)
    levels[0, :, 3] = 0, 200, 255
    Image.fromarray(levels).save(path)
    opened = open_picture_file(path, opacity=True)
    assert opened.mask.tolist() == [[False, True, True]]
    assert any("neither opaque nor transparent" in note for note in opened.notes)
    assert open_picture_file(path).mask is None


def test_a_grey_picture_is_given_in_colour_and_errors_are_raised(tmp_path):
    assert grey(7).in_colour.tolist() == [[[7, 7, 7]]]
    missing = PictureError("missing", path="nothing.png")
    with pytest.raises(PictureError) as refused:
        open_picture_file(missing)
    assert refused.value is missing
