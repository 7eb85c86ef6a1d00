"""Documents and their interval: what is counted, and how often the interval holds the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.reading.documents import count_documents, document_places
from imagier.reading.resampling import FEWEST, ratio_interval
from imagier.testing import wilson

LINES = st.lists(st.tuples(st.sampled_from(["", "a", "b", "c"]), st.booleans()), max_size=20)


@given(LINES)
def test_documents_are_counted_as_by_hand(lines):
    names = [name for name, _ in lines]
    right = {}
    for row, (name, is_right) in enumerate(lines):
        right.setdefault(name or row, []).append(is_right)
    found = count_documents(names, np.array([is_right for _, is_right in lines], bool))
    if all(len(some) < 2 for some in right.values()):
        assert found is None
        return
    assert (found.n, found.correct) == (len(right), sum(map(all, right.values())))
    assert (found.lines, found.interval) == (len(lines), wilson(found.correct, found.n))


@given(st.lists(st.sampled_from(["", "a", "b"]), max_size=9))
def test_lines_of_one_document_share_a_number_and_no_others(names):
    places = document_places(names)
    if places is None:
        return
    assert sorted(set(places.tolist())) == list(range(max(places) + 1))
    for one, a in zip(places, names, strict=True):
        alike = [b for other, b in zip(places, names, strict=True) if other == one]
        assert alike == ([a] * names.count(a) if a else [""])


def test_the_interval_is_that_of_drawing_documents_one_by_one():
    rng = np.random.default_rng(1)
    lines = rng.integers(1, 9, 50)
    right = rng.binomial(lines, 0.8)
    draws = rng.integers(0, 50, (4000, 50))
    plain = np.quantile(right[draws].sum(1) / lines[draws].sum(1), [0.025, 0.975])
    assert ratio_interval(right, lines) == pytest.approx(plain, abs=0.01)


def test_it_holds_the_truth_where_counting_lines_does_not():
    rng = np.random.default_rng(0)
    held, fooled = 0, 0
    for seed in range(100):
        skill = rng.beta(4, 1, 40)  # each document has a hand of its own, 0.8 in the mean
        right = rng.binomial(20, skill)
        low, high = ratio_interval(right, [20] * 40, seed=seed)
        held += low <= 0.8 <= high
        line_low, line_high = wilson(int(right.sum()), 800)
        fooled += not line_low <= 0.8 <= line_high
    assert held >= 88
    assert fooled >= 20


@pytest.mark.parametrize(
    ("right", "lines"),
    [
        ([1] * (FEWEST - 1), [2] * (FEWEST - 1)),
        ([3] * 20, [3] * 20),
        ([0] * 20, [3] * 20),
        ([], []),
    ],
)
def test_where_draws_say_nothing_there_is_no_interval(right, lines):
    assert ratio_interval(right, lines) is None


def test_the_same_seed_gives_the_same_interval():
    rng = np.random.default_rng(0)
    lines = rng.integers(1, 90, 60)
    right = rng.binomial(lines, 0.7)
    assert ratio_interval(right, lines, seed=4) == ratio_interval(right, lines, seed=4)
    assert ratio_interval(right, lines, seed=4) != ratio_interval(right, lines, seed=5)


def test_nothing_is_said_of_documents_that_nobody_named():
    assert count_documents((), np.ones(3, bool)) is None
    assert count_documents(["a", "b", "c"], np.ones(3, bool)) is None
