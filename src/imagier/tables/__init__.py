r"""Tables, as spreadsheets, programs and people write them: one reader, one safe writer.

    surface,rooms,price                surface;rooms;price
    54.5,2,163000                      54,5;2;163000

Both hold the same numbers. Commas, semicolons or tabs stand between cells, whichever cuts the rows
alike; numbers have a decimal point or a decimal comma; the first row holds titles unless it holds
numbers; the letters are UTF-8, UTF-16, or those of older Windows. What was understood is said in
`notes`, and nothing is guessed: a cell that is no number is named by its row, counted as a
spreadsheet counts them (the titles are row 1), and by its column.

`read_table` reads a whole table and refuses one with a malformed row; `read_records` gives the rows
one by one and marks those that are malformed. Both know CSV, TSV, JSON lines and Parquet; a Parquet
file that holds files in its rows is read through `find_bytes_column` and `BytesColumn`.

>>> table = parse_table("surface;price\n54,5;163\n71;204\n".encode(), name="flats.csv")
>>> table.titles, table.rows[0], table.numbers("surface")
(('surface', 'price'), ('54,5', '163'), [54.5, 71.0])
"""

from imagier.tables.bytes_column import BytesColumn, BytesLayout, find_bytes_column
from imagier.tables.content import open_text
from imagier.tables.csv_reader import CsvRow, open_csv
from imagier.tables.csv_writer import csv_line, csv_text, original_cell, safe_cell, unescape
from imagier.tables.numbers import read_number
from imagier.tables.records import PARQUET_SUFFIXES, Record, Records, parse_records, read_records
from imagier.tables.table import TABLE_SUFFIXES, Table, parse_table, read_table

__all__ = [
    "PARQUET_SUFFIXES",
    "TABLE_SUFFIXES",
    "BytesColumn",
    "BytesLayout",
    "CsvRow",
    "Record",
    "Records",
    "Table",
    "csv_line",
    "csv_text",
    "find_bytes_column",
    "open_csv",
    "open_text",
    "original_cell",
    "parse_records",
    "parse_table",
    "read_number",
    "read_records",
    "read_table",
    "safe_cell",
    "unescape",
]
