"""A sheet drawn as a picture of an A4 page at 300 dots an inch, and as pages of a PDF.

Everything that is to be found again is black; what only guides the eye is grey. The PDF holds each
page as one picture, packed without loss, and no time, so that the same sheet is the same file.
"""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from imagier.datasets.synthetic.fonts import Font, fonts_for, standard_fonts
from imagier.datasets.synthetic.sheets.layout import (
    HEIGHT,
    MARK,
    MARKS,
    WIDTH,
    Box,
    SheetLayout,
    square_boxes,
)
from imagier.i18n import t

__all__ = ["DOTS", "draw_sheet", "pdf_bytes"]

DOTS = 300 / 25.4  # a millimetre
FRAME, PALE = 90, 150  # levels of frames and of what is printed beside them
FRAME_WIDTH = 0.35  # millimetres
LABEL = 3.2  # height of the letters above a cell, in millimetres
WRITTEN = 3.6
BIG_NUMBER = 9.0

Page = NDArray[np.uint8]


def draw_sheet(layout: SheetLayout, *, font: Font | None = None) -> Page:
    """Draw a sheet, (3508, 2480), 0 to 255.

    Args:
        layout: What stands where.
        font: In which names are printed; None for DejaVu Sans.

    Raises:
        DataError: `font_lacks`.
    """
    chosen, _ = fonts_for(
        [(font or standard_fonts()[0]).path], "".join(layout.names).replace(" ", "")
    )
    image = Image.new("L", (round(WIDTH * DOTS), round(HEIGHT * DOTS)), 255)
    pen = _Pen(image, chosen[0])
    for centre in MARKS:
        _draw_mark(pen, centre)
    for is_top in (True, False):
        bits = layout.identity(is_top=is_top).bits.tolist()
        for box, is_black in zip(square_boxes(is_top=is_top), bits, strict=True):
            if is_black:
                pen.fill(box, 0)
    _draw_writer(pen, layout)
    for cell in layout.cells:
        pen.frame(cell.box, FRAME)
        middle = cell.box.left + cell.box.width / 2
        pen.write(cell.name, (middle, cell.box.top - 0.8), LABEL, width=cell.box.width + 4)
    return np.asarray(image)


def pdf_bytes(pages: Sequence[Page]) -> bytes:
    """Give pages as a PDF, each a picture that fills an A4 page."""
    width, height = (round(side / 25.4 * 72, 2) for side in (WIDTH, HEIGHT))
    kids = " ".join(f"{3 + 3 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
    ]
    for number, page in enumerate(pages):
        first = 3 + 3 * number
        place = f"/MediaBox [0 0 {width} {height}] /Contents {first + 1} 0 R"
        shown = f"/Resources << /XObject << /P {first + 2} 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R {place} {shown} >>".encode())
        objects.append(_stream("", f"{width} 0 0 {height} 0 0 cm /P Do".encode()))
        rows, columns = page.shape
        kind = f"/Type /XObject /Subtype /Image /Width {columns} /Height {rows} "
        kind += "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode"
        objects.append(_stream(kind, zlib.compress(page.tobytes(), 9)))
    return _pdf_file(objects)


class _Pen:
    """Draws in millimetres."""

    def __init__(self, image: Image.Image, font: Font) -> None:
        self.draw = ImageDraw.Draw(image)
        self.font = font

    def fill(self, box: Box, level: int) -> None:
        left, top = round(box.left * DOTS), round(box.top * DOTS)
        right, bottom = (box.left + box.width) * DOTS, (box.top + box.height) * DOTS
        self.draw.rectangle((left, top, round(right) - 1, round(bottom) - 1), fill=level)

    def frame(self, box: Box, level: int) -> None:
        corners = (box.left, box.top, box.left + box.width, box.top + box.height)
        thick = round(FRAME_WIDTH * DOTS)
        self.draw.rectangle([round(one * DOTS) for one in corners], outline=level, width=thick)

    def write(
        self,
        text: str,
        place: tuple[float, float],
        height: float,
        *,
        width: float = WIDTH,
        anchor: str = "ms",
        level: int = 0,
    ) -> None:
        """Write a text so that its base line stands at `place`, smaller where it is too wide."""
        font = ImageFont.truetype(str(self.font.path), height * DOTS)
        wide = font.getlength(text)
        if wide > width * DOTS:
            font = ImageFont.truetype(str(self.font.path), height * DOTS * width * DOTS / wide)
        x, y = place
        self.draw.text((x * DOTS, y * DOTS), text, fill=level, font=font, anchor=anchor)


def _draw_mark(pen: _Pen, centre: tuple[float, float]) -> None:
    """Draw a ring and a square in it, of seven modules: black 7, white 5, black 3."""
    for modules, level in ((7, 0), (5, 255), (3, 0)):
        side = MARK * modules / 7
        pen.fill(Box(centre[0] - side / 2, centre[1] - side / 2, side, side), level)


def _draw_writer(pen: _Pen, layout: SheetLayout) -> None:
    """Draw the line for the name, and the number of the writer or the boxes to tick it."""
    pen.write(t("sheet.name"), (17, 35), WRITTEN, anchor="ls")
    pen.fill(Box(17, 44, 66, 0.2), PALE)
    if layout.writer:
        pen.write(t("sheet.number", number=layout.writer), (193, 41), BIG_NUMBER, anchor="rs")
        return
    pen.write(t("sheet.tick"), (TICK_LEFT_EDGE, 28), WRITTEN * 0.8, anchor="ls")
    for boxes in layout.ticks:
        for digit, box in enumerate(boxes):
            pen.frame(box, FRAME)
            left = (box.left - 1.4, box.top + box.height - 1.0)
            pen.write(str(digit), left, WRITTEN * 0.75, anchor="ms", level=PALE)


TICK_LEFT_EDGE = 110.0


def _stream(kind: str, content: bytes) -> bytes:
    head = f"<< {kind} /Length {len(content)} >>\nstream\n".encode()
    return head + content + b"\nendstream"


def _pdf_file(objects: Sequence[bytes]) -> bytes:
    """Number the objects and say where each begins."""
    content = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, one in enumerate(objects, start=1):
        places.append(len(content))
        content += f"{number} 0 obj\n".encode() + one + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n"
    end += f"<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(content)}\n%%EOF\n"
    return content + end.encode()
