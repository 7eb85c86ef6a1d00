r"""A picture as a text file of numbers, and back, without losing one (deck, chapter 2).

The file is a CSV that any spreadsheet opens. In grey it is one table: a line for each row of
pixels, a level from 0 to 255 in each cell. In colour it is three tables of the same size, red, then
green, then blue, with one empty line between: the deck stores the three colours "separately, like
black and white". No title row, no other cell.

    grey, 2 × 3 pixels    0,0,5
                          0,13,255

Commas are written; when read, semicolons or tabs do as well, whichever the first line has.

>>> grey = np.array([[[0], [0], [5]], [[0], [13], [255]]], np.uint8)
>>> to_csv(grey)
b'0,0,5\n0,13,255\n'
>>> bool((from_csv(to_csv(grey), name="grey.csv") == grey).all())
True
"""

from collections.abc import Iterable, Iterator
from io import BytesIO, TextIOWrapper

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.errors import PictureError
from imagier.files import printable

__all__ = ["from_csv", "to_csv", "to_png"]

MAX_BYTES = 48 * 2**20
Pixels = NDArray[np.uint8]
_TEXTS = [str(level) for level in range(256)]
_LEVELS = {text: level for level, text in enumerate(_TEXTS)}


def to_csv(pixels: Pixels, *, delimiter: str = ",") -> bytes:
    r"""Write the levels of a picture as a table of numbers.

    Args:
        pixels: A picture, (H, W, 1) or (H, W, 3).
        delimiter: What stands between two numbers.

    >>> to_csv(np.array([[[255, 128, 0]]], np.uint8))
    b'255\n\n128\n\n0\n'
    """
    blocks = []
    for place in range(pixels.shape[2]):
        rows = pixels[:, :, place].tolist()
        blocks.append("".join(delimiter.join(map(_TEXTS.__getitem__, row)) + "\n" for row in rows))
    return "\n".join(blocks).encode("ascii")


def from_csv(content: bytes, *, name: str) -> Pixels:
    r"""Read a table of numbers as a picture.

    Args:
        content: The whole file: UTF-8, or UTF-16 as spreadsheets export it.
        name: Its name, for errors.

    Returns:
        The levels, (H, W, 1) for one table, (H, W, 3) for three.

    Raises:
        PictureError: `number_table_text`, `number_table_empty`, `number_table_cell`,
            `number_table_ragged` or `number_table_blocks`, which name line and column;
            `file_too_large`.

    >>> from_csv(b"0;128\n255;7\n", name="small.csv")[:, :, 0].tolist()
    [[0, 128], [255, 7]]
    """
    path = printable(name)
    if len(content) > MAX_BYTES:
        facts = {"megabytes": len(content) >> 20, "limit": MAX_BYTES >> 20}
        raise PictureError("file_too_large", path=path, **facts)
    blocks = list(_blocks(_lines(content, path), path))
    if not blocks:
        raise PictureError("number_table_empty", path=path)
    if len(blocks) not in (1, 3) or len({len(block) for block, _ in blocks}) > 1:
        raise PictureError("number_table_blocks", path=path, received=len(blocks))
    width = blocks[0][1]
    return np.stack([np.frombuffer(block, np.uint8).reshape(-1, width) for block, _ in blocks], 2)


def to_png(pixels: Pixels) -> bytes:
    """Write a picture as a PNG file, which keeps every level as it is.

    Args:
        pixels: A picture, (H, W, 1) or (H, W, 3).
    """
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _lines(content: bytes, path: str) -> Iterator[str]:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        for line in TextIOWrapper(BytesIO(content), encoding):
            if "\0" in line:
                raise PictureError("number_table_text", path=path)
            yield line.rstrip("\n")
    except UnicodeDecodeError:
        raise PictureError("number_table_text", path=path) from None


def _blocks(lines: Iterable[str], path: str) -> Iterator[tuple[bytearray, int]]:
    """Give the tables between empty lines, each as levels row by row, and their common width."""
    delimiter, width = "", 0
    levels = bytearray()
    for line, words in enumerate(lines, start=1):
        if not words.strip(" ,;\t"):  # a spreadsheet writes an empty line as ",,,"
            if levels:
                yield levels, width
            levels = bytearray()
            continue
        delimiter = delimiter or _delimiter(words)
        row = _row(words.split(delimiter), path, line)
        width = width or len(row)
        if len(row) != width:
            raise PictureError(
                "number_table_ragged", path=path, line=line, received=len(row), expected=width
            )
        levels += row
    if levels:
        yield levels, width


def _delimiter(line: str) -> str:
    return next((mark for mark in (";", "\t") if mark in line), ",")


def _row(cells: list[str], path: str, line: int) -> bytes:
    try:
        return bytes(map(_LEVELS.__getitem__, cells))
    except KeyError:
        return bytes(_level(cell, path, line, column) for column, cell in enumerate(cells, start=1))


def _level(cell: str, path: str, line: int, column: int) -> int:
    """Read a cell that has spaces, quotation marks or leading zeros; else name it."""
    text = cell.strip().removeprefix('"').removesuffix('"').strip()
    is_level = text.isascii() and text.isdigit() and len(text) <= 20 and int(text) <= 255
    if not is_level:
        shown = printable(text if len(text) <= 40 else text[:39] + "…")
        raise PictureError("number_table_cell", path=path, line=line, column=column, received=shown)
    return int(text)
