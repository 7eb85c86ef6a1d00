"""Lines of characters: the same picture for the same seed, the text on it, the ranges kept."""

import dataclasses

import numpy as np
import pytest

from imagier.datasets.synthetic import (
    STYLES,
    Glyphs,
    LineStyle,
    amount_texts,
    compose_line,
    compose_lines,
    line_generator,
    uniform_texts,
)
from imagier.errors import DataError, UsageError

QUIET = {
    "noise": (0.0, 0.0),
    "blur": (0.0, 0.0),
    "backgrounds": ("plain",),
    "strokes": (0, 0),
    "marks": 0.0,
}


@pytest.fixture(scope="module")
def glyphs():
    return Glyphs.of_fonts(["DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono"], "0123456789abgx")


def calm(name="print", **ranges):
    return dataclasses.replace(STYLES[name], **{**QUIET, **ranges})


@pytest.mark.parametrize("name", STYLES)
@pytest.mark.parametrize("height", [32, 48])
def test_a_picture_is_a_function_of_seed_epoch_and_index(glyphs, name, height):
    texts = ["75011", "abg", "0", "x1 x"]
    style = STYLES[name]
    whole = compose_lines(texts, glyphs, style, seed=3, epoch=2, height=height)
    later = compose_lines(texts[2:], glyphs, style, seed=3, epoch=2, first=2, height=height)
    assert all(np.array_equal(*pair) for pair in zip(whole[2:], later, strict=True))
    assert all(one.dtype == np.uint8 and one.shape[0] == height for one in whole)
    other = compose_lines(texts, glyphs, style, seed=3, epoch=3, height=height)
    assert not any(np.array_equal(*pair) for pair in zip(whole, other, strict=True))


def test_a_longer_text_is_wider(glyphs):
    style = calm(margin_sides=(0.1, 0.1))
    widths = [
        compose_line("1" * n, glyphs, style, line_generator(0, 0, 0)).shape[1] for n in (1, 3, 9)
    ]
    assert widths == sorted(widths)
    assert widths[2] > 1.8 * widths[1]


def test_ink_is_darker_than_paper_by_the_contrast(glyphs):
    style = calm(ink=(100.0, 100.0), paper=(90.0, 90.0), contrast=60.0)
    line = compose_line("888", glyphs, style, line_generator(0, 0, 0))
    assert np.median(line) == pytest.approx(160, abs=1)
    assert line.min() == pytest.approx(100, abs=3)


def test_ink_fills_the_height_between_the_margins(glyphs):
    style = calm(margin_ends=(0.25, 0.25), rotation=(0.0, 0.0), turn=(0.0, 0.0), slant=(0.0, 0.0))
    line = compose_line("0123", glyphs, style, line_generator(0, 0, 1), height=64)
    rows = np.flatnonzero((line < line.max() - 40).any(axis=1))
    assert abs(rows[0] - 16) <= 2
    assert abs(rows[-1] - 47) <= 2


def test_thickness_adds_and_removes_ink(glyphs):
    def ink(thickness):
        style = calm(thickness=(thickness, thickness))
        line = compose_line("8888", glyphs, style, line_generator(0, 0, 5)).astype(float)
        return (line.max() - line).sum()

    assert ink(-0.8) < ink(0.0) < ink(0.8)


def test_negative_spacing_overlaps(glyphs):
    wide = calm(spacing=(0.5, 0.5), margin_sides=(0.0, 0.0))
    narrow = calm(spacing=(-0.3, -0.3), margin_sides=(0.0, 0.0))
    generator = line_generator(0, 0, 2)
    widths = [compose_line("5555", glyphs, one, generator).shape[1] for one in (wide, narrow)]
    assert widths[1] < widths[0] / 2


def test_a_printed_line_comes_from_one_hand():
    boxes = Glyphs(hands=tuple(_blocks(width) for width in (4, 16)))
    none = dict.fromkeys(("spacing", "gap", "slant", "rotation", "turn", "shift", "margin_sides"))
    same = dict.fromkeys(("scale", "stretch"), (1.0, 1.0))
    style = calm(**dict.fromkeys(none, (0.0, 0.0)), **same, margin_ends=(0.1, 0.1))

    def widths(style):
        lines = [compose_line("ab", boxes, style, line_generator(0, 0, i)) for i in range(20)]
        return len({line.shape[1] for line in lines})

    assert widths(style) == 2
    assert widths(dataclasses.replace(style, is_one_hand=False)) == 3


def _blocks(width):
    from imagier.datasets.synthetic import Glyph

    ink = np.full((20, width), 255, np.uint8)
    return {"a": (Glyph(ink=ink),), "b": (Glyph(ink=ink),)}


def test_marks_are_drawn_and_widen_the_line(glyphs):
    plain = calm("cheques", margin_sides=(0.0, 0.0), after=(), between=(), before=())
    marked = dataclasses.replace(plain, before=("$",), marks=1.0)
    pairs = [
        [compose_line("1234", glyphs, one, line_generator(0, 0, i)).shape[1] for i in range(30)]
        for one in (plain, marked)
    ]
    assert np.mean(pairs[1]) > np.mean(pairs[0]) + 8


@pytest.mark.parametrize("scale", [0.6, 1.0, 4.0])
def test_glyphs_of_any_size_come_out_alike(scale):
    size = int(40 * scale)
    style = calm(thickness=(0.0, 0.0), is_one_hand=True)
    lines = [
        compose_line(
            "083", Glyphs.of_fonts(["DejaVu Sans"], "038", size=one), style, line_generator(0, 0, 0)
        )
        for one in (40, size)
    ]
    first, second = (one.astype(float) for one in lines)
    width = min(first.shape[1], second.shape[1])
    assert abs(first.shape[1] - second.shape[1]) <= 3
    assert np.abs(first[:, :width] - second[:, :width]).mean() < 25


def test_missing_characters_are_named(glyphs):
    with pytest.raises(DataError) as caught:
        compose_line("12€z", glyphs, LineStyle(), line_generator(0, 0, 0))
    assert caught.value.code == "line_characters"
    assert caught.value.facts["characters"] == "€ z"
    with pytest.raises(DataError) as caught:
        compose_line("  ", glyphs, LineStyle(), line_generator(0, 0, 0))
    assert caught.value.code == "line_empty"


def test_texts_are_even_over_lengths_and_characters():
    draw = uniform_texts("abc", shortest=2, longest=4)
    generator = np.random.default_rng(0)
    texts = [draw(generator) for _ in range(3000)]
    lengths = np.bincount([len(text) for text in texts])[2:]
    counts = [sum(text.count(one) for text in texts) for one in "abc"]
    assert lengths.min() > 900
    assert len(lengths) == 3
    assert min(counts) > 0.9 * max(counts)


def test_amounts_begin_with_no_zero_and_often_end_in_some():
    generator = np.random.default_rng(0)
    amounts = [amount_texts(shortest=1, longest=7)(generator) for _ in range(500)]
    assert not any(one.startswith("0") for one in amounts)
    assert 0.2 < np.mean([one.endswith("00") for one in amounts]) < 0.6


@pytest.mark.parametrize("lengths", [(0, 3), (4, 2)])
def test_lengths_that_make_no_sense_are_refused(lengths):
    with pytest.raises(UsageError):
        uniform_texts("ab", shortest=lengths[0], longest=lengths[1])
