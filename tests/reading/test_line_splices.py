"""Lines joined of two: the text that is said is the text that stands there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagier.reading.ctc import best_alignment
from imagier.reading.line_splices import CharacterPlaces, LineSplices, character_places

WIDTH, STEP = 160, 16
LEVELS = {character: 20 + 15 * number for number, character in enumerate("0123456789")}


def drawn(text):
    """Draw each character as a bar whose level tells which one it is."""
    line = np.full((32, WIDTH, 1), 250, np.uint8)
    for place, character in enumerate(text):
        line[6:26, place * STEP + 5 : place * STEP + 11] = LEVELS[character]
    return line


def spelt(line):
    """Read the bars back; what a seam has made lighter or moved is still nearest to its level."""
    row = line[16, :, 0].astype(int)
    is_bar = row < 200
    starts = np.flatnonzero(is_bar & ~np.roll(is_bar, 1))
    levels = [row[start : start + 6].min() for start in starts]
    return "".join(min(LEVELS, key=lambda one: abs(LEVELS[one] - level)) for level in levels)


def placed(texts, **changes):
    longest = max(len(text) for text in texts)
    middles = np.full((len(texts), longest), np.nan, np.float32)
    for row, text in enumerate(texts):
        middles[row, : len(text)] = np.arange(len(text)) * STEP + 8
    is_sure = changes.get("is_sure", np.ones(len(texts), bool))
    return LineSplices(
        pixels=np.stack([drawn(text) for text in texts]),
        texts=tuple(texts),
        places=CharacterPlaces(middles=middles, is_sure=is_sure),
    )


digits = st.text(alphabet="0123456789", min_size=2, max_size=9)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(digits, min_size=1, max_size=4), seed=st.integers(0, 2**32 - 1))
def test_the_text_is_what_stands_there(texts, seed):
    found = placed(texts).draw(0, np.random.default_rng(seed))
    if found is not None:
        assert spelt(found.pixels) == found.text
        assert found.text.startswith(texts[0][0])
        assert found.pixels.shape == (32, WIDTH, 1)


def test_most_lines_find_another():
    splices = placed(["120", "4567", "89"])
    found = [splices.draw(n % 3, np.random.default_rng(n)) for n in range(300)]
    assert sum(one is not None for one in found) > 290
    assert len({one.text for one in found if one}) > 20


def test_the_same_number_joins_the_same_line():
    splices = placed(["120", "4567", "89"])
    first, second = (splices.draw(1, np.random.default_rng(7)) for _ in range(2))
    assert first.text == second.text
    np.testing.assert_array_equal(first.pixels, second.pixels)


def test_a_line_of_one_character_and_one_that_is_not_understood_stay_whole():
    splices = placed(["1", "23", "45"], is_sure=np.array([True, False, True]))
    assert splices.draw(0, np.random.default_rng(0)) is None
    assert splices.draw(1, np.random.default_rng(0)) is None
    joined = {splices.draw(2, np.random.default_rng(n)).text for n in range(20)}
    assert joined == {"45"}  # itself is the only other that can be cut


def test_the_paper_of_both_sides_is_as_light():
    splices = placed(["12", "34"])
    splices.pixels[1] -= 60
    found = next(
        one
        for one in (splices.draw(0, np.random.default_rng(n)) for n in range(20))
        if one.text.endswith("4")
    )
    assert np.median(found.pixels) == 250
    assert found.pixels[:, 40:].min() >= 250  # behind the right side there is paper alone


def test_places_are_those_of_the_best_path():
    generator = np.random.default_rng(0)
    answers = generator.dirichlet(np.ones(4), (3, 12))
    texts = [np.array([1, 2]), np.array([3]), np.array([2, 2, 1])]
    places = character_places(answers, texts, 48)
    for row, text in enumerate(texts):
        spans = best_alignment(answers[row], text)
        expected = (spans.mean(axis=1) + 0.5) * 4
        assert places.middles[row, : len(text)].tolist() == pytest.approx(expected.tolist())
        assert np.isnan(places.middles[row, len(text) :]).all()


def test_an_improbable_text_is_not_believed():
    columns = np.full((2, 4, 3), 1e-9)
    columns[:, [0, 1, 3], 0] = 1
    columns[0, 2, 1] = columns[1, 2, 2] = 1  # the second line shows the other character
    assert character_places(columns, [np.array([1])] * 2, 16).is_sure.tolist() == [True, False]
