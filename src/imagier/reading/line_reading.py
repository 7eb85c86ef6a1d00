r"""What a line says, or why it is not believed.

Without a rule the answer is the most probable text. With one it is the most probable text that the
rule allows; but what is far less probable than what stands there is no reading of it: an allowed
text with less than a hundredth of the probability of the best text of all is not taken, and the
line is rejected with the reason of the rule.

>>> from imagier.reading.formats import format_rule
>>> alphabet = Alphabet(characters=("1", "7"))
>>> columns = np.array([[0.1, 0.3, 0.6], [0.9, 0.05, 0.05], [0.2, 0.5, 0.3]])  # blank, 1, 7
>>> read_lines(columns[np.newaxis], alphabet)[0].text
'71'
>>> rule = format_rule(alphabet, pattern="1[17]")
>>> read_lines(columns[np.newaxis], alphabet, rule=rule)[0].text
'11'
>>> rule = format_rule(alphabet, pattern="1{3}")
>>> line = read_lines(columns[np.newaxis], alphabet, rule=rule)[0]
>>> line.text, line.rejected, line.reason
('71', True, 'format')
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.i18n import percent, t
from imagier.reading.alphabet import Alphabet
from imagier.reading.decoding import CharacterSpan, DecodedLine, beam_search, decode_lines
from imagier.reading.formats import FormatRule

__all__ = ["LEAST_SHARE", "REASONS", "LineReading", "read_line", "read_lines", "refusal_sentence"]

LEAST_SHARE = 0.01  # of the best text's probability, for an allowed text to be the answer
REASONS = ("empty", "format", "amount", "codes", "check", "unsure", "upside_down")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReading:
    """What was read in a line.

    Attributes:
        text: The answer; for a rejected line what it seems to say.
        probability: That the line shows it, 0..1.
        characters: Its characters and their places.
        rejected: Whether it is no answer.
        reason: Why, one of `REASONS`; None for an answer.
        alternatives: Other texts, the most probable first; with a rule, those that it allows.
        value: The number that an amount means, with a decimal point; None without an amount.
        currency: Its currency (ISO 4217), where one is written.
    """

    text: str
    probability: float
    characters: tuple[CharacterSpan, ...]
    rejected: bool
    reason: str | None
    alternatives: tuple[DecodedLine, ...]
    value: str | None
    currency: str | None


def read_line(
    probabilities: NDArray[np.floating],
    alphabet: Alphabet,
    *,
    rule: FormatRule | None = None,
    threshold: float = 0.0,
    most: int = 5,
    width: int = 16,
) -> LineReading:
    """Read one line, (columns, classes); arguments as of `read_lines`."""
    lines = probabilities[np.newaxis]
    return read_lines(lines, alphabet, rule=rule, threshold=threshold, most=most, width=width)[0]


def read_lines(
    probabilities: NDArray[np.floating],
    alphabet: Alphabet,
    *,
    rule: FormatRule | None = None,
    threshold: float = 0.0,
    most: int = 1,
    width: int = 16,
) -> list[LineReading]:
    """Read lines; those that are clear and allowed, most of them, without any search.

    Args:
        probabilities: Of each class in each column of each line, (lines, columns, classes).
        alphabet: The characters of the classes.
        rule: What the lines must be.
        threshold: The least probability of an answer, 0..1.
        most: How many texts to give a line, the answer and its alternatives. With more than one,
            each line is searched, which takes some milliseconds.
        width: Of the search.
    """
    readings = []
    for columns, clear in zip(probabilities, decode_lines(probabilities, alphabet), strict=True):
        texts = [clear]
        if clear.probability <= 0.5 or most > 1:  # else no text is more probable
            texts = _with(clear, beam_search(columns, alphabet, most=most, width=width))
        best, found = texts[0], texts
        if rule is not None and (most > 1 or not rule.allows(best.text)):
            found = [one for one in texts if rule.allows(one.text)]
            searched = beam_search(columns, alphabet, rule=rule, most=most, width=width)
            for one in searched:
                found = _with(one, found)
            found = [one for one in found if one.probability >= LEAST_SHARE * best.probability]
        readings.append(_reading(best, found[:most], rule, threshold))
    return readings


def refusal_sentence(
    reading: LineReading, *, rule: FormatRule | None = None, threshold: float = 0.0
) -> str:
    """Say why a line was rejected, in the user's language.

    Args:
        reading: A rejected line.
        rule: As it was read with.
        threshold: As it was read with.
    """
    if reading.reason == "unsure":
        shown = {"probability": percent(reading.probability), "threshold": percent(threshold)}
        return t("reading.refused.unsure", **shown)
    if rule is None or reading.reason in (None, "empty"):
        return t("reading.refused.empty")
    return rule.sentence(reading.reason)


def _reading(
    best: DecodedLine, found: Sequence[DecodedLine], rule: FormatRule | None, threshold: float
) -> LineReading:
    """Take the first of the texts found; reject the line where there is none, or it is unsure."""
    allowed = [one for one in found if one.text] if rule is not None else list(found)
    answer = allowed[0] if allowed else best
    reason = None
    if not answer.text:
        reason = "empty"
    elif rule is not None and not allowed:
        reason = rule.why_not(answer.text)
    elif answer.probability < threshold:
        reason = "unsure"
    amount = rule.amount(answer.text) if rule is not None and reason in (None, "unsure") else None
    return LineReading(
        text=answer.text,
        probability=answer.probability,
        characters=answer.characters,
        rejected=reason is not None,
        reason=reason,
        alternatives=tuple(one for one in allowed if one is not answer),
        value=amount.value if amount else None,
        currency=amount.currency if amount else None,
    )


def _with(line: DecodedLine, lines: Sequence[DecodedLine]) -> list[DecodedLine]:
    """Put a text among others, the most probable first, if it is not among them."""
    if any(one.text == line.text for one in lines):
        return list(lines)
    return sorted([line, *lines], key=lambda one: -one.probability)
