"""Sums and points in words, and the keys that every answer of `imagier neuron` has.

>>> sum_in_words((3.2, 5.1), (1, -2), 3), vector((3.2, 5.1))
('3.2·1 + 5.1·(−2) + 3', '(3.2, 5.1)')
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from imagier.i18n import language, plain_number

__all__ = ["all_keys", "sum_in_words", "vector"]

MOST_TERMS = 12
# in the order in which they are answered; each answer fills its own
KEYS = (
    "mode",
    "weights",
    "bias",
    "input",
    "sum",
    "outputs",
    "shares",
    "curve",
    "examples",
    "verdict",
    "separable",
    "bound",
    "epochs",
    "corrections",
    "steps",
    "network",
    "passes",
    "gradient",
    "plot",
)


def all_keys(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Give all keys, those without a value as null; `plot` is for whoever writes a file."""
    return {key: facts.get(key) for key in KEYS}


def sum_in_words(weights: Sequence[float], inputs: Sequence[float], bias: float) -> str:
    """Write a weighted sum out: 3.2·1 + 5.1·1 + 3; of many terms, the first and the last."""
    terms = [
        f"{_signed(weight)}·{_signed(number)}"
        for weight, number in zip(weights, inputs, strict=True)
    ]
    if len(terms) > MOST_TERMS:
        terms = [*terms[:6], "…", *terms[-2:]]
    return " + ".join([*terms, _signed(bias)])


def vector(numbers: Iterable[float], *, digits: int = 3) -> str:
    """Write a point: (3.2, 5.1), with semicolons where the comma is a decimal mark."""
    texts = [plain_number(float(number), digits) for number in numbers]
    is_plain = language() == "en" or not any("," in text for text in texts)
    return f"({(', ' if is_plain else '; ').join(texts)})"


def _signed(number: float) -> str:
    text = plain_number(number)
    return f"({text})" if text.startswith("−") else text
