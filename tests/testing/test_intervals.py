import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from imagier.binomial import at_least, clopper_pearson, incomplete_beta
from imagier.testing import further_pictures, verdict, wilson

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


@given(counts, st.floats(0.5, 0.999))
def test_clopper_pearson_is_that_of_statsmodels(count, level):
    correct, n = count
    theirs = proportion_confint(correct, n, alpha=1 - level, method="beta")
    np.testing.assert_allclose(clopper_pearson(correct, n, level=level), theirs, atol=1e-9)


@given(st.floats(0, 1), st.floats(0.5, 1e5), st.floats(0.5, 1e5))
def test_the_incomplete_beta_function_is_that_of_scipy(x, a, b):
    special = pytest.importorskip("scipy.special", reason="needs the extra imagier[studies]")
    assert incomplete_beta(x, a, b) == pytest.approx(special.betainc(a, b, x), abs=1e-8)


def test_a_chance_is_that_of_scipy():
    stats = pytest.importorskip("scipy.stats", reason="needs the extra imagier[studies]")
    for k, n, p in ((0, 5, 0.2), (3, 5, 0.2), (5, 5, 0.2), (6, 5, 0.2), (970, 1000, 0.96)):
        assert at_least(k, n, p) == pytest.approx(stats.binom.sf(k - 1, n, p), abs=1e-12)


@given(counts, st.floats(0.001, 1))
def test_the_verdict_is_that_of_the_exact_test(count, accept):
    """Decided where so much, or so little, would come up in fewer than 2.5 % of such tests."""
    correct, n = count
    found = verdict(correct, n, accept)
    above, below = at_least(correct, n, accept), 1 - at_least(correct + 1, n, accept)
    if min(abs(above - 0.025), abs(below - 0.025)) > 1e-6:
        assert (found == "acceptable") == (above < 0.025)
        assert (found == "not_acceptable") == (below < 0.025)


def test_the_interval_holds_the_true_share_nineteen_times_of_twenty():
    rng = np.random.default_rng(0)
    true, n = 0.93, 300
    ends = [wilson(int(correct), n) for correct in rng.binomial(n, true, 4000)]
    held = np.mean([low <= true <= high for low, high in ends])
    assert held == pytest.approx(0.95, abs=0.015)


@given(st.integers(20, 2000), st.floats(0.6, 1), st.floats(0.5, 0.99))
def test_as_many_further_pictures_decide_and_one_less_does_not(n, share, accept):
    correct = round(n * share)
    more = further_pictures(correct, n, accept)
    if more is None:
        assert abs(correct / n - accept) < 0.001
        return
    is_decided = [
        low >= accept or high < accept
        for few in (0, max(0, more - 1), more)
        for low, high in [
            proportion_confint(correct / n * (n + few), n + few, method="beta"),
        ]
    ]
    assert is_decided[2]
    assert is_decided[1] == (more == 0)
    assert is_decided[0] == (more == 0)


def test_no_number_of_pictures_decides_between_equals():
    assert further_pictures(97, 100, 0.97) is None
    assert further_pictures(0, 0, 0.97) is None


def test_what_is_decided_needs_no_more():
    assert further_pictures(990, 1000, 0.97) == 0
    assert further_pictures(900, 1000, 0.97) == 0
