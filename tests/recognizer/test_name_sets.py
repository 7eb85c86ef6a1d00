import numpy as np
import pytest

from imagier.recognizer.name_sets import choose_limit, names_in_set, stored_limits

ROWS = ((0.9, 0.3, 99), (0.95, 0.1, 99))


def test_limits_are_read_back_in_order():
    assert stored_limits({"sets": [[0.95, 0.1, 99], [0.9, 0.3, 99]]}) == ROWS


@pytest.mark.parametrize(
    "kept", [{}, {"sets": 3}, {"sets": [[1]]}, {"sets": [[0.9, 2, 9]]}, {"sets": [["a", 0, 1]]}]
)
def test_what_is_no_limit_is_none(kept):
    assert stored_limits(kept) == ()


def test_the_coverage_taken_is_as_large_as_asked():
    assert choose_limit(ROWS, 0.9) == ROWS[0]
    assert choose_limit(ROWS, 0.91) == ROWS[1]
    assert choose_limit(ROWS, 0.96) is None


def test_the_first_choice_is_always_in_the_set():
    probabilities = np.array([0.2, 0.5, 0.3], np.float32)
    assert names_in_set("abc", probabilities, 0.9) == ("b",)
    assert names_in_set("abc", probabilities, 0.3) == ("b", "c")
    assert names_in_set("abc", probabilities, 0.0) == ("b", "c", "a")
