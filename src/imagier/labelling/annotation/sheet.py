"""The pictures of a question side by side, numbered, as one PNG to look at beside the terminal."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from imagier.labelling.contact_sheet import thumbnail

__all__ = ["numbered_sheet"]

_SIDE, _GAP, _TEXT = 152, 8, 20  # pixels
_COLUMNS = 8
_LETTERS = 15


def numbered_sheet(paths: Sequence[str]) -> bytes:
    """Draw pictures in rows of eight, each with its number below.

    Args:
        paths: Their files; one that has gone leaves its place white.
    """
    columns = min(_COLUMNS, len(paths))
    rows = -(-len(paths) // columns)
    across, down = _SIDE + _GAP, _SIDE + _TEXT + _GAP
    sheet = Image.new("RGB", (columns * across + _GAP, rows * down + _GAP), "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(_LETTERS)
    for place, path in enumerate(paths):
        row, column = divmod(place, columns)
        left, top = _GAP + column * across, _GAP + row * down
        sheet.paste(Image.fromarray(thumbnail(path, _SIDE)), (left, top))
        middle = left + _SIDE // 2
        pen.text((middle, top + _SIDE + 1), str(place + 1), fill="black", font=font, anchor="ma")
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()
