from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from imagier.errors import PictureError
from imagier.images import decode, from_csv, to_csv, to_png

SHAPES = st.tuples(st.integers(1, 7), st.integers(1, 7), st.sampled_from([1, 3]))
PICTURES = SHAPES.flatmap(lambda shape: arrays(np.uint8, shape))


def read(content):
    return from_csv(content, name="table.csv")


@given(PICTURES, st.sampled_from(",;\t"))
def test_a_picture_comes_back_from_its_table(picture, delimiter):
    again = read(to_csv(picture, delimiter=delimiter))
    assert again.dtype == np.uint8
    assert again.shape == picture.shape
    assert again.tolist() == picture.tolist()


@given(PICTURES)
def test_a_picture_comes_back_from_its_png(picture):
    again = decode(to_png(picture), name="f.png").pixels
    assert again.shape == picture.shape
    assert again.tolist() == picture.tolist()


def test_the_layout():
    colour = np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8)
    assert to_csv(colour) == b"1,4\n\n2,5\n\n3,6\n"
    assert to_csv(colour[:, :, :1], delimiter=";") == b"1;4\n"


@pytest.mark.parametrize(
    "content",
    [
        b"1,2\n3,4",
        b"\xef\xbb\xbf1,2\r\n3,4\r\n",
        b"1;2\n3;4\n",
        b"1\t2\n3\t4\n",
        b" 1 , 2 \n 003 ,4\n",
        b'"1","2"\n"3","4"\n',
        b"\n\n1,2\n3,4\n\n,\n",
        "1;2\n3;4\n".encode("utf-16"),
    ],
    ids=["plain", "BOM", "semicolon", "tab", "spaces", "quotes", "empty lines", "UTF-16"],
)
def test_what_spreadsheets_write_is_read(content):
    assert read(content)[:, :, 0].tolist() == [[1, 2], [3, 4]]


def test_empty_lines_of_a_spreadsheet_part_the_colours():
    assert read(b"1,4\n,\n2,5\n,\n3,6\n").tolist() == [[[1, 2, 3], [4, 5, 6]]]


@pytest.mark.parametrize(
    ("content", "code", "facts"),
    [
        (b"", "number_table_empty", {}),
        (b" \n,,\n", "number_table_empty", {}),
        (b"1,2\n3,256\n", "number_table_cell", {"line": 2, "column": 2, "received": "256"}),
        (b"1,2\n-3,4\n", "number_table_cell", {"line": 2, "column": 1, "received": "-3"}),
        (b"1,2.5\n", "number_table_cell", {"line": 1, "column": 2, "received": "2.5"}),
        (b"path,label\n", "number_table_cell", {"line": 1, "column": 1, "received": "path"}),
        (b"1,,3\n", "number_table_cell", {"line": 1, "column": 2, "received": ""}),
        ("1,٣\n".encode(), "number_table_cell", {"line": 1, "column": 2}),
        (b"1," + b"9" * 9999, "number_table_cell", {"column": 2}),
        (b"1,2\n3\n", "number_table_ragged", {"line": 2, "received": 1, "expected": 2}),
        (b"1,2\n\n3\n\n4,5\n", "number_table_ragged", {"line": 3, "received": 1}),
        (b"1,2\n\n3,4\n", "number_table_blocks", {"received": 2}),
        (b"1\n\n2\n3\n\n4\n", "number_table_blocks", {"received": 3}),
        (b"\x89PNG\r\n\x1a\n\0\0", "number_table_text", {}),
        (b"1,2\0\n", "number_table_text", {}),
    ],
)
def test_what_is_no_table_of_levels_is_named(content, code, facts):
    with pytest.raises(PictureError) as error:
        read(content)
    assert error.value.code == code
    assert error.value.facts["path"] == "table.csv"
    assert {name: error.value.facts[name] for name in facts} == facts
    assert error.value.message
    assert len(error.value.message) < 200
    assert error.value.next_step


def test_a_png_is_grey_or_rgb():
    pixels = np.zeros((2, 3, 3), np.uint8)
    assert Image.open(BytesIO(to_png(pixels))).mode == "RGB"
    assert Image.open(BytesIO(to_png(pixels[:, :, :1]))).mode == "L"
