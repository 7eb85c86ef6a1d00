r"""Tables of numbers, as spreadsheets and people write them.

    surface,rooms,price                surface;rooms;price
    54.5,2,163000                      54,5;2;163000

Both hold the same numbers. Commas, semicolons or tabs stand between cells, whichever the first row
has; numbers have a decimal point or a decimal comma; the first row holds titles unless it holds
numbers; the letters are UTF-8, UTF-16, or those of older Windows. What was understood is said in
`notes`, and nothing is guessed: a cell that is no number is named by its row, counted as a
spreadsheet counts them (the titles are row 1), and by its column.

>>> sheet = parse_sheet("surface;price\n54,5;163\n71;204\n".encode(), name="flats.csv")
>>> sheet.titles, sheet.rows[0], sheet.numbers("surface")
(('surface', 'price'), ('54,5', '163'), [54.5, 71.0])
"""

from imagier.tables.csv_writer import csv_line, csv_text, original_cell, safe_cell
from imagier.tables.letters import decode
from imagier.tables.numbers import cell_error, comma_notes, is_empty, read_number, read_numbers
from imagier.tables.sheet import Sheet, check_file, known_title, parse_sheet, read_sheet

__all__ = [
    "Sheet",
    "cell_error",
    "check_file",
    "comma_notes",
    "csv_line",
    "csv_text",
    "decode",
    "is_empty",
    "known_title",
    "original_cell",
    "parse_sheet",
    "read_number",
    "read_numbers",
    "read_sheet",
    "safe_cell",
]
