"""Arguments from Python: what is taken, and what is refused in one sentence with an example."""

import numpy as np
import pytest

from imagier.arguments import flag, number, one_of, path, received, text, texts, whole
from imagier.errors import UsageError
from imagier.i18n import LANGUAGES, use_language

RIGHT = [
    (lambda: whole("a", np.int64(3), least=1), 3),
    (lambda: whole("a", -3, least=None), -3),
    (lambda: number("a", np.float32(0.5), most=1), 0.5),
    (lambda: number("a", 0, most=1), 0.0),
    (lambda: flag("a", False), False),
    (lambda: text("a", "x", example="y"), "x"),
    (lambda: texts("a", iter("ab"), example=["y"]), ("a", "b")),
    (lambda: one_of("a", "x", ["x", "y"]), "x"),
    (lambda: path("a", "x", example="y"), "x"),
]
WRONG = [
    *(lambda value=value: whole("a", value, least=1) for value in (0, -1, 1.5, "1", True, None)),
    *(lambda value=value: number("a", value, most=1) for value in (-1, 2, "1", True, float("nan"))),
    lambda: number("a", 0, above=0, most=None),
    lambda: number("a", float("inf"), above=0, most=None),
    lambda: flag("a", 1),
    lambda: text("a", 1, example="y"),
    lambda: texts("a", "a,b", example=["y"]),
    lambda: texts("a", ["a", 1], example=["y"]),
    lambda: texts("a", None, example=["y"]),
    lambda: one_of("a", "xx", ["x", "y"]),
    lambda: one_of("a", ["x"], ["x", "y"]),
    lambda: path("a", 3, example="y"),
]


@pytest.mark.parametrize(("call", "answer"), RIGHT)
def test_what_is_right_is_given_back(call, answer):
    assert call() == answer


@pytest.mark.parametrize("call", WRONG)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wrong_is_said_with_an_example(call, language):
    with use_language(language), pytest.raises(UsageError) as caught:
        call()
    with use_language(language):
        assert caught.value.code == "bad_argument"
        assert "a" in caught.value.message
        assert "a=" in caught.value.next_step


def test_long_values_are_shown_by_their_kind():
    assert received("x" * 100) == "str"
    assert received(np.zeros((3, 4))) == "ndarray (3, 4)"
    assert received(None) == "None"
