"""What `imagier make sheet` and `imagier make from-sheets` answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagier.answers import AnswerFigure, AnswerTable, Shown
from imagier.datasets.synthetic.recipes import LABELS
from imagier.datasets.synthetic.sheets.layout import SheetLayout
from imagier.datasets.synthetic.sheets.names import KNOWN_NAMES
from imagier.errors import PictureError
from imagier.files import printable
from imagier.i18n import integer, storage, t

__all__ = ["PrintedSheet", "SheetPhoto", "WrittenSet"]


FEWEST_WRITERS = 6  # of whom some can be learnt from, some choose, and some test


class _Plain(Shown):
    """An answer without figures and tables."""

    __slots__ = ()

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give none."""
        return {}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give none."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PrintedSheet(_Plain):
    """A sheet to be printed.

    Attributes:
        layout: What stands on each page.
        pages: How many pages.
        content: The file.
        out: Its name.
    """

    layout: SheetLayout
    pages: int
    content: bytes
    out: Path

    notes: Sequence[str] = ()

    def lines(self) -> Iterator[str]:
        """Give what stands on it, and what to do with it."""
        names = len(self.layout.names)
        facts = {"n": self.pages, "pages": integer(self.pages), "names": integer(names)}
        cells = integer(len(self.layout.cells))
        yield t("sheet.done", path=printable(self.out), cells=cells, **facts)
        yield t("sheet.print")
        known = self.layout.names in KNOWN_NAMES
        yield t("sheet.then" if known else "sheet.then_named")

    def to_json(self) -> dict[str, Any]:
        """Give the figures."""
        return {
            "out": printable(self.out),
            "names": list(self.layout.names),
            "rows": self.layout.rows,
            "cells": len(self.layout.cells),
            "pages": self.pages,
            "writers": self.pages if self.layout.writer else None,
            "bytes": len(self.content),
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SheetPhoto:
    """What became of one photo.

    Attributes:
        path: The photo.
        writer: The name of the writer in the set; None where the photo could not be read.
        cells: How many cells were written in.
        empty: How many were not.
        error: Why the photo could not be read; None where it could.
    """

    path: str
    writer: str | None = None
    cells: int = 0
    empty: int = 0
    error: PictureError | None = None

    def line(self) -> str:
        """Say it in a sentence."""
        if self.error is not None:
            return f"{self.error.message}\n  → {self.error.next_step}"
        facts = {"n": self.cells, "count": integer(self.cells), "writer": self.writer}
        return t("sheet.photo", path=printable(self.path), empty=integer(self.empty), **facts)

    def to_json(self) -> dict[str, Any]:
        """Give the figures."""
        error = self.error
        return {
            "path": printable(self.path),
            "status": "ok" if error is None else "error",
            "writer": self.writer,
            "cells": self.cells,
            "empty": self.empty,
            "error": error and {"code": error.code, "message": error.message},
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class WrittenSet(_Plain):
    """A labelled set out of photos of filled sheets.

    Attributes:
        out: The folder or zip; None where no photo could be read.
        photos: What became of each photo.
        classes: How many pictures of each name.
        writers: How many of each writer.
        bytes: What all files take.
        notes: What the user should know beside.
    """

    out: Path | None
    photos: Sequence[SheetPhoto]
    classes: Mapping[str, int]
    writers: Mapping[str, int]
    bytes: int = 0
    notes: Sequence[str] = ()

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return sum(self.classes.values())

    def lines(self) -> Iterator[str]:
        """Give a line for each photo, then what was made and how to learn from it."""
        for photo in self.photos:
            yield from photo.line().split("\n")
        if self.out is None:
            return
        facts = {"n": self.count, "count": integer(self.count), "size": storage(self.bytes)}
        facts |= {"names": integer(len(self.classes)), "writers": integer(len(self.writers))}
        yield t("sheet.written", path=printable(self.out), **facts)
        if len(self.writers) >= FEWEST_WRITERS and self.out.suffix.lower() != ".zip":
            yield t("sheet.learn", source=str(self.out / LABELS))
        else:
            yield t("make.learn", source=str(self.out))

    def to_json(self) -> dict[str, Any]:
        """Give the figures."""
        return {
            "out": self.out and printable(self.out),
            "n": self.count,
            "classes": dict(self.classes),
            "writers": dict(self.writers),
            "bytes": self.bytes,
            "sheets": [photo.to_json() for photo in self.photos],
            "notes": list(self.notes),
        }
