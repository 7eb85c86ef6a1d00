"""Pictures in few colours as a stream of answers."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagier.errors import PictureError, UsageError
from imagier.images import OpenedPicture
from imagier.palette.results import (
    TABLE_COLUMNS,
    PaletteFailure,
    PaletteOptions,
    PaletteResult,
    reduce_picture,
    reduce_pictures,
    with_shared_palette,
)


@pytest.fixture
def photos(tmp_path):
    """Write three small pictures of noise; give their names."""
    names = []
    for seed in range(3):
        levels = np.random.default_rng(seed).integers(0, 256, (20, 30, 3), np.uint8)
        names.append(str(tmp_path / f"{seed}.png"))
        Image.fromarray(levels).save(names[-1])
    return names


def test_one_answer_a_picture_also_where_it_cannot_be_read(photos):
    Path(photos[1]).write_bytes(b"not a picture")
    first, second, third = reduce_pictures(photos, PaletteOptions(k=4))
    assert isinstance(second, PaletteFailure)
    assert (second.error.code, list(second.lines())) == ("not_an_image", [])
    assert second.to_json().keys() == first.to_json().keys()
    for answer in (first, third):
        assert isinstance(answer, PaletteResult)
        assert len(list(answer.lines())) == 1
        facts = json.loads(json.dumps(answer.to_json(), allow_nan=False))
        assert (facts["k"], facts["bytes"]) == (4, len(answer.content))


def test_a_picture_alone_has_a_page_or_raises(photos):
    (answer,) = reduce_pictures(photos[:1], PaletteOptions(k=4))
    assert len(list(answer.lines())) > 8
    Path(photos[0]).write_bytes(b"not a picture")
    with pytest.raises(PictureError):
        list(reduce_pictures(photos[:1], PaletteOptions()))


def test_pictures_are_read_one_after_the_other(photos):
    answers = reduce_pictures(photos, PaletteOptions(k=4))
    next(answers)
    Path(photos[1]).unlink()
    assert isinstance(next(answers), PaletteFailure)
    with pytest.raises(UsageError):
        next(reduce_pictures(photos, PaletteOptions(k=0)))


def test_a_shared_palette_is_that_of_all(photos):
    options = with_shared_palette(photos, PaletteOptions(k=8))
    answers = list(reduce_pictures(photos, options))
    palettes = {answer.reduced.palette.tobytes() for answer in answers}
    assert palettes == {options.shared.tobytes()}
    assert [row[1] for row in answers[0].tables()["table"].rows] == [8]


def test_the_table_of_a_grey_picture_names_it_safely():
    levels = np.arange(64, dtype=np.uint8).reshape(8, 8, 1)
    answer = reduce_picture(OpenedPicture(name='=a "b".png', levels=levels), PaletteOptions(k=4))
    written = answer.tables()["table"].csv().splitlines()
    rows = list(csv.DictReader(written))
    assert written[0] == ",".join(TABLE_COLUMNS)
    assert {row["path"] for row in rows} == {'\'=a "b".png'}
    assert [int(row["k"]) for row in rows] == [2, 4, 8, 16, 32, 64]
    assert (rows[-1]["mse"], rows[-1]["psnr"], rows[-1]["ssim"]) == ("0.0000", "", "1.00000")
