"""Patterns, against Python's own regular expressions; what they refuse, and how long they take."""

import itertools
import re
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagier.errors import UsageError
from imagier.i18n import LANGUAGES, use_language
from imagier.reading import format_pattern
from imagier.reading.format_pattern import FormatPattern

SIGNS = "01a_B-é. "
ATOMS = [*"01aBé", ".", r"\.", r"\-", r"\d", r"\w", r"\s", r"\D", r"\W", r"\S"]
ATOMS += ["[01]", "[^01]", "[0-9]", "[a-f0]", r"[\d.-]", r"[^\w]", "[]a]", "[.]", r"[\]a-]", "[-a]"]
REPEATS = ["?", "*", "+", "{2}", "{0}", "{1,3}", "{2,}", "{,2}", "{0,1}"]


def patterns():
    def larger(smaller):
        return st.one_of(
            st.lists(smaller, min_size=2, max_size=3).map("".join),
            st.lists(smaller, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
            st.tuples(smaller, st.sampled_from(REPEATS)).map(
                lambda pair: f"(?:{pair[0]}){pair[1]}"
            ),
            st.tuples(st.sampled_from(ATOMS), st.sampled_from(REPEATS)).map("".join),
        )

    return st.recursive(st.sampled_from(ATOMS), larger, max_leaves=6)


def refusal(text):
    with pytest.raises(UsageError) as caught:
        FormatPattern.parse(text)
    return caught.value


@settings(deadline=None, max_examples=300)
@given(patterns(), st.lists(st.text(SIGNS, max_size=6), max_size=8), st.integers(0, 2**32))
def test_texts_fit_as_in_regular_expressions(text, words, seed):
    try:
        pattern = FormatPattern.parse(text)
    except UsageError:  # as of a{0}
        assert not any(re.fullmatch(text, word) for word in words if word)
        return
    sample = pattern.sample(np.random.default_rng(seed))
    for word in [*words, sample, "", "0"]:
        assert pattern.accepts(word) == bool(re.fullmatch(text, word)), word
    assert pattern.accepts(sample)


@settings(deadline=None, max_examples=200)
@given(patterns(), st.integers(0, 2**32))
def test_over_characters_a_state_is_left_when_nothing_can_follow(text, seed):
    characters = "0a-"
    words = {
        word
        for length in range(1, 5)
        for word in map("".join, itertools.product(characters, repeat=length))
        if re.fullmatch(text, word)
    }
    try:
        pattern = FormatPattern.parse(text).over(characters)
    except UsageError:
        assert not words
        return
    sample = pattern.sample(np.random.default_rng(seed))
    assert pattern.accepts(sample)
    assert set(sample) <= set(characters)
    assert {word for word in all_texts(pattern, characters, 4) if word} == words


def all_texts(pattern, characters, longest):
    """Walk through the states; each one that is not left must have a text that ends later on."""
    found = set()
    walks = [("", pattern.start)]
    for word, state in walks:
        if pattern.is_final(state):
            found.add(word)
        assert can_end(pattern, state, characters)
        if len(word) < longest:
            grown = [(word + sign, pattern.step(state, sign)) for sign in characters]
            walks += [(one, after) for one, after in grown if after is not None]
    return found


def can_end(pattern, state, characters):
    seen, waiting = {state}, [state]
    for one in waiting:
        if pattern.is_final(one):
            return True
        after = {pattern.step(one, sign) for sign in characters} - {None} - seen
        seen |= after
        waiting += after
    return False


@pytest.mark.parametrize(
    ("text", "fitting", "others"),
    [
        (r"\d{5}", ["75001", "00000"], ["7500", "750011", "75 01", ""]),
        (r"^\d{5}$", ["75001"], ["7500"]),
        (r"^a$|^bc$", ["a", "bc"], ["ab", "b"]),
        ("[A-Z]{2}-[0-9]{3}-[A-Z]{2}", ["AB-123-CD"], ["AB123CD", "ab-123-cd"]),
        (r"\d+(,\d\d)?( ?€)?", ["12", "12,50 €", "3€"], ["12,5", ",50"]),
        ("e\u0301t\u00e9", ["été"], ["ete"]),
        (r"a\/b\\", ["a/b\\"], ["ab"]),
        ("(?:)a", ["a"], [""]),
        ("a||b", ["a", "b", ""], ["ab"]),
    ],
)
def test_what_people_write_is_understood(text, fitting, others):
    pattern = FormatPattern.parse(text)
    assert [word for word in [*fitting, *others] if pattern.accepts(word)] == fitting


@pytest.mark.parametrize(
    ("text", "part", "place"),
    [
        (r"(\d)\1", r"\1", 5),
        (r"\bcat", r"\b", 1),
        ("(?=a)b", "(?=", 1),
        ("(?P<n>a)", "(?P", 1),
        ("a*?", "*?", 2),
        ("a++", "++", 2),
        ("a{2}{3}", "}{", 4),
        ("a^b", "^", 2),
        ("a$b", "$", 2),
        ("(^a)", "^", 2),
        (r"\x41", r"\x", 1),
        (r"[\n]", r"\n", 2),
    ],
)
def test_what_is_not_supported_is_named(text, part, place):
    error = refusal(text)
    assert error.code == "format_unsupported"
    assert (error.facts["part"], error.facts["place"]) == (part, place)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("(a", 1),
        ("a)", 2),
        ("[a", 1),
        ("[]", 1),
        ("*a", 1),
        ("a|?", 3),
        ("a{", 2),
        ("a{2", 2),
        ("a{x}", 2),
        ("a{3,2}", 2),
        ("a\\", 2),
        ("[z-a]", 3),
        (r"[\d-z]", 4),
        ("x{123456}", 2),
    ],
)
def test_what_breaks_the_rules_is_placed(text, place):
    error = refusal(text)
    assert (error.code, error.facts["place"]) == ("format_syntax", place)


@pytest.mark.parametrize("text", ["", "^$", "a{0}", "()", "(|)*"])
def test_a_pattern_of_nothing_is_refused(text):
    assert refusal(text).code == "format_nothing"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a" * 1001, "format_too_long"),
        ("(" * 51 + "a" + ")" * 51, "format_too_deep"),
        ("a{9999}", "format_too_large"),
        ("((((((a{99}){99}){99}){99}){99}){99}){99}", "format_too_large"),
    ],
)
def test_a_pattern_too_large_is_refused_at_once(text, code):
    began = time.process_time()
    assert refusal(text).code == code
    assert time.process_time() - began < 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals_are_worded(language):
    with use_language(language):
        for text in (r"(\d)\1", "a{", "", "a" * 1001, "a{9999}", "(" * 60):
            error = refusal(text)
            assert error.message
            assert "{{" not in error.next_step


def test_no_text_of_the_models_characters_is_refused():
    pattern = FormatPattern.parse("[A-Z]{2}|€*")
    assert pattern.can_match_anything("AB")
    assert not pattern.can_match_anything("0123")
    with pytest.raises(UsageError) as caught:
        pattern.over("0123")
    assert caught.value.code == "format_characters"
    assert pattern.over("AB").accepts("BA")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("(a|a)*b", "a" * 20_000),
        ("(a*)*b", "a" * 20_000),
        ("(a|b)*a(a|b){300}", "ab" * 5_000),
        ("(a?){300}a{300}", "a" * 300),
        ("((a{1,8}){1,8}){1,8}", "a" * 512),
    ],
)
def test_wicked_patterns_take_no_long_time(text, word):
    began = time.process_time()
    pattern = FormatPattern.parse(text)
    pattern.accepts(word)
    assert time.process_time() - began < 5


def test_states_that_are_too_many_are_made_anew(monkeypatch):
    monkeypatch.setattr(format_pattern, "MOST_STATES", 5)
    pattern, text = FormatPattern.parse("(a|b)*a(a|b){9}"), "(a|b)*a(a|b){9}"
    generator = np.random.default_rng(1)
    for _ in range(50):
        word = "".join(generator.choice(["a", "b"], size=14))
        assert pattern.accepts(word) == bool(re.fullmatch(text, word))
    assert len(pattern._machine.states) <= 5


def test_unusual_characters_are_drawn_where_they_are_known():
    pattern = FormatPattern.parse("[^ -ÿ]|é")
    assert pattern.sample(np.random.default_rng(0)) == "é"
    with pytest.raises(UsageError):
        FormatPattern.parse("[^ -ÿ]").sample(np.random.default_rng(0))
    assert FormatPattern.parse("[^ -ÿ]").over("a€").sample(np.random.default_rng(0)) == "€"


def test_samples_are_the_same_for_the_same_seed_and_vary():
    pattern = FormatPattern.parse(r"\d{2,4}|[A-F]+").over("0123456789ABC")
    drawn = [[pattern.sample(np.random.default_rng(seed)) for seed in range(200)] for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert {len(word) for word in drawn[0]} == {1, 2, 3, 4}
    assert set("".join(drawn[0])) == set("0123456789ABC")
