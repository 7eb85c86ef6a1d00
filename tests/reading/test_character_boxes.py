"""The boxes of characters: around their ink, whatever column named them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagier.reading import CharacterSpan
from imagier.reading.character_boxes import character_boxes


def span(first, last=None, character="7"):
    last = first if last is None else last
    return CharacterSpan(character=character, probability=0.9, first=first, last=last)


def line_of(*boxes, width=120, paper=240, ink=30):
    line = np.full((32, width), paper, np.uint8)
    for left, top, right, bottom in boxes:
        line[top:bottom, left:right] = ink
    return line


@settings(deadline=None)
@given(st.data())
def test_blocks_that_stand_apart_are_boxed_exactly(data):
    left, boxes, spans = 4, [], []
    for _ in range(data.draw(st.integers(1, 5))):
        width = data.draw(st.integers(6, 12))
        top, bottom = data.draw(st.integers(0, 10)), data.draw(st.integers(20, 32))
        boxes.append((left, top, left + width, bottom))
        spans.append(span((left + data.draw(st.integers(1, width - 2))) // 4))
        left += width + data.draw(st.integers(6, 10))
    if len({one.first for one in spans}) == len(spans):
        assert character_boxes(line_of(*boxes), spans, step=4) == boxes


def test_characters_that_touch_are_parted_where_there_is_least_ink():
    line = line_of((10, 4, 30, 28), (30, 15, 34, 17), (34, 4, 54, 28))
    first, second = character_boxes(line, [span(4), span(10)], step=4)
    assert 28 <= first[2] == second[0] <= 36
    assert (first[0], second[2]) == (10, 54)


def test_a_dot_beside_a_character_is_not_in_its_box():
    line = line_of((20, 4, 34, 28), (42, 24, 45, 28))
    assert character_boxes(line, [span(6)], step=4) == [(20, 4, 34, 28)]


def test_a_faint_character_beside_a_dark_one():
    line = line_of((10, 4, 22, 28))
    line[6:26, 40:52] = 190
    assert character_boxes(line, [span(4), span(11)], step=4) == [(10, 4, 22, 28), (40, 6, 52, 26)]


def test_a_space_and_an_empty_place_have_the_whole_height():
    line = line_of((4, 4, 16, 28), (60, 4, 72, 28))
    spans = [span(2), span(9, character=" "), span(16)]
    _, blank, _ = character_boxes(line, spans, step=4)
    assert blank[1::2] == (0, 32)
    assert 16 <= blank[0] < blank[2] <= 60
    assert character_boxes(np.full((32, 40), 255, np.uint8), [span(5)], step=4)[0][1::2] == (0, 32)


def test_boxes_lie_in_the_line_and_hold_something():
    rng = np.random.default_rng(0)
    for _ in range(50):
        width = int(rng.integers(4, 200))
        line = rng.integers(0, 256, (32, width)).astype(np.uint8)
        firsts = np.unique(rng.integers(0, -(-width // 4), int(rng.integers(1, 12))))
        for left, top, right, bottom in character_boxes(
            line, [span(int(f)) for f in firsts], step=4
        ):
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= 32


def test_no_characters_no_boxes():
    assert character_boxes(line_of(), [], step=4) == []


@pytest.mark.parametrize("step", [2.5, 4, 8])
def test_columns_of_any_width(step):
    line = line_of((40, 4, 52, 28))
    assert character_boxes(line, [span(int(46 / step))], step=step) == [(40, 4, 52, 28)]
