"""One picture as a word of the command line: a file, a table of numbers, or one of a named set."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from imagier.cli.framework import note
from imagier.errors import UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import integer

if TYPE_CHECKING:
    from imagier.images import OpenedPicture

__all__ = ["TABLES", "open_picture", "read_weights"]

TABLES = (".csv", ".tsv", ".txt")
MOST_PIXELS = 25_000_000
NAMED = re.compile(r"([\w-]+):(\S+)")


def open_picture(word: str, *, quiet: bool, most: int = MOST_PIXELS) -> "OpenedPicture":
    """Open a picture file, a table of numbers, or one picture of a named set.

    Args:
        word: A path, or such as `digits:0`.
        quiet: Whether to keep notes on odd files to oneself.
        most: How many pixels a picture file may have.

    Raises:
        UsageError: `pixels_unknown_set` or `pixels_number`.
        PictureError: The reason why the file cannot be read.
    """
    from imagier.images import (
        OpenedPicture,
        from_csv,
        open_picture_file,
        read_named,
    )

    path = Path(word)
    if not os.path.lexists(word) and (named := NAMED.fullmatch(word)):
        return _open_named(word, *named.groups())
    if path.suffix.lower() in TABLES:
        content = read_named(word)
        return OpenedPicture(name=printable(word), levels=from_csv(content, name=word))
    picture = open_picture_file(word, most=most)
    for text in picture.notes:
        note(text, quiet=quiet)
    return picture


def read_weights(text: str | None, names: Sequence[str]) -> tuple[float, ...]:
    """Read the numbers of the deck's distance, such as `1,1,2`; all 1 when there is no text.

    Raises:
        UsageError: `distance_weights`.
    """
    if text is None:
        return (1.0,) * len(names)
    try:
        weights = tuple(float(word) for word in text.split(","))
    except ValueError:
        weights = ()
    fine = len(weights) == len(names) and all(0 <= weight < float("inf") for weight in weights)
    if not (fine and any(weights)):
        wanted, received = ",".join(names), printable(text[:60])
        raise UsageError("distance_weights", received=received, wanted=wanted, n=len(names))
    return weights


def _open_named(word: str, source: str, number: str) -> "OpenedPicture":
    from imagier.datasets import open_source
    from imagier.datasets.sources.named import NAMED_SETS
    from imagier.images import OpenedPicture

    if source not in NAMED_SETS:
        hint = did_you_mean(source, NAMED_SETS)
        sets = ", ".join(NAMED_SETS)
        raise UsageError("pixels_unknown_set", word=printable(word), sets=sets, hint=hint)
    listing = open_source(source)
    index = int(number) if re.fullmatch("[0-9]{1,9}", number) else -1
    if not 0 <= index < len(listing):
        last = integer(len(listing) - 1)
        raise UsageError("pixels_number", source=source, received=printable(number), last=last)
    return OpenedPicture(
        name=word,
        levels=listing.pictures.decode(index, listing.pictures.read(index)).pixels,
        scale=listing.full_scale,
        label=listing.labels[index],
        classes=listing.classes,
    )
