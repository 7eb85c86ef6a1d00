"""The layout of a sheet: where everything stands, in millimetres of an A4 page, and its identity.

    ▣ ▪▪ ▪ ▪▪▪ identity ▪▪ ▪ ▣      a mark in each corner, the identity at both ends
      name ________   number ☐☐☐…   two rows of ten boxes, one to be ticked in each
      0    1    2    3    …          the name above each cell
      ▢    ▢    ▢    ▢    …          ten cells a row, up to twelve rows
    ▣ ▪▪ ▪ ▪▪▪ identity ▪▪ ▪ ▣

The identity is 64 small squares, black for 1: which layout, how many rows and names, a checksum of
the names, the writer where it is printed, which end of the page, and a checksum of all this. So a
photo of a page tells by itself what was to be written where, and which way up it lies.

>>> layout = SheetLayout(names=tuple("0123456789"), rows=12)
>>> len(layout.cells), layout.cells[13].name
(120, '3')
>>> Identity.read(layout.identity(is_top=True).bits) == layout.identity(is_top=True)
True
"""

import binascii
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from imagier.errors import UsageError

__all__ = [
    "COLUMNS",
    "MARK",
    "MARKS",
    "Box",
    "Cell",
    "Identity",
    "SheetLayout",
    "names_code",
    "square_boxes",
]

WIDTH, HEIGHT = 210.0, 297.0
VERSION = 1
COLUMNS, MOST_ROWS = 10, 12
MOST_NAMES = COLUMNS * MOST_ROWS
MOST_WRITERS = 999
MARK: Final = 12.0  # side of a corner mark: seven modules
MARGIN = 10.0
SQUARE, SQUARES = 2.4, 64  # of the identity
CELL, COLUMN_STEP, ROW_STEP = 13.0, 18.0, 18.0
FIRST_COLUMN, FIRST_ROW = 17.0, 54.0
TICK, TICK_STEP, TICK_LEFT = 5.0, 8.0, 112.0
TICK_ROWS = (30.0, 39.0)  # tens, ones

# the centres of the corner marks, from the top left one to the right round
MARKS: Final[tuple[tuple[float, float], ...]] = (
    (MARGIN + MARK / 2, MARGIN + MARK / 2),
    (WIDTH - MARGIN - MARK / 2, MARGIN + MARK / 2),
    (WIDTH - MARGIN - MARK / 2, HEIGHT - MARGIN - MARK / 2),
    (MARGIN + MARK / 2, HEIGHT - MARGIN - MARK / 2),
)
_FIELDS = (("version", 4), ("rows", 4), ("names", 7), ("code", 16), ("writer", 10), ("is_top", 1))
_SPARE = SQUARES - sum(bits for _, bits in _FIELDS) - 16


class Box(NamedTuple):
    """A rectangle on the page, in millimetres."""

    left: float
    top: float
    width: float
    height: float


class Cell(NamedTuple):
    """A cell to write into: its place, and what is to be written."""

    box: Box
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the squares at an end of a page say.

    Attributes:
        rows: How many rows of cells.
        names: How many different names.
        code: The checksum of the names.
        writer: The number of the writer; 0 where it is to be ticked.
        is_top: Whether it is the upper end.
        version: The version of the layout.
    """

    rows: int
    names: int
    code: int
    writer: int
    is_top: bool
    version: int = VERSION

    @property
    def bits(self) -> NDArray[np.bool_]:
        """The squares from the left, (64,), True for black."""
        text = "".join(f"{int(getattr(self, name)):0{width}b}" for name, width in _FIELDS)
        text += "10" * (_SPARE // 2)
        return np.array([one == "1" for one in text + f"{_checksum(text):016b}"])

    @classmethod
    def read(cls, bits: NDArray[np.bool_]) -> Self | None:
        """Read the squares; None where their checksum, or what they say, is not right."""
        text = "".join("1" if bit else "0" for bit in bits.tolist())
        said, checksum = text[:-16], int(text[-16:], 2)
        values, place = {}, 0
        for name, width in _FIELDS:
            values[name] = int(said[place : place + width], 2)
            place += width
        is_right = said[place:] == "10" * (_SPARE // 2) and _checksum(said) == checksum
        if not is_right or not 1 <= values["rows"] <= MOST_ROWS:
            return None
        is_top = bool(values.pop("is_top"))
        return cls(is_top=is_top, **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLayout:
    """A page to write on.

    Attributes:
        names: What is to be written, from the left, again and again: characters or words.
        rows: How many rows of ten cells.
        writer: The number of the writer, printed on the page; 0 where it is to be ticked.
    """

    names: tuple[str, ...]
    rows: int = MOST_ROWS
    writer: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.rows <= MOST_ROWS:
            raise UsageError("sheet_rows", received=self.rows, most=MOST_ROWS)
        if not 1 <= len(self.names) <= self.rows * COLUMNS:
            raise UsageError("sheet_names", n=len(self.names), most=self.rows * COLUMNS)
        if not 0 <= self.writer <= MOST_WRITERS:
            raise UsageError("sheet_writers", received=self.writer, most=MOST_WRITERS)

    @property
    def cells(self) -> list[Cell]:
        """The cells, row by row."""
        return [
            Cell(
                Box(
                    FIRST_COLUMN + COLUMN_STEP * column,
                    FIRST_ROW + ROW_STEP * row,
                    CELL,
                    CELL,
                ),
                self.names[(row * COLUMNS + column) % len(self.names)],
            )
            for row in range(self.rows)
            for column in range(COLUMNS)
        ]

    @property
    def ticks(self) -> list[list[Box]]:
        """The boxes of the writer's number: those of the tens, those of the ones."""
        return [
            [Box(TICK_LEFT + TICK_STEP * digit, top, TICK, TICK) for digit in range(10)]
            for top in TICK_ROWS
        ]

    def identity(self, *, is_top: bool) -> Identity:
        """Give what the squares at an end of the page say."""
        return Identity(
            rows=self.rows,
            names=len(self.names),
            code=names_code(self.names),
            writer=self.writer,
            is_top=is_top,
        )


def names_code(names: Sequence[str]) -> int:
    """Give the checksum by which a page tells what is to be written on it."""
    return zlib.crc32("\n".join(names).encode()) & 0xFFFF


def square_boxes(*, is_top: bool) -> list[Box]:
    """Give the places of the squares of the identity at one end, from the left."""
    left = (WIDTH - SQUARE * SQUARES) / 2
    middle = MARKS[0][1] if is_top else MARKS[2][1]
    top = middle - SQUARE / 2
    return [Box(left + SQUARE * place, top, SQUARE, SQUARE) for place in range(SQUARES)]


def _checksum(text: str) -> int:
    return binascii.crc_hqx(text.encode(), 0xFFFF)
