"""Hostile tables: CSV, JSON lines and Parquet files that swell, go deep, lie or say odd things.

`TABLES` gives each by the file name it bears; a function writes its bytes. Every one of them goes
through each of `COMMANDS`, where a table can be said.
"""

import io
import json
import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

__all__ = ["COMMANDS", "TABLES", "TABLES_WRITTEN"]

COMMANDS: dict[str, tuple[str, ...]] = {
    "train": ("train", "{file}", "--network", "linear", "--epochs", "1", "--out", "new.imagier"),
    "test": ("test", "thirds.imagier", "{file}"),
    "fit": ("fit", "{file}", "--y", "y"),
    "fit --predict": ("fit", "turtles", "--predict", "{file}"),
    "cluster": ("cluster", "{file}", "-k", "2", "--restarts", "1"),
    "cluster --start": ("cluster", "groups", "-k", "2", "--start", "{file}"),
    "derive": ("derive", "{file}"),
    "neuron": ("neuron", "--learn", "{file}"),
    "pixels": ("pixels", "{file}"),
    "convolve": ("convolve", "{file}", "--relu"),
}

ROWS = "path,label,x,y\n" + "".join(
    f"photos/{label}/{number}.png,{label},1,2\n"
    for number in range(60)
    for label in (("left", "middle", "right")[number % 3],)
)


def lines(*objects: object) -> bytes:
    """Write JSON lines."""
    return "\n".join(json.dumps(one) for one in objects).encode()


def columns(count: int, *, rows: int = 2, path: bool = False) -> bytes:
    """Write a CSV of very many columns."""
    titles = ["path", "label", "y"] if path else []
    header = ",".join([*titles, *(f"c{number}" for number in range(count))])
    row = ",".join([*(["photos/left/0.png", "left", "1"] if path else []), *["1"] * count])
    return "\n".join([header, *[row] * rows]).encode()


def deep_cell(depth: int) -> bytes:
    """Write a JSON line whose value is as deep as what reads JSON allows."""
    return b'{"path": "a.png", "label": %s, "y": 1}\n' % (b"[" * depth + b"]" * depth)


def every_depth() -> bytes:
    """Write JSON lines of every depth, those included that are read but cannot be written."""
    return b"".join(deep_cell(depth) for depth in range(300, 1100))


def own_keys(rows: int, keys: int) -> bytes:
    """Write JSON lines that each have columns of their own."""
    return b"\n".join(
        b"{" + b",".join(b'"%d_%d":1' % (row, key) for key in range(keys)) + b"}"
        for row in range(rows)
    )


def parquet_of(table: pa.Table, **settings: object) -> bytes:
    """Write a Parquet file."""
    file = io.BytesIO()
    parquet.write_table(table, file, **{"compression": "gzip", **settings})
    return file.getvalue()


def parquet_repeats(text: str, rows: int) -> bytes:
    """Write one text so many times: a number in the dictionary, and how often it comes."""
    indices = pa.array([0], pa.int32()).take(pa.array([0] * 1000))
    piece = pa.DictionaryArray.from_arrays(indices, pa.array([text]))
    names = pa.chunked_array([piece] * (rows // 1000))
    return parquet_of(pa.table({"path": names, "label": names, "y": names}), row_group_size=rows)


def parquet_nulls(rows: int, columns: int) -> bytes:
    """Write columns of nothing."""
    nothing = pa.nulls(rows, pa.int8())
    return parquet_of(pa.table({f"c{number}": nothing for number in range(columns)}))


def parquet_columns(count: int) -> bytes:
    """Write a row of very many columns."""
    one = pa.array([1], pa.int8())
    names = ["path", "label", "y", *(f"c{number}" for number in range(count))]
    return parquet_of(pa.table([one] * len(names), names=names), write_statistics=False)


def lying_rows(content: bytes, *, true: int, told: int) -> bytes:
    """Change the number of rows in the footer: it stands there as a zigzag number."""
    before, after = varint(2 * true), varint(2 * told)
    place = int.from_bytes(content[-8:-4], "little")
    footer = content[-8 - place : -8].replace(before, after)
    return content[: -8 - place] + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def varint(number: int) -> bytes:
    """Write a number as Thrift does."""
    pieces = bytearray()
    while number > 0x7F:
        pieces.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*pieces, number])


def kind(value: pa.Array) -> bytes:
    """Write one value in all columns that matter."""
    return parquet_of(pa.table({"path": value, "label": value, "y": value}))


def list_of(depth: int) -> pa.Array:
    """Nest lists."""
    value = pa.array([1], pa.int8())
    for _ in range(depth):
        value = pa.ListArray.from_arrays([0, 1], value)
    return value


TABLES: dict[str, Callable[[], bytes]] = {
    "a cell of 10 MB.csv": lambda: b"path,label,y\n" + b"x" * 10_000_000 + b",cat,1\n",
    "a quoted cell of 10 MB.csv": lambda: b'path,label,y\n"' + b"x\n" * 5_000_000 + b'",cat,1\n',
    "a title of 200,000 letters.csv": lambda: b"path,label,y," + b"x" * 200_000 + b"\n1,2,3,4\n",
    "a title of 200,000 digits.csv": lambda: b"1," + b"1" * 200_000 + b"\n1,2\n",
    "a million titles.csv": lambda: columns(1_000_000),
    "a million titles beside path.csv": lambda: columns(1_000_000, path=True),
    "a million cells without title.csv": lambda: b"\n".join([b",".join([b"1"] * 1_000_000)] * 3),
    "a million empty cells.csv": lambda: b"path,label,y" + b"," * 1_000_000 + b"\n1,2,3\n",
    "60 million commas.csv": lambda: b"1" + b"," * 60_000_000 + b"\n",
    "60 million line ends.csv": lambda: b"path,label,y\n" + b"\n" * 60_000_000,
    "15 million rows.csv": lambda: b"0,0\n" * 15_000_000,
    "a million quotes.csv": lambda: b'path,label,y\n"' + b'""' * 500_000 + b'",cat,1\n',
    "a million open quotes.csv": lambda: b'"' * 1_000_001,
    "a million quoted titles.csv": lambda: b'"a",' * 1_000_000 + b"y\n1\n",
    "NUL.csv": lambda: b"path,label,y\n\0\0\0,cat,1\n",
    "500 MB of nothing.csv": lambda: b"",
    "500 MB of UTF-16.csv": lambda: b"\xff\xfe",
    "numbers of 5,000 digits.csv": lambda: b"path,label,x,y\n" + (b"1" * 5000 + b",") * 3 + b"1\n",
    "labels of 5,000 digits.csv": lambda: ROWS.replace(",left,", "," + "1" * 5000 + ",").encode(),
    "paths of 65,000 steps.csv": lambda: ROWS.encode() + (b"a/" * 65_000 + b"b,c,1,2\n") * 12,
    "paths that climb.csv": lambda: ROWS.encode() + (b"a/../" * 26_000 + b"b,c,1,2\n") * 12,
    "half of UTF-16.csv": lambda: "path,label,y\na,b,1\n".encode("utf-16")[:-1],
    "a lone half letter.jsonl": lambda: lines({"path": "\ud800", "label": "\udfff", "y": "\udc80"}),
    "deep.jsonl": lambda: b"[" * 1_000_000,
    "deep objects.jsonl": lambda: b'{"a":' * 1_000_000,
    "every depth.jsonl": every_depth,
    "numbers of 5,000 digits.jsonl": lambda: (
        b'{"path":%s,"label":%s,"y":%s}\n' % ((b"1" * 5000,) * 3)
    ),
    "numbers in a list of 5,000 digits.jsonl": lambda: (
        b'{"path":[%s],"label":"a","y":1}' % (b"1" * 5000)
    ),
    "names twice.jsonl": lambda: b'{"path":"a","path":"b","label":"c","y":1}\n' * 3,
    "no numbers.jsonl": lambda: b'{"path":NaN,"label":Infinity,"y":-Infinity}\n' * 3,
    "columns of their own.jsonl": lambda: own_keys(1500, 1500),
    "a million keys.jsonl": lambda: own_keys(1, 1_000_000),
    "a million rows of nothing.jsonl": lambda: b"{}\n" * 1_000_000 + b'{"y":1}',
    "a text of 10 MB.jsonl": lambda: lines({"path": "x" * 10_000_000, "label": "a", "y": 1}),
    "2 GB of one text.parquet": lambda: parquet_repeats("x" * 2000, 1_000_000),
    "20 million nulls.parquet": lambda: parquet_nulls(20_000_000, 3),
    "100,000 columns.parquet": lambda: parquet_columns(100_000),
    "30,000 rows of 300 columns.parquet": lambda: parquet_nulls(30_000, 300),
    "fewer rows than said.parquet": lambda: lying_rows(
        kind(pa.array(["a"] * 1000)), true=1000, told=2**40
    ),
    "more rows than said.parquet": lambda: lying_rows(
        kind(pa.array(["a"] * 1000)), true=1000, told=1
    ),
    "a negative number of rows.parquet": lambda: lying_rows(
        kind(pa.array(["a"] * 1000)), true=1000, told=2**63 - 1
    ),
    "the year 292,278,994.parquet": lambda: kind(pa.array([2**63 - 1], pa.timestamp("ms"))),
    "a day 2^31.parquet": lambda: kind(pa.array([2**31 - 1], pa.date32())),
    "an unknown zone.parquet": lambda: kind(pa.array([0], pa.timestamp("us", tz="Nowhere/Atall"))),
    "a long time.parquet": lambda: kind(pa.array([2**62], pa.duration("s"))),
    "nanoseconds.parquet": lambda: kind(pa.array([1], pa.timestamp("ns"))),
    "bytes.parquet": lambda: kind(pa.array([b"\xff\xfe\0"], pa.binary())),
    "wrong UTF-8.parquet": lambda: kind(
        pa.Array.from_buffers(
            pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")]
        )
    ),
    "a decimal of 76 digits.parquet": lambda: kind(pa.array([0], pa.decimal256(76, 0))),
    "days and hours.parquet": lambda: kind(
        pa.array([datetime(2020, 1, 1), None], pa.timestamp("us"))
    ),
    "lists of lists.parquet": lambda: kind(list_of(60)),
    "days.parquet": lambda: kind(pa.array([date(1, 1, 1)])),
    "no columns.parquet": lambda: parquet_of(pa.table({})),
    "no rows.parquet": lambda: kind(pa.array([], pa.string())),
    "columns of one name.parquet": lambda: parquet_of(
        pa.table([pa.array(["a"])] * 3, names=["path", "label", "label"])
    ),
    "a footer of 2 GB.parquet": lambda: b"PAR1" + b"\xff\xff\xff\x7fPAR1",
    "encrypted.parquet": lambda: b"PARE" + bytes(100) + b"\x20\0\0\0PARE",
}
SPARSE = {"500 MB of nothing.csv": 500 << 20, "500 MB of UTF-16.csv": 500 << 20}


def writing(name: str) -> Callable[[Path], None]:
    """Give the function that writes one of them."""

    def write(file: Path) -> None:
        file.write_bytes(TABLES[name]())
        if name in SPARSE:
            os.truncate(file, SPARSE[name])

    return write


TABLES_WRITTEN = {name: writing(name) for name in TABLES}
