"""The figure of a line: drawn for every length, its columns under the line."""

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from imagier.i18n import LANGUAGES, use_language
from imagier.reading import LineReader, load_reader
from imagier.reading.line_figure import line_figure
from tests.recognizer import tiny_models as tiny


@pytest.fixture(scope="module")
def reader():
    return LineReader(tiny.tiny_reader(width=1024))


def drawn(line, kind=".png"):
    return line.figures()["figure"].content(kind)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["", "1", "4321", "1234" * 8, "12344321" * 15])
def test_lines_of_every_length(reader, text, language):
    with use_language(language):
        content = drawn(reader.read(tiny.bars(text, width=40)))
    width, height = Image.open(io.BytesIO(content)).size
    assert 600 < width < 1500
    assert 400 < height < 2500


def test_the_columns_stand_under_the_line(reader):
    figure = line_figure(reader.read(tiny.bars("4321")))
    line, seen = figure.axes
    assert line.get_position().x0 == seen.get_position().x0
    assert line.get_position().x1 == seen.get_position().x1
    assert line.get_xlim() == seen.get_xlim() == (0, 9)  # columns: 36 pixels of four
    boxes = [patch.get_bbox() for patch in line.patches]
    cells = seen.images[0].get_array()[:, :, 3]
    names = [label.get_text() for label in seen.get_yticklabels()]
    assert names == ["1", "2", "3", "4", "∅"]
    for box, row in zip(boxes, (3, 2, 1, 0), strict=True):
        assert cells[row, int((box.x0 + box.x1) / 2)] > 0.99


def test_a_long_line_goes_on_below_and_no_character_is_cut(reader):
    figure = line_figure(reader.read(tiny.bars("1234" * 25)))
    lines = figure.axes[0::2]
    assert len(lines) > 1
    ends = [axes.get_xlim() for axes in lines]
    assert all(one[1] == other[0] for one, other in pairwise(ends))
    boxes = [patch.get_bbox() for patch in lines[0].patches] + [
        patch.get_bbox() for patch in lines[1].patches
    ]
    cut = ends[0][1]
    assert not any(box.x0 < cut < box.x1 for box in boxes)
    assert sum(len(axes.patches) for axes in lines) == 100


def test_a_rejected_line_says_why():
    reader = load_reader(tiny.tiny_reader(), format=r"\d{2}")
    with use_language("en"):
        text = drawn(reader.read(tiny.bars("123")), ".svg").decode()
    assert "It does not have the format" in text


def test_lines_in_colours_and_large_ones_are_shrunk(reader):
    pixels = np.repeat(tiny.bars("4321", height=640)[:, :, None], 3, axis=2)
    line = reader.read(pixels)
    assert line.view.pixels.shape == (120, 135, 3)
    assert drawn(line)


def test_the_same_line_gives_the_same_bytes(reader):
    assert drawn(reader.read(tiny.bars("12"))) == drawn(reader.read(tiny.bars("12")))


def test_without_a_view_there_is_no_figure(reader):
    line = next(iter(reader.read_many([tiny.bars("12")])))
    assert line.figures() == {}
    with pytest.raises(ValueError, match="view"):
        line_figure(line)


def test_a_notebook_shows_the_line_and_its_figure(reader):
    html = reader.read(tiny.bars("12"))._repr_html_()
    assert "12" in html
    assert "<img" in html
    next(iter(reader.read_many([b"x"])))._repr_html_()
