"""Copies of pictures that `strip` and `blur` write: no file is replaced, no name taken twice."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from imagier.cli.framework import print_json, say
from imagier.errors import PictureError, UsageError
from imagier.files import is_within, printable, write_file

__all__ = ["exit_code", "tell_error", "write_copies"]

EXIT_BAD_INPUTS: Final = 3


class _Copy(Protocol):
    @property
    def content(self) -> bytes:
        """The file to write."""


Copy = TypeVar("Copy", bound=_Copy)


def write_copies(
    words: tuple[str, ...], out: str, make: Callable[[bytes, str], Copy]
) -> Iterator[tuple[str, Path, Copy] | PictureError]:
    """Write a copy of each picture into a folder; a bad picture is an error, the others go on.

    Args:
        words: Files, folders and patterns, as typed.
        out: The folder of the copies.
        make: Makes the copy of a file's content; the second argument is its name.

    Yields:
        Each picture's path with the place of its copy and what `make` gave, or why there is none.

    Raises:
        UsageError: Before any is written, as `_places`.
    """
    from imagier.images.file_search import find_pictures

    found = find_pictures(words).paths
    places = _places([path for path in found if isinstance(path, str)], words, Path(out))
    for path in found:
        try:
            copy = make(_content(path), str(path))
            write_file(places[str(path)], copy.content)
        except PictureError as error:
            yield error
        else:
            yield str(path), places[str(path)], copy


def tell_error(error: PictureError, nothing: Mapping[str, Any], *, as_json: bool) -> None:
    """Say why a picture has no copy.

    Args:
        error: The reason.
        nothing: What JSON says of a copy beside its place, each value empty.
        as_json: Whether JSON is printed.
    """
    if as_json:
        facts = {"code": error.code, "message": error.message}
        answer = {"path": str(error.facts.get("path", "")), "status": "error", "out": None}
        print_json({**answer, **nothing, "error": facts})
    else:
        say(error.message)


def exit_code(*, good: int, bad: int, strict: bool) -> int:
    """Give 3 where every picture was bad, or where one was and none may be; else 0."""
    return EXIT_BAD_INPUTS if bad and (strict or not good) else 0


def _content(path: str | PictureError) -> bytes:
    from imagier.images import read_named

    if isinstance(path, PictureError):
        raise path
    return read_named(path)


def _places(paths: list[str], words: tuple[str, ...], out: Path) -> dict[str, Path]:
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
