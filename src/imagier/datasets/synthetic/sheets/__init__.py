"""Sheets to write on: printed, filled by hand, photographed, and cut into a labelled set."""

from imagier.datasets.synthetic.sheets.drawing import draw_sheet, pdf_bytes
from imagier.datasets.synthetic.sheets.layout import Identity, SheetLayout
from imagier.datasets.synthetic.sheets.names import KNOWN_NAMES, read_names
from imagier.datasets.synthetic.sheets.reading import FilledCell, FilledSheet, read_sheet
from imagier.datasets.synthetic.sheets.results import PrintedSheet, SheetPhoto, WrittenSet
from imagier.datasets.synthetic.sheets.written_set import make_from_sheets, make_sheet

__all__ = [
    "KNOWN_NAMES",
    "FilledCell",
    "FilledSheet",
    "Identity",
    "PrintedSheet",
    "SheetLayout",
    "SheetPhoto",
    "WrittenSet",
    "draw_sheet",
    "make_from_sheets",
    "make_sheet",
    "pdf_bytes",
    "read_names",
    "read_sheet",
]
