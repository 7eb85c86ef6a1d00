"""Which texts are written on the pictures that are made: drawn at random, or out of a file."""

from pathlib import Path
from typing import TYPE_CHECKING

from imagier.cli.make.options import read_range
from imagier.errors import DataError, UsageError, system_reason
from imagier.files import printable, read_regular

if TYPE_CHECKING:
    from imagier.datasets.synthetic import TextSampler

__all__ = ["read_texts"]

LONGEST = 40  # characters of a text
LIMIT = 64 << 20  # bytes of a file of texts


def read_texts(
    *,
    characters: str,
    length: str | None,
    usual: str,
    texts: str | None = None,
    pattern: str | None = None,
    amounts: bool = False,
) -> "tuple[TextSampler, str]":
    r"""Give what draws a text, and the characters that it may draw.

    Args:
        characters: What texts are made of.
        length: How many characters a text has, `5` or `4-6`; None for the usual.
        usual: The usual length.
        texts: A file with a text in each line.
        pattern: What texts must be, such as `\d{5}`, or the name of a format.
        amounts: Whether texts are amounts.

    Raises:
        UsageError: `make_range`, `make_one_of`, `text_characters`, `text_list_empty`, or what
            `named_format` refuses.
        DataError: `texts_unreadable` or `text_too_long`.
    """
    from imagier.datasets.synthetic import amount_texts, listed_texts, uniform_texts

    given = {"--texts": texts, "--format": pattern, "--amounts": amounts or None}
    first, *more = [option for option, value in given.items() if value is not None] or [""]
    if not more and length is not None and first in ("--texts", "--format"):
        more = ["--length"]
    if more:
        raise UsageError("make_one_of", first=first, second=more[0])
    if texts is not None:
        lines = _lines(texts)
        return listed_texts(lines), "".join(sorted(set("".join("".join(lines).split()))))
    if pattern is not None:
        from imagier.reading.formats import named_format

        fitting = named_format(pattern).over("".join(characters.split()))
        return fitting.sample, "".join(sorted(set(characters) - {" "}))
    shortest, longest = read_range(length or usual, "--length", most=LONGEST)
    if amounts:
        return amount_texts(shortest=shortest, longest=longest), "0123456789"
    wanted = "".join(dict.fromkeys("".join(characters.split())))
    return uniform_texts(wanted, shortest=shortest, longest=longest), wanted


def _lines(texts: str) -> list[str]:
    """Read a file of texts, one a line, empty ones left out."""
    shown = printable(texts)
    try:
        content = read_regular(Path(texts), limit=LIMIT).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else "UTF-8"
        raise DataError("texts_unreadable", path=shown, reason=reason) from error
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST:
            raise DataError("text_too_long", path=shown, line=number, limit=LONGEST)
    return lines
