"""From sheets to a labelled set: a sheet as a file, and photos of filled ones as class folders.

    writing/7/03-0017.png     what writer 3 wrote into a cell for 7
    writing/labels.csv        path, label, writer, photo, cell

The writer is the group: `--group writer` learns from some and tests on others, which is harder, and
what matters for whoever comes next.
"""

import re
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from imagier.datasets.synthetic.made_set import Progress, png_bytes, recipe_file, write_files
from imagier.datasets.synthetic.recipes import LABELS, class_folders
from imagier.datasets.synthetic.sheets.drawing import draw_sheet, pdf_bytes
from imagier.datasets.synthetic.sheets.layout import SheetLayout
from imagier.datasets.synthetic.sheets.names import KNOWN_NAMES
from imagier.datasets.synthetic.sheets.reading import FilledSheet, read_sheet
from imagier.datasets.synthetic.sheets.results import PrintedSheet, SheetPhoto, WrittenSet
from imagier.errors import PictureError, UsageError
from imagier.files import natural_key, printable
from imagier.i18n import t
from imagier.images import decode, read_named
from imagier.tables import csv_text

__all__ = ["make_from_sheets", "make_sheet"]

KEPT = (2400, 2400)  # height and width of a photo that are kept at least
MOST_PIXELS = 60_000_000
COLUMNS = ("path", "label", "writer", "photo", "cell")


def make_sheet(names: Sequence[str], out: Path, *, rows: int, writers: int = 0) -> PrintedSheet:
    """Draw a sheet as a PDF or PNG file.

    Args:
        names: What is to be written.
        out: The name of the file, which says its kind.
        rows: How many rows of ten cells.
        writers: For how many writers a page each is made, their number printed on it; 0 for one
            page on which the number is ticked.

    Raises:
        UsageError: `sheet_names`, `sheet_rows` or `sheet_writers`; `sheet_pages`, for several
            pages as one PNG.
        DataError: `font_lacks`.
    """
    numbers = range(1, writers + 1) if writers else range(1)
    layouts = [SheetLayout(names=tuple(names), rows=rows, writer=number) for number in numbers]
    is_pdf = out.suffix.lower() == ".pdf"
    if len(layouts) > 1 and not is_pdf:
        raise UsageError("sheet_pages", path=printable(out), pages=len(layouts))
    pages = [draw_sheet(layout) for layout in layouts]
    if is_pdf:
        content = pdf_bytes(pages)
    else:
        file = BytesIO()
        Image.fromarray(pages[0]).save(file, "PNG", dpi=(300, 300))
        content = file.getvalue()
    return PrintedSheet(layout=layouts[0], pages=len(layouts), content=content, out=out)


def make_from_sheets(
    paths: Sequence[str | PictureError],
    out: Path,
    *,
    names: tuple[str, ...] | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> WrittenSet:
    """Cut photos of filled sheets into a labelled set; a photo that cannot be read is told.

    Args:
        paths: The photos, or the errors that stand in their place.
        out: A folder, or a zip where its name ends so.
        names: What was to be written, where the page does not tell it by itself.
        force: Whether a made set that is already there gives way.
        progress: Told after each photo.

    Raises:
        UsageError: `output_exists`, `make_not_made`.
        MachineError: `disk_full` or `cannot_write`.
    """
    known = (*KNOWN_NAMES, *((names,) if names else ()))
    photos: list[SheetPhoto] = []
    cells: list[tuple[str, str, str, int, bytes]] = []
    notes: list[str] = []
    for number, path in enumerate(paths, start=1):
        try:
            sheet = _read(path, known)
        except PictureError as error:
            name = str(error.facts.get("path", path))
            photos.append(SheetPhoto(path=name, error=error.released()))
        else:
            name = str(path)
            writer = _writer(sheet, name)
            if sheet.writer is None:
                notes.append(t("sheet.not_ticked", path=printable(name), writer=printable(writer)))
            for cell in sheet.cells:
                content = png_bytes(cell.pixels)
                cells.append((cell.name, writer, Path(name).name, cell.number + 1, content))
            photos.append(
                SheetPhoto(path=name, writer=writer, cells=len(sheet.cells), empty=sheet.empty)
            )
        if progress is not None:
            progress(number, len(paths))
    classes = Counter(sorted((name for name, *_ in cells), key=natural_key))
    writers = Counter(sorted((writer for _, writer, *_ in cells), key=natural_key))
    size = write_files(_files(cells), out, force=force) if cells else 0
    return WrittenSet(
        out=out if cells else None,
        photos=photos,
        classes=classes,
        writers=writers,
        bytes=size,
        notes=notes,
    )


def _read(path: str | PictureError, known: Sequence[tuple[str, ...]]) -> FilledSheet:
    if isinstance(path, PictureError):
        raise path
    picture = decode(read_named(path), name=path, wanted=KEPT, most=MOST_PIXELS)
    shown = printable(path)
    sheet = read_sheet(picture.pixels, path=shown, known=known)
    if not sheet.cells:
        raise PictureError("sheet_empty", path=shown)
    return sheet


def _writer(sheet: FilledSheet, path: str) -> str:
    """Name the writer: by number, else by the name of the photo."""
    if sheet.writer is not None:
        return f"{sheet.writer:02d}"
    return re.sub(r"[^\w]+", "_", Path(path).stem) or "_"


def _files(
    cells: Sequence[tuple[str, str, str, int, bytes]],
) -> list[tuple[str, bytes]]:
    """Name each picture by its class, its writer and a number, and tell all in one table."""
    folders = class_folders(sorted({name for name, *_ in cells}))
    files, rows = [], []
    for number, (name, writer, photo, cell, content) in enumerate(cells):
        path = f"{folders[name]}/{writer}-{number:04d}.png"
        files.append((path, content))
        rows.append((path, name, writer, photo, cell))
    files.append((LABELS, csv_text(COLUMNS, rows).encode()))
    files.append(recipe_file({"kind": "sheets", "count": len(cells), "tables": [LABELS]}))
    return files
