"""Copies of pictures that `strip` and `blur` write: no file is replaced, no name taken twice."""

import os
from pathlib import Path

from imagier.errors import PictureError, UsageError
from imagier.files import is_within, printable

__all__ = ["picture_content", "places_of_copies"]


def picture_content(path: str | PictureError) -> bytes:
    from imagier.images import read_named

    if isinstance(path, PictureError):
        raise path
    return read_named(path)


def places_of_copies(paths: list[str], words: tuple[str, ...], out: Path) -> dict[str, Path]:
    """Find each copy's place before any is written: no file is replaced, no name taken twice.

    Raises:
        UsageError: `strip_no_folder`, `strip_inside`, `output_exists` or `strip_twice`.
    """
    from imagier.images.formats import SUFFIXES

    if out.suffix.lower() in SUFFIXES and not out.is_dir():
        raise UsageError("strip_no_folder", out=printable(out))
    folders = [word for word in words if Path(word).is_dir()]
    for folder in folders:
        if is_within(out, Path(folder)):
            raise UsageError("strip_inside", out=printable(out), folder=printable(folder))
    places: dict[str, Path] = {}
    for path in paths:
        inside = next((one for one in folders if path.startswith(os.path.join(one, ""))), None)  # noqa: PTH118
        name = os.path.relpath(path, inside) if inside else Path(path).name
        place = out / name
        if os.path.lexists(place):
            raise UsageError("output_exists", path=printable(place))
        if place in places.values():
            raise UsageError("strip_twice", path=printable(place))
        places[path] = place
    return places
