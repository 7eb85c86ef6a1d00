"""Opens a model that reads lines, together with what is known about the lines."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from imagier.reading.code_list import CodeList
from imagier.reading.formats import format_rule
from imagier.reading.line_reader import LineReader
from imagier.recognizer import Recognizer, load

__all__ = ["load_reader"]

Codes: TypeAlias = str | os.PathLike[str] | CodeList | Iterable[str]


def load_reader(
    path: str | os.PathLike[str] | Recognizer,
    *,
    format: str | None = None,  # noqa: A002 - the word of the command line
    codes: Codes | None = None,
    check: str | None = None,
    amount: bool = False,
    max_error: float | None = None,
    alternatives: int = 0,
) -> LineReader:
    r"""Open a model that reads lines of characters, and say what its lines must be.

    Args:
        path: The model: its folder, its single ONNX file, or what `imagier.load` gave.
        format: What a line looks like: a pattern such as `\d{5}`, or a name such as `fr-postcode`.
        codes: The codes that exist: a file with one a line or a column `code`, or the codes.
        check: The name of a check, such as `luhn`.
        amount: Whether each line must be an amount of money.
        max_error: The largest share of wrong answers among those given; None lets it always
            answer.
        alternatives: How many other texts to give a line.

    Raises:
        ModelError: As `imagier.load`; `not_a_reader`, when the model names pictures.
        UsageError: What `format_rule` and `Recognizer.threshold` refuse.
        DataError: What `CodeList` refuses.
    """
    recognizer = path if isinstance(path, Recognizer) else load(path)
    rule = format_rule(
        LineReader(recognizer).alphabet,
        pattern=format,
        codes=None if codes is None else _known(codes),
        check=check,
        amount=amount,
    )
    return LineReader(recognizer, rule=rule, max_error=max_error, alternatives=alternatives)


def _known(codes: Codes) -> Path | CodeList:
    if isinstance(codes, str | os.PathLike):
        return Path(codes)
    return codes if isinstance(codes, CodeList) else CodeList.of_codes(list(codes))
