"""Numbers and points as they may be typed again: `1e-8`, not 10⁻⁸; in the user's language."""

from collections.abc import Iterable

from imagier.i18n import language

__all__ = ["typed_number", "typed_point"]


def typed_number(value: float, digits: int = 10) -> str:
    """Write a number with its significant digits and the language's decimal mark.

    >>> typed_number(21.0), typed_number(1e-8), typed_number(-0.0)
    ('21', '1e-8', '0')
    """
    text = f"{value + 0.0:.{digits}g}"
    head, _, power = text.partition("e")
    if language() == "fr":
        head = head.replace(".", ",")
    return f"{head}e{int(power)}" if power else head


def typed_point(values: Iterable[float], digits: int = 10) -> str:
    """Write a point: (4, 2); with semicolons where the comma is a decimal mark.

    >>> typed_point([4, 2]), typed_point([0.5])
    ('(4, 2)', '0.5')
    """
    separator = "\u202f; " if language() == "fr" else ", "
    texts = [typed_number(value, digits) for value in values]
    return texts[0] if len(texts) == 1 else f"({separator.join(texts)})"
