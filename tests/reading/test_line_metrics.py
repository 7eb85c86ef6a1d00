"""The figures of lines: against counting by hand, and what holds whatever the lines are."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.reading.edit_distance import align
from imagier.reading.line_metrics import measure_lines, normal_form
from imagier.testing import wilson

TEXTS = st.text(alphabet="0157é", max_size=6)
PAIRS = st.lists(st.tuples(TEXTS, TEXTS), max_size=12)


def sides(pairs):
    return [one for one, _ in pairs], [other for _, other in pairs]


def noisy(n, length, share, *, seed=0, place=None):
    """Give n digits' lines and what was read: a share of the characters, or of one place, wrong."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 10, (n, length))
    is_wrong = rng.random((n, length)) < share
    if place is not None:
        is_wrong[:, place] |= rng.random(n) < 0.3
    read = np.where(is_wrong, (true + rng.integers(1, 10, true.shape)) % 10, true)
    return tuple(["".join(map(str, row)) for row in rows] for rows in (true, read))


@given(PAIRS)
def test_all_figures_follow_from_the_edits(pairs):
    true, read = sides(pairs)
    found = measure_lines(true, read)
    steps = [step for pair in pairs for step in align(*pair)]
    edits = Counter(step for step in steps if step[0] != step[1])
    said = {(one.true or "", one.read or ""): one.count for one in found.confusions}
    assert said == edits
    assert found.score.edits == sum(edits.values()) == found.distances.sum()
    assert found.score.correct == sum(one == other for one, other in pairs)
    assert found.score.characters == sum(map(len, true))
    assert found.score.interval == wilson(found.score.correct, len(pairs))
    counts = [one.count for one in found.confusions]
    assert counts == sorted(counts, reverse=True)


@given(PAIRS)
def test_length_errors_are_the_differences(pairs):
    found = measure_lines(*sides(pairs)).lengths
    differences = Counter(len(other) - len(one) for one, other in pairs)
    assert found.by_difference == {one: n for one, n in differences.items() if one}
    assert found.short + found.long == sum(n for one, n in differences.items() if one)


@given(PAIRS, st.randoms())
def test_the_order_of_the_lines_does_not_matter(pairs, random):
    shuffled = random.sample(pairs, len(pairs))
    first, second = measure_lines(*sides(pairs)), measure_lines(*sides(shuffled))
    assert first.score == second.score
    assert first.confusions == second.confusions
    assert (first.lengths, first.weak_place) == (second.lengths, second.weak_place)


def test_a_confusion_has_the_number_of_times_its_character_is_written():
    found = measure_lines(["711", "17", "5"], ["111", "1", "55"])
    said = {(one.true, one.read): (one.count, one.n) for one in found.confusions}
    assert said == {("7", "1"): (1, 2), ("7", None): (1, 2), (None, "5"): (1, 6)}


def test_without_characters_there_is_no_rate():
    assert measure_lines(["", ""], ["", "7"]).score.cer is None
    empty = measure_lines([], [])
    assert (empty.score.n, empty.score.cer, empty.score.accuracy) == (0, None, 0.0)
    assert empty.score.to_json()["cer_interval"] is None


def test_the_rate_may_pass_one():
    assert measure_lines(["1"], ["234"]).score.cer == 3


def test_the_interval_of_the_rate_holds_the_true_rate():
    held = 0
    for seed in range(60):
        low, high = measure_lines(*noisy(200, 5, 0.04, seed=seed)).score.cer_interval
        held += low <= 0.04 <= high
    assert 52 <= held <= 60, "95 of 100, give or take what 60 tests leave open"


def test_lines_of_one_document_make_the_interval_of_the_rate_longer():
    true, read = noisy(40, 5, 0.05, seed=3)
    low, high = measure_lines(true * 10, read * 10).score.cer_interval
    documents = [str(line) for line in range(40)] * 10
    wide_low, wide_high = measure_lines(true * 10, read * 10, documents).score.cer_interval
    assert wide_high - wide_low > 2 * (high - low)


@pytest.mark.parametrize("seed", range(20))
def test_no_place_is_named_where_chance_made_the_errors(seed):
    assert measure_lines(*noisy(300, 5, 0.1, seed=seed)).weak_place is None


def test_the_place_that_is_wrong_most_often_is_named():
    found = measure_lines(*noisy(400, 5, 0.02, place=4)).weak_place
    assert (found.place, found.length) == (5, 5)
    assert 5 <= found.wrong <= found.of


def test_no_place_is_named_where_lines_have_many_lengths():
    true = ["7" * length for length in range(1, 9)] * 10
    read = [text[:-1] + "1" for text in true]
    assert measure_lines(true, read).weak_place is None


def test_letters_written_in_two_ways_are_equal():
    assert measure_lines([normal_form("de\u0301part")], ["départ"]).score.correct == 1


def test_json_has_signs_before_differences():
    found = measure_lines(["12", "12", "12"], ["1", "123", "12"]).lengths
    assert found.to_json() == {"short": 1, "long": 1, "by_difference": {"-1": 1, "+1": 1}}
