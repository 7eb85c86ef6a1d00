import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.testing.comparison import compare_answers, holm


@pytest.mark.parametrize(("b", "c"), [(20, 32), (0, 5), (0, 0), (7, 7), (200, 260)])
def test_the_p_value_is_that_of_statsmodels(b, c):
    tables = pytest.importorskip(
        "statsmodels.stats.contingency_tables", reason="needs the extra imagier[dev]"
    )
    first = np.repeat([True, False, True, False], [b, c, 100, 10])
    second = np.repeat([False, True, True, False], [b, c, 100, 10])
    found = compare_answers(first, second)
    expected = tables.mcnemar([[100, b], [c, 10]], exact=True).pvalue if b + c else 1.0
    assert found.p_value == pytest.approx(expected, abs=1e-9)
    assert found.gain == pytest.approx((c - b) / found.n)


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_is_that_of_statsmodels(p_values):
    multitest = pytest.importorskip(
        "statsmodels.stats.multitest", reason="needs the extra imagier[dev]"
    )
    expected = multitest.multipletests(p_values, method="holm")[1] if p_values else []
    assert holm(p_values) == pytest.approx(list(expected), abs=1e-12)
