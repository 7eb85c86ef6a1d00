"""A picture that was opened: its name, its numbers, its white, and which of its pixels are seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.errors import PictureError
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.images.decoding import decode
from imagier.images.opening import read_named

__all__ = ["OpenedPicture", "open_picture_file"]

HALF = 128
MOST_PIXELS = 25_000_000  # of a picture that is shown or worked on whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenedPicture:
    """A picture with its name, its white, and its label where a named set gives one.

    Attributes:
        name: What it is called in messages, on one line.
        levels: Its numbers, (H, W, 1) or (H, W, 3), what is transparent laid on white.
        scale: The level that is white.
        label: Its class, in a named set.
        classes: All classes of that set.
        mask: Which pixels are at least half opaque, (H, W); None when all are, or nobody asked.
        notes: What is odd about it, as sentences.
    """

    name: str
    levels: NDArray[np.uint8]
    scale: int = 255
    label: str | None = None
    classes: tuple[str, ...] = ()
    mask: NDArray[np.bool_] | None = None
    notes: tuple[str, ...] = ()

    @property
    def in_colour(self) -> NDArray[np.uint8]:
        """Its levels with three channels, (H, W, 3), also where it is grey."""
        return self.levels if self.levels.shape[2] == 3 else np.repeat(self.levels, 3, axis=2)


def open_picture_file(
    path: str | PictureError, *, opacity: bool = False, most: int = MOST_PIXELS
) -> OpenedPicture:
    """Read a picture file, and note what is odd about it.

    Args:
        path: The file, or the error that `find_pictures` gives in its place.
        opacity: Whether to tell apart the pixels that are transparent.
        most: How many pixels it may have: whoever works on whole pictures takes tens of bytes for
            each.

    Raises:
        PictureError: It cannot be read; see `imagier.images.decode`.
    """
    if isinstance(path, PictureError):
        raise path
    content = read_named(path)
    picture = decode(content, name=path, opacity=opacity, most=most)
    name = printable(path)
    notes = [f"{name} {t(f'images.note.{code}')}." for code in picture.notes]
    alpha = picture.opacity
    if alpha is None:
        return OpenedPicture(name=name, levels=picture.pixels, notes=tuple(notes))
    between = int(((alpha > 0) & (alpha < 255)).sum())
    if between:
        notes.append(t("images.half_transparent", path=name, n=between, count=integer(between)))
    return OpenedPicture(
        name=name,
        levels=picture.pixels,
        mask=None if (alpha >= HALF).all() else alpha >= HALF,
        notes=tuple(notes),
    )
