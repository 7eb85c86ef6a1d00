"""What a line says: the best text, the best allowed one, or the reason why there is none."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagier.i18n import LANGUAGES, use_language
from imagier.reading import Alphabet, CodeList, format_rule, read_line, read_lines, refusal_sentence
from imagier.reading.line_reading import LEAST_SHARE, REASONS
from tests.reading.enumeration import text_probabilities

ONE_TWO = Alphabet(characters=("1", "2"))
DIGITS = Alphabet(characters=tuple("0123456789"))


def line_of(text, alphabet=DIGITS, surely=0.99, instead=()):
    """Give the columns of a clear line; `instead` gives single characters other probabilities."""
    rows = []
    for place, character in enumerate(text):
        row = np.full(len(alphabet), (1 - surely) / (len(alphabet) - 1))
        row[alphabet.encode(character)] = surely
        for other, value in dict(instead).get(place, {}).items():
            row[alphabet.encode(other)] = value
        rows += [row / row.sum(), blank(alphabet)]
    return np.array([blank(alphabet), *rows])


def blank(alphabet):
    row = np.full(len(alphabet), 1e-4)
    row[0] = 1 - 1e-4 * (len(alphabet) - 1)
    return row


@settings(deadline=None, max_examples=80)
@given(columns=st.integers(1, 6), seed=st.integers(0, 10**6), most=st.sampled_from([1, 4]))
def test_the_answer_is_the_most_probable_text(columns, seed, most):
    line = np.random.default_rng(seed).dirichlet(np.full(3, 0.4), size=columns)
    expected = {ONE_TWO.decode(text): p for text, p in text_probabilities(line).items()}
    read = read_line(line, ONE_TWO, most=most, width=1000)
    best = max(expected.values())
    assert read.probability == pytest.approx(expected[read.text])
    assert expected[read.text] >= best * (1 - 1e-3)  # characters under 1e-4 are not tried
    assert read.rejected == (read.text == "")
    assert read.reason == ("empty" if read.text == "" else None)
    assert len(read.alternatives) < most
    for other in read.alternatives:
        assert expected[other.text] <= read.probability + 1e-12


@settings(deadline=None, max_examples=80)
@given(columns=st.integers(1, 6), seed=st.integers(0, 10**6), most=st.sampled_from([1, 4]))
def test_with_a_rule_it_is_the_most_probable_allowed_one(columns, seed, most):
    line = np.random.default_rng(seed).dirichlet(np.full(3, 0.4), size=columns)
    rule = format_rule(ONE_TWO, pattern="[12]{2,4}", check="luhn")
    expected = {ONE_TWO.decode(text): p for text, p in text_probabilities(line).items()}
    fitting = {text: p for text, p in expected.items() if rule.allows(text)}
    best, best_allowed = max(expected.values()), max(fitting.values(), default=0.0)
    read = read_line(line, ONE_TWO, rule=rule, most=most, width=1000)
    if best_allowed > 1.05 * LEAST_SHARE * best:
        assert not read.rejected
        assert fitting[read.text] >= best_allowed * (1 - 1e-2)
    if best_allowed < LEAST_SHARE * best:
        assert read.rejected
        assert read.reason == ("empty" if read.text == "" else rule.why_not(read.text))
        assert read.alternatives == ()


def test_a_rule_mends_what_is_nearly_as_probable():
    line = line_of("75001", instead={4: {"1": 0.5, "7": 0.4}})
    assert read_line(line, DIGITS).text == "75001"
    rule = format_rule(DIGITS, codes=CodeList.of_codes(["75007", "13001"]))
    read = read_line(line, DIGITS, rule=rule)
    assert (read.text, read.rejected) == ("75007", False)
    assert 0.3 < read.probability < 0.5


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"pattern": r"\d{4}"}, "format"),
        ({"codes": CodeList.of_codes(["13001", "750"])}, "codes"),
        ({"check": "luhn"}, "check"),
        ({"pattern": "fr-postcode", "codes": CodeList.of_codes(["13001"])}, "codes"),
    ],
    ids=str,
)
@pytest.mark.parametrize("most", [1, 5])
def test_a_clear_line_that_is_not_allowed_says_why(parts, reason, most):
    rule = format_rule(DIGITS, **parts)
    read = read_line(line_of("75001", surely=0.9999), DIGITS, rule=rule, most=most)
    assert (read.text, read.rejected, read.reason) == ("75001", True, reason)
    for language in LANGUAGES:
        with use_language(language):
            assert refusal_sentence(read, rule=rule) == rule.sentence(reason)


def test_an_unsure_line_is_rejected_but_still_read():
    line = line_of("75001", instead={4: {"1": 0.5, "7": 0.4}})
    assert not read_line(line, DIGITS, threshold=0.3).rejected
    read = read_line(line, DIGITS, threshold=0.9)
    assert (read.text, read.rejected, read.reason) == ("75001", True, "unsure")
    with use_language("en"):
        assert "90.0%" in refusal_sentence(read, threshold=0.9)


@pytest.mark.parametrize("rule", [None, format_rule(DIGITS, pattern=r"\d{5}")])
def test_an_empty_line_is_empty(rule):
    read = read_line(np.tile(blank(DIGITS), (20, 1)), DIGITS, rule=rule)
    assert (read.text, read.rejected, read.reason) == ("", True, "empty")
    assert read.characters == ()
    assert refusal_sentence(read, rule=rule)


def test_a_rule_that_allows_the_empty_text_gives_no_answer_of_it():
    read = read_line(
        np.tile(blank(DIGITS), (20, 1)), DIGITS, rule=format_rule(DIGITS, pattern="1*")
    )
    assert (read.rejected, read.reason) == (True, "empty")


def test_characters_have_their_places():
    read = read_line(line_of("407"), DIGITS)
    assert [(one.character, one.first, one.last) for one in read.characters] == [
        ("4", 1, 1),
        ("0", 3, 3),
        ("7", 5, 5),
    ]
    assert [one.probability for one in read.characters] == pytest.approx([0.99] * 3)


def test_an_amount_has_its_value():
    money = Alphabet(characters=tuple("0123456789, €"))
    rule = format_rule(money, amount=True)
    read = read_line(line_of("1 234,50 €", money), money, rule=rule)
    assert (read.text, read.value, read.currency) == ("1 234,50 €", "1234.50", "EUR")
    assert read_line(line_of("12,5", money, surely=0.9999), money, rule=rule).value is None
    assert read_line(line_of("12", DIGITS), DIGITS).value is None


@pytest.mark.parametrize("most", [1, 5])
def test_many_lines_are_read_as_one_by_one(most):
    generator = np.random.default_rng(9)
    lines = np.stack(
        [
            line_of("".join(digits), surely=surely)
            for digits, surely in zip(
                generator.choice(list("0123456789"), (12, 5)), itertools.cycle([0.5, 0.9, 0.999])
            )
        ]
    )
    rule = format_rule(DIGITS, pattern="fr-postcode", check="luhn")
    at_once = read_lines(lines, DIGITS, rule=rule, most=most)
    assert at_once == [read_line(line, DIGITS, rule=rule, most=most) for line in lines]
    assert {read.reason for read in at_once} <= {None, *REASONS}
    assert read_lines(lines[:0], DIGITS) == []
