"""Numbers and points as this chapter's sentences show them, in the user's language."""

from collections.abc import Iterable

from imagier.i18n import language

__all__ = ["listed", "shown"]


def shown(value: float, digits: int = 10) -> str:
    """Write a number with its significant digits and the language's decimal mark.

    >>> shown(21.0), shown(1e-8), shown(-0.0)
    ('21', '1e-8', '0')
    """
    text = f"{value + 0.0:.{digits}g}"
    head, _, power = text.partition("e")
    if language() == "fr":
        head = head.replace(".", ",")
    return f"{head}e{int(power)}" if power else head


def listed(values: Iterable[float], digits: int = 10) -> str:
    """Write a point: (4, 2); with semicolons where the comma is a decimal mark.

    >>> listed([4, 2]), listed([0.5])
    ('(4, 2)', '0.5')
    """
    separator = "\u202f; " if language() == "fr" else ", "
    texts = [shown(value, digits) for value in values]
    return texts[0] if len(texts) == 1 else f"({separator.join(texts)})"
