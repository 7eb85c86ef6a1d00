"""Rules of several parts, against a plain trial of every text."""

import itertools
import re

import numpy as np
import pytest

from imagier.errors import DataError, UsageError
from imagier.i18n import LANGUAGES, use_language
from imagier.reading import (
    Alphabet,
    CodeList,
    FormatRule,
    beam_search,
    format_rule,
    log_probability,
)
from imagier.reading.check_digits import accepts, check_rule

DIGITS = Alphabet(characters=tuple("0123456789"))
FEW = Alphabet(characters=("0", "1", "5", " "))
CODES = CodeList.of_codes(["10", "5", "50", "51 10", "0105", "15151", "55", "00"])


def every_text(alphabet, longest):
    for length in range(longest + 1):
        yield from map("".join, itertools.product(alphabet.characters, repeat=length))


def allowed(text, pattern=None, codes=None, check=None, amount=False):
    """Try a text, part by part, without any automaton of several parts."""
    return (
        (pattern is None or re.fullmatch(pattern, text) is not None)
        and (codes is None or text.encode() in codes.sorted_codes)
        and (check is None or accepts(check_rule(check), text))
        and (not amount or re.fullmatch(r"\d+|\d{1,3}( \d{3})+", text) is not None)
    )


RULES = [
    {"pattern": r"\d{1,4}"},
    {"pattern": r"\d{2}( \d{2})?", "check": "luhn"},
    {"pattern": "[05]*1?", "check": "mod97"},
    {"pattern": r"\d{2,4}", "check": "mod10", "codes": CODES},
    {"codes": CODES},
    {"codes": CODES, "check": "luhn"},
    {"check": "mod11"},
    {"amount": True},
    {"amount": True, "pattern": "1.*", "check": "luhn"},
]


@pytest.mark.parametrize("parts", RULES, ids=str)
def test_a_rule_allows_what_all_its_parts_allow(parts):
    rule = format_rule(FEW, **parts)
    expected = {text for text in every_text(FEW, 5) if allowed(text, **parts)}
    assert {text for text in every_text(FEW, 5) if accepts(rule, text)} == expected
    assert {text for text in every_text(FEW, 5) if rule.allows(text)} == expected


@pytest.mark.parametrize(
    "parts", [parts for parts in RULES if parts.get("pattern", "*").count("*") == 0], ids=str
)
def test_no_beginning_is_kept_that_nothing_allowed_has(parts):
    rule = format_rule(FEW, **parts)
    reached = [("", rule.start)]
    for text, state in reached:
        if len(text) < 4:
            grown = [(text + sign, rule.step(state, sign)) for sign in FEW.characters]
            reached += [(one, after) for one, after in grown if after is not None]
    if "codes" in parts and len(parts) > 1:
        return  # beginnings of codes are kept: the codes themselves are the small part
    texts = {text for text in every_text(FEW, 7) if accepts(rule, text)}
    for text, _ in reached:
        assert any(one.startswith(text) for one in texts), text


def test_nothing_known_is_no_rule():
    assert format_rule(DIGITS) is None
    assert isinstance(format_rule(DIGITS, amount=True), FormatRule)


def test_the_reason_is_that_of_the_first_part_that_refuses():
    codes = CodeList.of_codes(["1230", "1249"])
    rule = format_rule(DIGITS, pattern=r"\d{4}", codes=codes, check="luhn")
    reasons = [rule.why_not(text) for text in ("12", "9999", "1249", "1230")]
    assert reasons == ["format", "codes", "check", None]
    assert format_rule(DIGITS, amount=True).why_not("12,5") == "amount"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_worded(language):
    rule = format_rule(DIGITS, pattern=r"\d{4}", codes=CODES_OF_FOUR, check="luhn", amount=True)
    with use_language(language):
        sentences = {reason: rule.sentence(reason) for reason in ("format", "codes", "check")}
        sentences["amount"] = rule.sentence("amount")
    assert len(set(sentences.values())) == 4
    assert r"\d{4}" in sentences["format"]
    assert "luhn" in sentences["check"]


CODES_OF_FOUR = CodeList.of_codes(["1230", "1249", "0000"])


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"pattern": "[A-Z]{2}"}, "format_characters"),
        ({"pattern": "fr-postcodes"}, "format_unknown_name"),
        ({"check": "lunh"}, "check_unknown"),
        ({"pattern": r"\d{3}", "codes": CODES_OF_FOUR}, "format_contradiction"),
        ({"pattern": "1", "check": "luhn"}, "format_contradiction"),
        ({"pattern": "12345", "amount": True, "check": "luhn"}, "format_contradiction"),
    ],
    ids=str,
)
def test_rules_that_allow_nothing_are_refused(parts, code):
    with pytest.raises(UsageError) as caught:
        format_rule(DIGITS, **parts)
    assert caught.value.code == code
    assert caught.value.next_step


def test_a_check_needs_digits():
    with pytest.raises(UsageError) as caught:
        format_rule(Alphabet(characters=("a", "b")), check="luhn")
    assert caught.value.code == "check_characters"


def test_a_file_of_codes_is_named(tmp_path):
    (tmp_path / "codes.txt").write_text("AB\n")
    with pytest.raises(DataError) as caught:
        format_rule(DIGITS, codes=tmp_path / "codes.txt")
    assert caught.value.code == "codes_characters"
    assert "codes.txt" in str(caught.value)
    (tmp_path / "codes.txt").write_text("75001\n2A004\n")
    rule = format_rule(DIGITS, codes=tmp_path / "codes.txt")
    assert len(rule.notes) == 1
    assert rule.allows("75001")


def test_french_post_codes():
    rule = format_rule(DIGITS, pattern="fr-postcode")
    known = {f"{number:02d}" for number in range(1, 96)}
    overseas = {*map(str, (*range(971, 979), 980, 984, *range(986, 990)))}
    for number in range(100_000):
        text = f"{number:05d}"
        assert rule.allows(text) == (text[:2] in known or text[:3] in overseas)
    assert not rule.allows("7500")
    assert not rule.allows("750010")


def test_amounts_have_a_value():
    money = Alphabet(characters=tuple("0123456789,. €"))
    for parts in ({"amount": True}, {"pattern": "fr-amount"}):
        amount = format_rule(money, **parts).amount("1 234,50 €")
        assert (amount.value, amount.currency) == ("1234.50", "EUR")
    assert format_rule(money, pattern=r"\d+").amount("12") is None


def test_the_search_finds_the_best_allowed_text():
    generator = np.random.default_rng(8)
    rule = format_rule(DIGITS, pattern=r"\d{3}", check="luhn")
    columns = generator.dirichlet(np.full(11, 0.3), size=9)
    texts = [text for text in map("{:03d}".format, range(1000)) if rule.allows(text)]
    best = max(texts, key=lambda text: log_probability(columns, DIGITS.encode(text)))
    found = beam_search(columns, DIGITS, rule=rule, width=200, least=0.0)
    assert found[0].text == best
    assert all(rule.allows(line.text) for line in found)
