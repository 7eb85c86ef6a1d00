"""One picture as a word of the command line: a file, a table of numbers, or one of a named set."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imagier.cli.framework import note
from imagier.errors import UsageError, did_you_mean
from imagier.files import printable
from imagier.i18n import integer, t

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["TABLES", "OpenedPicture", "open_picture"]

TABLES = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
NAMED = re.compile(r"([\w-]+):(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPicture:
    """A picture with its name, its white, and its label where a named set gives one.

    Attributes:
        name: What it is called in messages.
        levels: Its numbers, (H, W, 1) or (H, W, 3).
        scale: The level that is white.
        label: Its class, in a named set.
        classes: All classes of that set.
    """

    name: str
    levels: "NDArray[np.uint8]"
    scale: int = 255
    label: str | None = None
    classes: tuple[str, ...] = ()


def open_picture(word: str, *, quiet: bool) -> OpenedPicture:
    """Open a picture file, a table of numbers, or one picture of a named set.

    Args:
        word: A path, or such as `digits:0`.
        quiet: Whether to keep notes on odd files to oneself.

    Raises:
        UsageError: `pixels_unknown_set` or `pixels_number`.
        PictureError: The reason why the file cannot be read.
    """
    from imagier.images import decode, from_csv, read_bytes

    path = Path(word)
    if not os.path.lexists(word) and (named := NAMED.fullmatch(word)):
        return _open_named(word, *named.groups())
    content = read_bytes(path.resolve() if path.is_symlink() else path)
    if path.suffix.lower() in TABLES:
        return OpenedPicture(name=printable(word), levels=from_csv(content, name=word))
    picture = decode(content, name=word)
    for code in picture.notes:
        note(f"{printable(word)} {t(f'images.note.{code}')}.", quiet=quiet)
    return OpenedPicture(name=printable(word), levels=picture.pixels)


def _open_named(word: str, source: str, number: str) -> OpenedPicture:
    from imagier.datasets import open_source
    from imagier.datasets.sources.named import NAMED_SETS

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
