"""The edit distance against a plain recursive one, its edits, and its speed."""

import functools
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.reading.edit_distance import align, align_texts

TEXTS = st.text(alphabet="01é€𝟙 ", max_size=7)


@functools.cache
def plain_distance(true, read):
    """What the definition says, nothing filled at once."""
    if not true or not read:
        return len(true) + len(read)
    return min(
        plain_distance(true[:-1], read[:-1]) + (true[-1] != read[-1]),
        plain_distance(true[:-1], read) + 1,
        plain_distance(true, read[:-1]) + 1,
    )


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=8))
def test_distances_are_those_of_the_definition(pairs):
    true, read = [one for one, _ in pairs], [other for _, other in pairs]
    expected = [plain_distance(*pair) for pair in pairs]
    assert align_texts(true, read).distances.tolist() == expected


@given(TEXTS, TEXTS)
def test_the_steps_spell_both_texts_and_no_more_edits_than_needed(true, read):
    steps = align(true, read)
    assert "".join(one for one, _ in steps) == true
    assert "".join(other for _, other in steps) == read
    assert ("", "") not in steps
    assert sum(one != other for one, other in steps) == plain_distance(true, read)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6))
def test_pairs_do_not_disturb_each_other(pairs):
    found = align_texts([one for one, _ in pairs], [other for _, other in pairs])
    for row, (true, read) in enumerate(pairs):
        alone = align_texts([true], [read])
        mine = found.lines == row
        assert found.true[mine].tolist() == alone.true.tolist()
        assert found.read[mine].tolist() == alone.read.tolist()


def test_small_tables_give_what_one_large_table_gives(monkeypatch):
    rng = np.random.default_rng(0)
    true = ["".join(rng.choice(list("0123"), rng.integers(0, 9))) for _ in range(60)]
    read = ["".join(rng.choice(list("0123"), rng.integers(0, 9))) for _ in range(60)]
    whole = align_texts(true, read)
    monkeypatch.setattr("imagier.reading.edit_distance.MOST_CELLS", 100)
    pieces = align_texts(true, read)
    for name in ("lines", "true", "read"):
        assert getattr(whole, name).tolist() == getattr(pieces, name).tolist()


@pytest.mark.parametrize(
    ("true", "read", "edits"),
    [
        ("75005", "75006", [("5", "6")]),
        ("75005", "7505", [("0", "")]),
        ("12,50", "12,5 0", [("", " ")]),
        ("", "7", [("", "7")]),
        ("7", "", [("7", "")]),
        ("", "", []),
        ("ab", "ba", [("a", "b"), ("b", "a")]),
    ],
)
def test_the_edits_are_those_that_people_see(true, read, edits):
    assert [step for step in align(true, read) if step[0] != step[1]] == edits


def test_nothing_has_no_edits():
    found = align_texts([], [])
    assert (found.n, found.distances.tolist(), found.is_edit.tolist()) == (0, [], [])


def test_texts_without_partner_are_a_bug():
    with pytest.raises(ValueError, match="as many"):
        align_texts(["a"], [])


def test_a_long_text_among_short_ones_costs_only_itself():
    true, read = ["7" * 3000, *["123"] * 2000], ["7" * 2999, *["124"] * 2000]
    assert align_texts(true, read).distances.sum() == 1 + 2000


def test_ten_thousand_lines_of_ten_characters_take_less_than_two_seconds():
    rng = np.random.default_rng(0)
    digits = rng.integers(0, 10, (10_000, 10))
    noisy = np.where(rng.random(digits.shape) < 0.2, rng.integers(0, 10, digits.shape), digits)
    true, read = (["".join(map(str, row)) for row in rows] for rows in (digits, noisy))
    began = time.process_time()
    distances = align_texts(true, read).distances
    assert time.process_time() - began < 2
    assert distances.sum() > 10_000
