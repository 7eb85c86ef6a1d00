"""What a caller from Python gives, looked at once at the door: its type, and within which bounds.

The command line has types of its own; whoever writes `epochs=1.5`, `classes="a,b"` or `top=-1` in
Python is told in one sentence what the argument is, what was received, and an example.
"""

import math
import operator
import os
from collections.abc import Iterable, Sequence
from typing import Any

from imagier.errors import UsageError, did_you_mean
from imagier.i18n import t

__all__ = ["bad_argument", "flag", "number", "one_of", "path", "received", "text", "texts", "whole"]

LONGEST = 60  # letters of a value that is shown


def whole(name: str, value: object, *, least: int | None, most: int | None = None) -> int:
    """Give a whole number, NumPy's kinds of it included.

    Args:
        name: The argument's.
        value: What was given for it.
        least: The least that it may be; None for no limit.
        most: The most that it may be; None for no limit.

    Raises:
        UsageError: `bad_argument`.

    >>> whole("top", 5, least=1)
    5
    """
    try:
        found = None if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        found = None
    is_low = found is not None and least is not None and found < least
    if found is None or is_low or (most is not None and found > most):
        wanted = t("arguments.whole") if least is None else t("arguments.whole_from", least=least)
        if most is not None:
            wanted = t("arguments.whole_between", least=least, most=most)
        raise bad_argument(name, value, wanted, example=max(1, least or 0))
    return found


def number(
    name: str, value: object, *, above: float | None = None, least: float = 0.0, most: float | None
) -> float:
    """Give a finite number.

    Args:
        name: The argument's.
        value: What was given for it.
        above: What it must exceed; None where `least` is allowed itself.
        least: The least that it may be.
        most: The most that it may be; None for no limit.

    Raises:
        UsageError: `bad_argument`.

    >>> number("accept", 0.9, most=1)
    0.9
    """
    found = math.nan
    if hasattr(value, "__float__") and not isinstance(value, bool):
        try:
            found = float(value)
        except (TypeError, ValueError, OverflowError):
            found = math.nan
    low = least if above is None else above
    is_right = math.isfinite(found) and (found > low or (above is None and found == low))
    if not is_right or (most is not None and found > most):
        if most is not None:
            wanted = t("arguments.number_between", least=f"{low:g}", most=f"{most:g}")
        else:
            wanted = t("arguments.number", least=f"{low:g}")
        raise bad_argument(name, value, wanted, example=0.5 if most == 1 else 1)
    return found


def flag(name: str, value: object) -> bool:
    """Give True or False.

    Raises:
        UsageError: `bad_argument`.
    """
    if not isinstance(value, bool):
        raise bad_argument(name, value, t("arguments.flag"), example=True)
    return value


def text(name: str, value: object, *, example: str) -> str:
    """Give a text.

    Raises:
        UsageError: `bad_argument`.
    """
    if not isinstance(value, str):
        raise bad_argument(name, value, t("arguments.text"), example=example)
    return value


def texts(name: str, value: object, *, example: Sequence[str]) -> tuple[str, ...]:
    """Give a list of texts, where one text alone is none.

    Raises:
        UsageError: `bad_argument`.

    >>> texts("classes", ["cat", "dog"], example=["a"])
    ('cat', 'dog')
    """
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise bad_argument(name, value, t("arguments.texts"), example=list(example))
    found = tuple(value)
    if not all(isinstance(one, str) for one in found):
        raise bad_argument(name, value, t("arguments.texts"), example=list(example))
    return found


def path(name: str, value: object, *, example: str) -> str | os.PathLike[str]:
    """Give the name of a file or a folder.

    Raises:
        UsageError: `bad_argument`.
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, os.PathLike) or not isinstance(os.fspath(value), str):
        raise bad_argument(name, value, t("arguments.path"), example=example)
    return value


def one_of(name: str, value: object, words: Sequence[str]) -> str:
    """Give one of these words.

    Raises:
        UsageError: `bad_argument`.
    """
    if not isinstance(value, str) or value not in words:
        wanted = t("arguments.one_of", words=", ".join(words))
        near = did_you_mean(value, words) if isinstance(value, str) else ""
        raise bad_argument(name, value, wanted, example=words[0], near=near)
    return value


def received(value: object) -> str:
    """Show what was given: short values as they are written, others by their kind.

    >>> received(1.5), received("a,b"), received([1] * 100)
    ('1.5', "'a,b'", 'list')
    """
    kind = type(value).__name__
    if value is None or isinstance(value, bool | int | float | str | bytes):
        shown = repr(value)
        return shown if len(shown) <= LONGEST else kind
    if isinstance(value, list | tuple) and len(shown := repr(value)) <= LONGEST:
        return shown
    shape = getattr(value, "shape", None)
    return f"{kind} {shape}" if isinstance(shape, tuple) else kind


def bad_argument(
    name: str, value: object, wanted: str, *, example: Any, near: str = ""
) -> UsageError:
    """Give the error that says what an argument is, and what was received in its place."""
    facts = {"name": name, "wanted": wanted, "received": received(value), "near": near}
    return UsageError("bad_argument", example=f"{name}={example!r}", **facts)
