"""Records: the rows of any table one by one, malformed ones marked and not refused."""

import pytest

from imagier.errors import DataError
from imagier.tables import read_records, read_table


def records(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = read_records(path)
    return found.columns, [(row.line, row.cells) for row in found.rows]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_same_rows_with_any_mark(tmp_path, mark):
    text = f"path{mark}label\n\na.jpg{mark}01\nb.jpg\n"
    assert records(tmp_path, "t.csv", text) == (
        ("path", "label"),
        [(3, {"path": "a.jpg", "label": "01"}), (4, None)],
    )


def test_json_lines_keep_numbers_as_they_are_written(tmp_path):
    text = '{"path": "a.jpg", "label": 01}\n{"path": "b.jpg", "label": 1.50}\n\n[1]\n{"x": null}\n'
    columns, rows = records(tmp_path, "t.jsonl", text)
    assert columns == ("path", "label", "x")
    assert rows == [(1, None), (2, {"path": "b.jpg", "label": "1.50"}), (4, None), (5, {"x": ""})]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("t.csv", " \n", "table_empty"),
        ("t.jsonl", "", "table_empty"),
        ("t.jsonl", "[1]\n", "table_damaged"),
        ("t.csv", 'a,b\n1,"2\n', "table_damaged"),
        ("t.csv", b"a\0b\n", "table_encoding"),
    ],
)
def test_what_has_no_rows(tmp_path, name, content, code):
    with pytest.raises(DataError) as error:
        records(tmp_path, name, content)
    assert error.value.code == code


def test_a_whole_table_from_records(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('{"t": 0, "d": "1,5"}\n{"t": 0.5}\n', "utf-8")
    table = read_table(path)
    assert (table.titles, table.rows) == (("t", "d"), [("0", "1,5"), ("0.5", "")])
    assert "1,5 is 1.5" in " ".join(table.notes)
    with pytest.raises(DataError) as error:
        table.numbers("d")
    assert (error.value.code, error.value.facts["row"]) == ("table_cell_empty", 2)


def test_parquet_gives_the_same_rows(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = pyarrow.table({"path": ["a.jpg", None], "label": [1, 2]})
    parquet.write_table(rows, tmp_path / "t.parquet")
    found = read_records(tmp_path / "t.parquet")
    assert [row.cells for row in found.rows] == [
        {"path": "a.jpg", "label": "1"},
        {"path": "", "label": "2"},
    ]
    assert read_table(tmp_path / "t.parquet").numbers("label") == [1, 2]
