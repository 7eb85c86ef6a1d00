import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from imagier.errors import UsageError
from imagier.images import (
    add,
    channel,
    distance,
    from_vector,
    mean,
    memory_size,
    multiply,
    norm,
    one_hot,
    squared_distance,
    squared_norm,
    table,
    to_vector,
)

SHAPES = st.tuples(st.integers(1, 6), st.integers(1, 6), st.sampled_from([1, 3]))
PICTURES = SHAPES.flatmap(lambda shape: arrays(np.uint8, shape))
PAIRS = SHAPES.flatmap(lambda shape: st.tuples(arrays(np.uint8, shape), arrays(np.uint8, shape)))


# The deck's numbers


def test_the_deck_adds_multiplies_and_measures():
    assert add((2, 3, 5), (6, 8, 12)).tolist() == [8, 11, 17]
    assert multiply(7, (2, 3, 5)).tolist() == [14, 21, 35]
    x = (12, -6, 4, 125, 7, -5, 19)
    assert squared_norm(x) == 16_256
    assert norm(x) == math.sqrt(16_256)


def test_the_deck_first_digit_is_that_of_scikit_learn():
    digits = pytest.importorskip("sklearn.datasets").load_digits()
    zero = digits.images[0].astype(np.uint8)[:, :, np.newaxis]
    vector = to_vector(zero)
    assert vector[:4].tolist() == [0, 0, 5, 13]
    assert vector[-4:].tolist() == [10, 0, 0, 0]
    assert squared_norm(vector) == 3_070


def test_the_deck_labels():
    digits = "0123456789"
    assert one_hot("0", digits).tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    assert one_hot("3", digits).tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert one_hot("9", digits).tolist() == [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]


def test_the_deck_memory():
    size = memory_size(height=387, width=469)
    assert (size.grey, size.colour) == (181_503, 544_509)
    assert (size.indexed, size.palette, size.indexed_rows) == (90_752, 48, 90_945)


def test_a_png_of_16_colours_has_the_rows_that_memory_size_counts():
    from PIL import Image

    size = memory_size(height=5, width=7)
    packed = Image.new("P", (7, 5)).tobytes("raw", "P;4")
    assert len(packed) == size.indexed_rows == 20
    assert size.indexed == 18


# Bytes must not overflow


def test_bytes_are_widened():
    white, black = np.full((4, 4, 1), 255, np.uint8), np.zeros((4, 4, 1), np.uint8)
    assert int(add(white, white).max()) == 510
    assert int(multiply(3, white).max()) == 765
    assert squared_norm(white) == 16 * 255**2
    assert squared_distance(black, white) == squared_distance(white, black) == 16 * 255**2
    assert mean(white, white).tolist() == white.tolist()


def test_large_numbers_stay_exact():
    assert squared_norm([2**40, 1]) == 2**80 + 1


def test_a_long_vector_is_measured_in_parts():
    ones = np.ones(2**18 * 2 + 3, np.uint8)
    assert squared_norm(ones) == ones.size
    assert squared_distance(ones, 3 * ones) == 4 * ones.size


@given(PAIRS)
def test_norm_and_distance_are_those_of_numpy(pair):
    x, y = (picture.astype(np.float64).ravel() for picture in pair)
    assert norm(pair[0]) == pytest.approx(np.linalg.norm(x))
    assert distance(*pair) == pytest.approx(np.linalg.norm(x - y))
    assert mean(*pair).ravel() == pytest.approx((x + y) / 2)


@given(PAIRS)
def test_the_triangle_inequality(pair):
    x, y = pair
    assert norm(add(x, y)) <= norm(x) + norm(y) + 1e-9
    assert distance(x, y) == distance(y, x)
    assert distance(x, x) == 0


@given(PICTURES)
def test_a_vector_becomes_its_picture_again(picture):
    height, width, _ = picture.shape
    again = from_vector(to_vector(picture), height=height, width=width)
    assert again.tolist() == picture.tolist()


def test_fractions_are_measured_too():
    assert norm([0.3, 0.4]) == pytest.approx(0.5)
    assert squared_norm([]) == 0


# Channels


def test_channels_of_a_colour_picture():
    picture = np.array([[[10, 200, 30], [0, 0, 255]]], np.uint8)
    assert channel(picture, "r").ravel().tolist() == [10, 0]
    assert channel(picture, "g").ravel().tolist() == [200, 0]
    assert channel(picture, "b").ravel().tolist() == [30, 255]
    assert channel(picture, "grey").ravel().tolist() == [124, 29]
    assert channel(picture, "grey").shape == (1, 2, 1)


@pytest.mark.parametrize("name", ["r", "g", "b", "grey"])
def test_a_grey_picture_is_its_own_channel(name):
    picture = np.array([[[7], [9]]], np.uint8)
    assert channel(picture, name).tolist() == picture.tolist()


# The table


def test_a_small_table_is_whole():
    text = table(np.arange(28 * 28).reshape(28, 28) % 256, columns=112)
    assert len(text.splitlines()) == 28
    assert "…" not in text
    assert {len(line) for line in text.splitlines()} == {28 * 4 - 1}


def test_a_large_table_shows_its_corners():
    lines = table(np.arange(10_000).reshape(100, 100), rows=32, columns=80).splitlines()
    assert len(lines) == 9
    assert max(map(len, lines)) <= 80
    assert lines[0].split()[0] == "0"
    assert lines[0].split()[-1] == "99"
    assert lines[-1].split()[0] == "9900"
    assert lines[-1].split()[-1] == "9999"


@given(st.integers(1, 80), st.integers(1, 80), st.integers(1, 200))
def test_a_table_of_any_size_is_written(height, width, columns):
    lines = table(np.full((height, width), 255), columns=columns).splitlines()
    assert len(lines) in (height, 9)
    assert max(map(len, lines)) <= max(columns, 10)


# Errors


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: add((1, 2), (1, 2, 3)), "shapes_differ"),
        (lambda: distance((1, 2), (1,)), "shapes_differ"),
        (lambda: mean((1, 2), (1,)), "shapes_differ"),
        (mean, "no_vector"),
        (lambda: one_hot("tree", ["cat", "dog"]), "label_not_a_class"),
        (lambda: from_vector([1, 2, 3], height=2, width=2), "vector_length"),
        (lambda: from_vector([], height=0, width=0), "vector_length"),
        (lambda: channel(np.zeros((1, 1, 3), np.uint8), "alpha"), "unknown_channel"),
    ],
)
def test_what_cannot_be_computed_is_refused(call, code):
    with pytest.raises(UsageError) as error:
        call()
    assert error.value.code == code
    assert error.value.message
    assert error.value.next_step
