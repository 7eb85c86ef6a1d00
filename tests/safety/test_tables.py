"""Tables made to fill the memory: refused by name, or read without it."""

import json
import resource
import subprocess
import sys

import pytest

from imagier.errors import DataError
from imagier.tables import content as content_module
from imagier.tables import read_records, read_table
from imagier.tables import table as table_module

GROWTH = """
import json, resource, sys, time
from pathlib import Path
from imagier.errors import ImagierError
from imagier.tables import read_records, read_table
try:
    from pyarrow import compute, parquet
except ImportError:
    pass
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
path = Path(sys.argv[1])
for read in (read_table, lambda path: sum(1 for _ in read_records(path).rows)):
    before, began, code = peak(), time.process_time(), None
    try:
        read(path)
    except ImagierError as error:
        code = error.code
    print(json.dumps([code, peak() - before, time.process_time() - began]))
"""


def measured(path):
    """Read a table in a process of its own, in both ways: code, bytes of growth, seconds of CPU."""
    run = subprocess.run(
        [sys.executable, "-c", GROWTH, str(path)], capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def write(path, content):
    path.write_bytes(content)
    return path


TEXTS = {
    "one endless line.csv": b"a," * (8 << 20),
    "two endless columns.csv": b"a,b\n" + b'"' + b"x\n" * (4 << 20),
    "a million columns.csv": b",".join(b"c%d" % n for n in range(400_000)) + b"\n1,2\n",
    "empty lines.csv": b"a\n1\n" + b"\n" * (10 << 20),
    "empty lines.jsonl": b'{"a": 1}\n' + b"\n" * (10 << 20),
    "commas.csv": b"a,b\n1" + b"," * (60 << 20),
    "columns of their own.jsonl": b"".join(
        b"{%s}\n" % b",".join(b'"%d.%d":1' % (row, column) for column in range(1000))
        for row in range(90)
    )
    + b"{}\n" * 900,
    "brackets in a cell.jsonl": b'{"a": ' + b"[" * 900 + b"]" * 900 + b"}\n" + b'{"a": 1}\n',
    "a wide header.csv": b"x" * 200_000 + b",label\n1,2\n",
    "a cell of ten megabytes.csv": b"a,b\n1," + b"y" * (10 << 20) + b"\n",
    "many small rows.csv": b"a\n" + b"1\n" * 1_000_000,
    "many different cells.csv": b"a\n" + b"".join(b"%d\n" % n for n in range(1_000_000)),
    "brackets.jsonl": b"[" * (2 << 20) + b"\n" + b'{"a": 1}\n',
    "many objects.jsonl": b"{}\n" * 1_000_000,
    "many keys.jsonl": b"".join(b'{"k%d": 1}\n' % n for n in range(200_000)),
    "one endless object.jsonl": b'{"a": 1, ' + b'"b": 2, ' * (1 << 20) + b'"c": 3}\n{"a": 1}\n',
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_table_takes_neither_the_memory_nor_for_ever(name, tmp_path):
    for code, growth, seconds in measured(write(tmp_path / name, TEXTS[name])):
        assert code is None or code.startswith("table_")
        assert growth < 2**30
        assert seconds < 10


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("one endless line.csv", "table_row_too_long"),
        ("two endless columns.csv", "table_damaged"),
        ("a wide header.csv", "table_damaged"),
        ("a cell of ten megabytes.csv", "table_row_too_long"),
        ("many keys.jsonl", "table_too_wide"),
    ],
)
def test_what_is_no_table_is_refused_by_name(name, code, tmp_path):
    path = write(tmp_path / name, TEXTS[name])
    with pytest.raises(DataError) as caught:
        for _ in read_records(path).rows:
            pass
    assert caught.value.code == code


def test_a_line_of_json_that_is_too_long_is_malformed_and_the_others_go_on(tmp_path):
    path = write(tmp_path / "t.jsonl", TEXTS["one endless object.jsonl"])
    assert [(row.line, row.cells) for row in read_records(path).rows] == [
        (1, None),
        (2, {"a": "1"}),
    ]


def test_rows_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr("imagier.tables.records.MAX_ROWS", 2)
    for name, text in {"t.csv": b"a\n1\n2\n3\n", "t.jsonl": b'{"a": 1}\n' * 3}.items():
        with pytest.raises(DataError) as caught:
            list(read_records(write(tmp_path / name, text)).rows)
        assert caught.value.code == "table_too_long"


def test_equal_cells_are_held_once_and_the_rest_is_limited(tmp_path, monkeypatch):
    path = write(tmp_path / "t.csv", b"a,b\n" + b"1,22\n" * 1000)
    rows = read_table(path).rows
    assert all(row[1] is rows[0][1] for row in rows)
    monkeypatch.setattr(table_module, "_MAX_MEMORY", 100_000)
    with pytest.raises(DataError) as caught:
        read_table(path)
    assert caught.value.code == "table_too_many_cells"


def test_a_large_file_is_refused_unread(tmp_path):
    path = tmp_path / "sparse.csv"
    with path.open("wb") as file:
        file.truncate(content_module.MAX_BYTES + 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DataError, match="128 MB"):
        read_table(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


# Parquet: a few kilobytes that unpack to gigabytes

pyarrow = pytest.importorskip("pyarrow", reason="needs the extra imagier[parquet]")


def parquet_file(path, columns, **options):
    from pyarrow import parquet

    parquet.write_table(pyarrow.table(columns), path, compression="zstd", **options)
    assert path.stat().st_size < 2**20
    return path


def test_one_long_text_repeated_a_million_times_is_refused(tmp_path):
    text = pyarrow.array(["x" * (1 << 20)])
    rows = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 4000, pyarrow.int32()), text)
    path = parquet_file(tmp_path / "long.parquet", {"path": rows, "label": rows})
    for code, growth, seconds in measured(path):
        assert code == "table_damaged"
        assert growth < 2**30
        assert seconds < 10


def test_too_many_rows_are_refused_by_the_metadata(tmp_path):
    rows = pyarrow.nulls(3_000_000, pyarrow.int8())
    path = parquet_file(tmp_path / "rows.parquet", {"path": rows})
    for code, growth, _ in measured(path):
        assert code == "table_too_long"
        assert growth < 2**28


def test_pages_that_unpack_to_gigabytes_are_refused_by_the_metadata(tmp_path):
    zeros = pyarrow.array([bytes(1 << 17)] * 8000)
    path = parquet_file(
        tmp_path / "pages.parquet",
        {"path": zeros},
        use_dictionary=False,
        data_page_size=2 << 30,
        write_statistics=False,
    )
    for code, growth, _ in measured(path):
        assert code == "table_too_large"
        assert growth < 2**28


def test_a_sound_parquet_table_is_read(tmp_path):
    path = parquet_file(
        tmp_path / "t.parquet",
        {"path": ["a.png", "b.png", None], "n": [1, 2, 3], "x": [[1], [], []]},
    )
    assert [row.cells for row in read_records(path).rows] == [
        {"path": "a.png", "n": "1"},
        {"path": "b.png", "n": "2"},
        {"path": "", "n": "3"},
    ]


def test_dates_that_python_does_not_know_are_named(tmp_path):
    far = pyarrow.array([2**31 - 1], pyarrow.int32()).cast(pyarrow.date32())
    nowhere = pyarrow.array([0], pyarrow.int64()).cast(pyarrow.timestamp("us", tz="No/Where"))
    for name, column in {"far": far, "nowhere": nowhere}.items():
        path = parquet_file(tmp_path / f"{name}.parquet", {"path": column})
        assert [code for code, _, _ in measured(path)] == ["table_damaged"] * 2


def test_many_columns_of_parquet_are_read_at_once(tmp_path):
    columns = {f"c{number}": pyarrow.array([1]) for number in range(2_000)}
    path = parquet_file(tmp_path / "wide.parquet", columns)
    for code, _, seconds in measured(path):
        assert code is None
        assert seconds < 10
