import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.recognizer.abstention import (
    RISK,
    ThresholdRow,
    choose_threshold,
    fewest_pictures,
    is_proven,
    threshold_rows,
)


@pytest.mark.parametrize(("wrong", "n", "error"), [(0, 60, 0.05), (3, 200, 0.04), (10, 900, 0.02)])
def test_a_bound_is_that_of_clopper_and_pearson(wrong, n, error):
    proportion = pytest.importorskip(
        "statsmodels.stats.proportion", reason="needs the extra imagier[dev]"
    )
    _, high = proportion.proportion_confint(wrong, n, alpha=2 * RISK, method="beta")
    assert is_proven(wrong=wrong, n=n, max_error=error) == (high <= error)
    assert is_proven(wrong=wrong, n=n, max_error=high + 1e-9)
    assert not is_proven(wrong=wrong, n=n, max_error=high - 1e-9)


@pytest.mark.parametrize("error", [0.001, 0.01, 0.3])
def test_so_many_right_answers_prove_an_error_and_one_less_does_not(error):
    n = fewest_pictures(error)
    assert is_proven(wrong=0, n=n, max_error=error)
    assert not is_proven(wrong=0, n=n - 1, max_error=error)


def test_the_rows_count_what_is_as_sure():
    rows = threshold_rows(np.array([0.9, 0.5, 0.9, 0.7]), np.array([True, False, False, True]))
    assert [(row.threshold, row.n, row.wrong) for row in rows] == [
        (0.9, 2, 1),
        (0.7, 3, 1),
        (0.5, 4, 2),
    ]
    assert threshold_rows(np.zeros(0), np.zeros(0, bool)) == ()


@given(st.integers(0, 1000), st.integers(1, 3000))
def test_many_pictures_give_a_hundred_rows_and_all_answered_is_one(seed, n):
    generator = np.random.default_rng(seed)
    rows = threshold_rows(generator.random(n).round(3), generator.random(n) < 0.9)
    assert 1 <= len(rows) <= 100
    assert rows[-1].n == n
    assert [row.threshold for row in rows] == sorted((r.threshold for r in rows), reverse=True)


def test_the_promise_is_kept_for_nineteen_recognisers_of_twenty():
    """Answers of probability p are right with probability p: the true error is known."""
    generator = np.random.default_rng(0)
    broken = chosen = 0
    for _ in range(400):
        confidence = generator.beta(6, 1, 800)
        rows = threshold_rows(confidence, generator.random(800) < confidence)
        row = choose_threshold(rows, 0.05)
        if row is not None:
            fresh = generator.beta(6, 1, 40_000)
            answered = fresh[fresh >= row.threshold]
            chosen += 1
            broken += (1 - answered).mean() > 0.05
    assert chosen > 200
    assert broken / 400 <= RISK


def test_nothing_is_promised_that_cannot_be_proven():
    rows = threshold_rows(np.linspace(0.5, 1, 50), np.ones(50, bool))
    assert choose_threshold(rows, 0.01) is None
    assert choose_threshold(rows, 0.10) == rows[-1]
    assert choose_threshold((), 0.10) is None


def test_rows_are_kept_as_json():
    row = ThresholdRow(threshold=0.5, n=10, wrong=1, answered=0.4)
    assert ThresholdRow.from_json(row.to_json()) == row
    for bad in ([2, 1, 0, 0.1], [0.5, 1, 2, 0.1], [0.5, 1], ["x", 1, 1, 1], 3):
        with pytest.raises((ValueError, TypeError)):
            ThresholdRow.from_json(bad)
