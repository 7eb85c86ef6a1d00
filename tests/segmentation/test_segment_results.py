"""Segments as an answer: the table, the pictures of them, what is said."""

import io
import json

import numpy as np
from PIL import Image

from imagier.images import OpenedPicture
from imagier.segmentation.results import segment_picture


def read(content):
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image)


def flag():
    levels = np.zeros((6, 9, 3), np.uint8)
    levels[:, 3:6], levels[:, 6:] = 250, (200, 0, 0)
    return OpenedPicture(name="flag.png", levels=levels, notes=("flag.png is odd.",))


def test_the_pictures_and_the_table():
    answer = segment_picture(flag(), 3)
    assert (read(answer.flat_png()) == flag().levels).all()
    masks = [read(mask) for mask in answer.mask_pngs()]
    assert (sum(mask.astype(int) for mask in masks) == 255).all()
    assert [int((mask > 0).sum()) for mask in masks] == [18] * 3
    assert answer.tables()["table"].csv().splitlines()[:2] == [
        "segment,pixels,share,x,y,r,g,b,left,top,right,bottom,pieces",
        "1,18,0.333333,1.00,2.50,0,0,0,0,0,3,6,1",
    ]


def test_what_is_said():
    answer = segment_picture(flag(), 3, weights=(0, 1, 1, 1))
    facts = json.loads(json.dumps(answer.to_json(), allow_nan=False))
    assert (facts["k"], facts["inertia"], facts["weights"]) == (3, 0, [0, 1, 1, 1])
    assert answer.notes == ("flag.png is odd.",)
    fewer = segment_picture(flag(), 5, weights=(0, 1, 1, 1))
    assert fewer.notes[1].startswith("flag.png has only 3 distinct points, not 5")


def test_a_grey_picture_and_its_transparent_part():
    levels = np.array([[[0], [250], [9]]], np.uint8)
    mask = np.array([[True, True, False]])
    answer = segment_picture(OpenedPicture(name="grey", levels=levels, mask=mask), 2)
    assert [region.pixels for region in answer.regions] == [1, 1]
    assert read(answer.outlines_png()).shape == (1, 3, 3)
    assert read(answer.flat_png())[0].tolist() == [[0] * 3, [250] * 3, [255] * 3]
