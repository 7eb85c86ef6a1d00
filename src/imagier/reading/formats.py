r"""What a line must be to be believed: a format, one of a list of codes, a check digit, an amount.

Whoever reads post codes knows that they have five digits, and whoever has the list of them knows
much more. Several things that are known hold together: a rule allows what each of its parts allows.

>>> alphabet = Alphabet(characters=tuple("0123456789"))
>>> rule = format_rule(alphabet, pattern=r"\d{4}", check="luhn")
>>> rule.allows("1230"), rule.why_not("1234"), rule.why_not("12345")
(True, 'check', 'format')

The search for texts goes through the rule a character at a time. A beginning that no part refuses
may still be one that nothing allowed follows, when each part wants something else; where the parts
are small, such beginnings are found and left too.

French post codes and amounts have a name: `fr-postcode`, `fr-amount`.

>>> format_rule(alphabet, pattern="fr-postcode").why_not("96000")
'format'
"""

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imagier.errors import UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.reading.alphabet import Alphabet, listed, normalized
from imagier.reading.amounts import AMOUNT_PATTERN, FR_AMOUNT_PATTERN, Amount, read_amount
from imagier.reading.check_digits import accepts, check_rule
from imagier.reading.code_list import CodeList
from imagier.reading.decoding import TextRule
from imagier.reading.format_pattern import FormatPattern
from imagier.reading.rule_product import RuleProduct

__all__ = ["NAMED_FORMATS", "FormatRule", "RulePart", "format_rule", "named_format"]

# Départements 01 to 95, Corsica's 2A and 2B written 20; overseas 971 to 978, 986 to 989; Monaco 980
# and the southern lands 984. La Poste, "Les codes postaux"; the armed forces' 00 is left out.
FR_POSTCODE_PATTERN = "(0[1-9]|[1-8][0-9]|9[0-5])[0-9]{3}|(97[1-8]|98[046-9])[0-9]{2}"
NAMED_FORMATS = {"fr-amount": FR_AMOUNT_PATTERN, "fr-postcode": FR_POSTCODE_PATTERN}
_LIKE_A_NAME = re.compile("[a-z]{2}-[a-z]{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePart:
    """One thing that a text must be.

    Attributes:
        reason: What a text that is not is refused for: `format`, `amount`, `codes` or `check`.
        name: What stands in the sentence: the pattern, the file, the check.
        rule: What allows texts.
    """

    reason: str
    name: str
    rule: TextRule


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FormatRule:
    """All that a text must be, over the characters of a reader. Made by `format_rule`.

    Attributes:
        parts: What each text must be; the first that it is not is the reason of its refusal.
        product: The states of the parts, side by side.
        notes: What was remarked about the list of codes.
    """

    parts: tuple[RulePart, ...]
    product: RuleProduct = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def start(self) -> Hashable:
        """The state before the first character."""
        return self.product.start

    def step(self, state: Any, character: str) -> Any:
        """Give the state after a character; None where no allowed text can follow."""
        return self.product.step(state, character)

    def is_final(self, state: Any) -> bool:
        """Tell whether the text so far is all that it must be."""
        return self.product.is_final(state)

    def allows(self, text: str) -> bool:
        """Tell whether a text is all that it must be."""
        return self.why_not(text) is None

    def why_not(self, text: str) -> str | None:
        """Give the reason of the first part that refuses a text; None where none does."""
        text = normalized(text)
        return next((part.reason for part in self.parts if not accepts(part.rule, text)), None)

    def sentence(self, reason: str) -> str:
        """Say what a text is not that was refused for a reason, in the user's language."""
        part = next(part for part in self.parts if part.reason == reason)
        facts: dict[str, Any] = {"name": part.name}
        if isinstance(part.rule, CodeList):
            facts |= {"n": len(part.rule), "shown": integer(len(part.rule))}
        return t(f"reading.refused.{reason}", **facts)

    def amount(self, text: str) -> Amount | None:
        """Give the number that a text means, where the rule is about amounts."""
        is_asked = any(part.reason == "amount" or part.name == "fr-amount" for part in self.parts)
        return read_amount(normalized(text)) if is_asked else None


def format_rule(
    alphabet: Alphabet,
    *,
    pattern: str | None = None,
    codes: Path | CodeList | None = None,
    check: str | None = None,
    amount: bool = False,
) -> FormatRule | None:
    """Make the rule of what is known about lines; None where nothing is.

    Args:
        alphabet: The characters of the reader.
        pattern: A pattern, or a name of `NAMED_FORMATS`.
        codes: The codes that exist, or their file.
        check: A name of `CHECKS`.
        amount: Whether a line must be an amount of money.

    Raises:
        UsageError: What `named_format` and `FormatPattern.over` refuse; `check_unknown`,
            `check_characters`; `format_contradiction`, where no text is all of it at once.
        DataError: What `CodeList` refuses.
    """
    parts: list[RulePart] = []
    if pattern is not None:
        fitting = named_format(pattern).over(alphabet.characters)
        parts.append(RulePart(reason="format", name=pattern, rule=fitting))
    if amount:
        fitting = FormatPattern.parse(AMOUNT_PATTERN).over(alphabet.characters)
        parts.append(RulePart(reason="amount", name="", rule=fitting))
    notes: tuple[str, ...] = ()
    if codes is not None:
        path = None if isinstance(codes, CodeList) else codes
        name = "" if path is None else printable(path)
        whole = codes if isinstance(codes, CodeList) else CodeList.of_file(codes)
        known = whole.over(alphabet, name=name)
        notes = known.notes
        parts.append(RulePart(reason="codes", name=name, rule=known))
    if check is not None:
        parts.append(RulePart(reason="check", name=check, rule=check_rule(check)))
    if not parts:
        return None
    # among a million codes a search takes longer than it saves
    product = RuleProduct(
        [part.rule for part in parts], alphabet.characters, looks_ahead=codes is None
    )
    if not product.allows_anything():
        raise _nothing_allowed(parts, alphabet)
    return FormatRule(parts=tuple(parts), product=product, notes=notes)


def named_format(text: str) -> FormatPattern:
    r"""Give the pattern of a name, or read it as a pattern.

    Raises:
        UsageError: `format_unknown_name`, and what `FormatPattern.parse` refuses.

    >>> named_format("fr-postcode").accepts("20137"), named_format(r"2A\d{3}").accepts("2A004")
    (True, True)
    """
    if text in NAMED_FORMATS:
        return FormatPattern.parse(NAMED_FORMATS[text])
    if _LIKE_A_NAME.fullmatch(text):
        hint, known = did_you_mean(text, NAMED_FORMATS), ", ".join(NAMED_FORMATS)
        raise UsageError("format_unknown_name", name=text, known=known, hint=hint)
    return FormatPattern.parse(text)


def _nothing_allowed(parts: list[RulePart], alphabet: Alphabet) -> UsageError:
    if len(parts) == 1:  # a pattern and codes were seen to have texts
        known = listed(alphabet.characters)
        return UsageError("check_characters", name=parts[0].name, known=known)
    names = " + ".join(f"--{part.reason} {part.name}".strip() for part in parts)
    return UsageError("format_contradiction", rules=names)
