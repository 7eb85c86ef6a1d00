"""Copies are found however they were made, and other pictures are not taken for them."""

import io

import numpy as np
import pytest
from PIL import Image

from imagier.auditing import find_copies
from imagier.datasets.thumbnails import make_thumbnail

SIDE = 240


def saved(image, quality=50):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(io.BytesIO(file.getvalue())).convert("RGB")


def cropped(image, left=0.0, top=0.0, share=0.05):
    width, height = image.size
    x, y = round(left * share * width), round(top * share * height)
    return image.crop((x, y, x + round((1 - share) * width), y + round((1 - share) * height)))


WAYS = {
    "saved_again": [saved, lambda image: image.resize((120, 120))],
    "mirrored": [
        lambda image: saved(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
        lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    ],
    "turned": [
        lambda image: saved(image.transpose(Image.Transpose.ROTATE_90)),
        lambda image: image.transpose(Image.Transpose.ROTATE_180),
        lambda image: image.transpose(Image.Transpose.ROTATE_270),
    ],
    "cropped": [
        lambda image: cropped(image, 0.5, 0.5),
        lambda image: saved(cropped(image, 1, 1), 80),
        lambda image: cropped(image, 0, 1),
    ],
}


def thumbnails(images):
    return np.stack([make_thumbnail(np.asarray(image)) for image in images])


@pytest.fixture(scope="module")
def photos(drawn):
    return [Image.fromarray(levels) for levels in drawn(60, side=SIDE)]


@pytest.mark.parametrize(
    ("kind", "way"), [(kind, way) for kind, ways in WAYS.items() for way in ways]
)
def test_a_copy_is_found_and_its_kind_is_told(photos, kind, way):
    copies = [way(image) for image in photos[:20]]
    pairs = find_copies(thumbnails([*photos, *copies]))
    assert [(pair.first, pair.second) for pair in pairs] == [(row, 60 + row) for row in range(20)]
    assert {pair.kind for pair in pairs} == {kind}


def test_different_pictures_are_no_copies(photos):
    assert find_copies(thumbnails(photos)) == ()


def test_blank_pictures_are_no_copies_of_each_other():
    assert find_copies(np.full((5, 64, 64, 3), 200, np.uint8)) == ()


def test_a_picture_that_is_its_own_mirror_image_is_no_copy_of_itself(drawn):
    half = drawn(3)[:, :, :32]
    assert find_copies(np.concatenate([half, half[:, :, ::-1]], axis=2)) == ()


def test_no_picture_gives_no_pair():
    assert find_copies(np.empty((0, 64, 64, 3), np.uint8)) == ()
