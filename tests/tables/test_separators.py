"""One reader: whoever opens a table, it has the same columns."""

import pytest

from imagier.tables import parse_table, read_records

TABLES = {
    "name,height;cm,label\na,12,cat\nb,13,dog\n": ("name", "height;cm", "label"),
    "name,height;cm,label\n": ("name", "height;cm", "label"),
    "surface;rooms;price\n54,5;2;163,000\n71,0;3;204,000\n": ("surface", "rooms", "price"),
    "a;b\n1,5;2,5\n3,5;4,5\n": ("a", "b"),
    "a\tb, c\n1\tx, y\n2\tz\n": ("a", "b, c"),
    'path,label,remark\na.png,cat,"x; y; z"\nb.png,dog,;;;\n': ("path", "label", "remark"),
    "path;label;remark\na.png;cat;x, y, z\nb.png;dog;,,,\n": ("path", "label", "remark"),
    "sep=;\na,b;c\n1;2\n": ("a,b", "c"),
    "sep=\t\na,b\tc\n1\t2\n": ("a,b", "c"),
    '"sep=|"\na,b|c\n1|2\n': ("a,b", "c"),
    "sep=,\na;b,c\n1,2\n": ("a;b", "c"),
    "label\ncat\ndog\n": ("label",),
    "name label\ncat\ndog\n": ("name label",),
    "path label\na.png  cat\n b.png dog \n": ("path", "label"),
    "u v\n1.5 2e3\n3 4\n": ("u", "v"),
    "path|label\na, b.png|cat\nb.png|dog\n": ("path", "label"),
    "path,label\na.png,cat|dog\nb.png,dog|cat\n": ("path", "label"),
    "a,b\n1,2,\n3,4,,\n": ("a", "b"),
}


@pytest.mark.parametrize("text", TABLES)
def test_both_readers_see_the_same_columns(text, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(text, "utf-8")
    records = read_records(path)
    assert records.columns == TABLES[text]
    rows = [record.cells for record in records.rows]
    assert None not in rows
    if rows:
        table = parse_table(text.encode(), name="t.csv")
        assert table.titles == TABLES[text]
        assert [dict(zip(table.titles, row, strict=True)) for row in table.rows] == [
            {title: cell.strip() for title, cell in row.items()} for row in rows
        ]


def test_lines_are_counted_with_excels_own(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("sep=;\na;b\n1;2\n1;2;3\n", "utf-8")
    assert [(row.line, row.width) for row in read_records(path).rows] == [(3, 0), (4, 3)]


def test_rows_without_titles_are_rows(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,0,0\nb,1,1\n", "utf-8")
    records = read_records(path, is_titled=False)
    assert records.columns == ("c1", "c2", "c3")
    assert [row.cells["c3"] for row in records.rows] == ["0", "1"]
