import io

import numpy as np
import pytest
from PIL import Image

from imagier.testing import evaluate
from imagier.testing.gallery import contact_sheet, thumbnail, worst_mistakes

NAMES = ("0", "1", "2")


def opened(png):
    return Image.open(io.BytesIO(png))


def test_the_surest_mistakes_come_first(obedient, dataset_of):
    dataset = dataset_of([0, 0, 1, 2, 2], [0, 1, 0, 1, 0], sure=[99, 60, 95, 70, 80])
    found = worst_mistakes(evaluate(obedient(NAMES), dataset), dataset, NAMES, limit=3)
    assert [(one.given, one.answered) for one in found] == [("1", "0"), ("2", "0"), ("2", "1")]
    assert [one.probability for one in found] == pytest.approx([0.95, 0.8, 0.7])
    assert found[0].name == "1/2.png"
    np.testing.assert_array_equal(np.asarray(opened(found[0].content)), dataset.pixels[2, ..., 0])


def test_mistakes_without_pictures_keep_their_names_only(obedient, dataset_of):
    dataset = dataset_of([0, 0], [1, 0])
    found = worst_mistakes(evaluate(obedient(NAMES), dataset), dataset, NAMES, pictures=False)
    assert [(one.name, one.content) for one in found] == [("0/0.png", None)]


def test_a_name_with_newlines_and_stray_bytes_is_made_printable(obedient, dataset_of):
    dataset = dataset_of([0], [1], names=("caf\udce9\n.jpg",))
    (found,) = worst_mistakes(evaluate(obedient(NAMES), dataset), dataset, NAMES)
    assert found.name == "caf\\xe9\\n.jpg"


def test_the_sheet_shows_sixteen_pictures_a_class(obedient, dataset_of):
    labels = [0] * 40 + [1] * 3
    dataset = dataset_of(labels, labels)
    zero, one = contact_sheet(evaluate(obedient(NAMES), dataset), dataset, NAMES)
    assert (zero.name, zero.n, len(zero.pictures)) == ("0", 40, 16)
    assert (one.name, one.n, len(one.pictures)) == ("1", 3, 3)


def test_the_sheet_says_what_was_answered(obedient, dataset_of):
    dataset = dataset_of([0, 0, 0], [0, 2, 0])
    (zero,) = contact_sheet(evaluate(obedient(NAMES), dataset), dataset, NAMES)
    assert sorted(shown.answered for shown in zero.pictures) == ["0", "0", "2"]


def test_the_sheet_does_not_depend_on_the_order_of_the_files(obedient, dataset_of):
    labels = [0, 1] * 30
    dataset = dataset_of(labels, labels)
    first = contact_sheet(evaluate(obedient(NAMES), dataset), dataset, NAMES)
    order = np.random.default_rng(0).permutation(60)
    shuffled = evaluate(obedient(NAMES), dataset, order)
    assert contact_sheet(shuffled, dataset, NAMES) == first


def test_with_many_classes_fewer_are_shown_and_those_most_missed(obedient, dataset_of):
    names = tuple(map(str, range(150)))
    labels = np.repeat(np.arange(150), 6)
    answers = labels.copy()
    answers[labels == 149] = 0
    dataset = dataset_of(labels, answers, classes=names)
    sheet = contact_sheet(evaluate(obedient(names), dataset), dataset, names)
    assert len(sheet) == 120
    assert {len(style.pictures) for style in sheet} == {4}
    assert sheet[-1].name == "149"


def test_grey_levels_are_brought_to_full_scale():
    pixels = np.array([[[0], [8]], [[15], [16]]], np.uint8)
    shown = np.asarray(opened(thumbnail(pixels, full_scale=16)))
    assert shown.tolist() == [[0, 128], [239, 255]]


def test_colours_are_kept_and_large_pictures_made_small():
    pixels = np.zeros((200, 100, 3), np.uint8)
    pixels[..., 0] = 200
    shown = opened(thumbnail(pixels, largest=48))
    assert (shown.mode, shown.size) == ("RGB", (24, 48))
    assert shown.getpixel((5, 5)) == (200, 0, 0)


def test_a_thumbnail_carries_nothing_but_the_picture():
    shown = opened(thumbnail(np.zeros((8, 8, 1), np.uint8)))
    shown.load()
    assert (shown.format, shown.info, dict(shown.getexif())) == ("PNG", {}, {})
