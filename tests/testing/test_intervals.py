import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from imagier.testing import pictures_needed, verdict, wilson

counts = st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, st.floats(0.5, 0.999))
def test_wilson_is_that_of_statsmodels(count, level):
    correct, n = count
    theirs = proportion_confint(correct, n, alpha=1 - level, method="wilson")
    np.testing.assert_allclose(wilson(correct, n, level=level), theirs, atol=1e-9)


@given(counts)
def test_the_share_lies_inside_its_interval(count):
    correct, n = count
    low, high = wilson(correct, n)
    assert 0 <= low <= correct / n <= high <= 1
    assert low < high


def test_certain_ends_are_exact():
    assert wilson(0, 7)[0] == 0.0
    assert wilson(7, 7)[1] == 1.0


@given(counts, st.floats(0.001, 1))
def test_the_verdict_follows_from_the_interval(count, accept):
    low, high = wilson(*count)
    found = verdict((low, high), accept)
    assert (found == "acceptable") == (low >= accept)
    assert (found == "not_acceptable") == (high < accept)


def test_the_interval_holds_the_true_share_nineteen_times_of_twenty():
    rng = np.random.default_rng(0)
    true, n = 0.93, 300
    ends = [wilson(int(correct), n) for correct in rng.binomial(n, true, 4000)]
    held = np.mean([low <= true <= high for low, high in ends])
    assert held == pytest.approx(0.95, abs=0.015)


@given(st.floats(0.5, 0.999), st.floats(0.3, 0.99))
def test_as_many_pictures_as_are_needed_prove_it_and_one_less_does_not(accuracy, accept):
    n = pictures_needed(accuracy, accept)
    if n is None:
        return
    theirs = proportion_confint(accuracy * n, n, method="wilson")[0]
    assert theirs >= accept - 1e-9
    if n > 1:
        fewer = proportion_confint(accuracy * (n - 1), n - 1, method="wilson")[0]
        assert fewer < accept


def test_no_number_of_pictures_proves_what_is_not_so():
    assert pictures_needed(0.96, 0.97) is None
    assert pictures_needed(0.97, 0.97) is None
