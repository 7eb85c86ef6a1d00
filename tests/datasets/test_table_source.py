import sys

import pytest

from imagier.datasets import TableOptions
from imagier.datasets.sources.columns import COLUMN_NAMES, find_columns
from imagier.datasets.sources.table import open_table
from imagier.errors import DataError, MachineError, UsageError
from imagier.i18n import use_language


@pytest.fixture
def table(zoo, tmp_path):
    zoo.write_tree(tmp_path, ["cat/1.png", "cat/2.png", "dog/3.png"])

    def write(text, name="labels.csv"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


ROWS = "path,label,split,writer\ncat/1.png,cat,train,anna\ndog/3.png,dog,Test,\n"


def test_a_table_gives_names_labels_and_parts(table):
    listing = open_table(table(ROWS))
    assert listing.name == "labels"
    assert listing.names == ("cat/1.png", "dog/3.png")
    assert listing.labels == ("cat", "dog")
    assert listing.parts == ("train", "test")
    assert listing.groups == ("", "")
    assert listing.pictures.decode(1, listing.pictures.read(1)).format == "PNG"


def test_a_group_column_is_used_when_named(table):
    assert open_table(table(ROWS), options=TableOptions(group="Writer")).groups == ("anna", "")


def test_a_column_called_group_is_used_unasked(table):
    assert open_table(table(ROWS.replace("writer", "group"))).groups == ("anna", "")


def test_an_unknown_group_column_is_refused_with_a_suggestion(table):
    with use_language("en"), pytest.raises(UsageError) as caught:
        open_table(table(ROWS), options=TableOptions(group="writers"))
    with use_language("en"):
        assert "Did you mean “writer”?" in caught.value.message
        assert "path, label, split, writer" in caught.value.message


def test_one_part_only_is_no_part(table):
    assert open_table(table("path,label,split\ncat/1.png,a,train\n")).parts == ("",)


@pytest.mark.parametrize("role", ["path", "label"])
def test_every_usual_column_name_is_found(role):
    other = {"path": "label", "label": "path"}[role]
    for name in COLUMN_NAMES[role]:
        columns = find_columns([other, name.upper()], table="t.csv")
        assert getattr(columns, role) == name.upper()


def test_a_missing_column_is_explained():
    with use_language("en"), pytest.raises(DataError) as caught:
        find_columns(["Image path", "lable"], table="t.csv")
    with use_language("en"):
        assert "If “lable” is meant, call it “label”." in caught.value.message
        assert "Image path, lable" in caught.value.message
        assert "--label-column" in caught.value.next_step


def test_rows_left_out_are_named_with_their_line(table):
    text = 'path,label\ncat/1.png,"a\nb"\ncat/9.png,cat\ncat/2.png\n../up.png,cat\ncat/2.png,\n'
    with use_language("en"):
        listing = open_table(table(text))
    assert listing.labels == ("a\\nb",)
    assert [(each.path, each.code) for each in listing.skipped] == [
        ("cat/9.png", "row_file_missing"),
        ("labels.csv", "row_ragged"),
        ("../up.png", "row_path_outside"),
        ("cat/2.png", "row_without_label"),
    ]
    lines = [each.message.split()[1] for each in listing.skipped]
    assert lines == ["4", "5", "6", "7"]


def test_what_was_mended_or_odd_is_noted(table):
    text = "path,label\ncat/1.png, cat\ncat\\2.png,cat\ncat/2.png,cat\ncat/2.png,Cat\n"
    with use_language("en"):
        listing = open_table(table(text))
    assert listing.names == ("cat/1.png", "cat/2.png", "cat/2.png")
    said = " ".join(listing.notes)
    assert "1 row of labels.csv says again" in said
    assert "1 label of labels.csv had spaces" in said
    assert "1 path of labels.csv is written with \\" in said
    assert "Cat, cat" in said


def test_pictures_that_are_not_listed_are_counted(table):
    with use_language("en"):
        listing = open_table(table("path,label\ncat/1.png,cat\n./dog//3.png,dog\n"))
    assert listing.names == ("cat/1.png", "dog/3.png")
    assert listing.notes == ("1 picture file beside the listed ones is not in labels.csv.",)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_are_followed_inside_the_folder_only(table, tmp_path, zoo):
    outside = zoo.write_tree(tmp_path.parent / f"{tmp_path.name}-outside", ["x.png", "in/x.png"])
    (tmp_path / "in.png").symlink_to("cat/1.png")
    (tmp_path / "out.png").symlink_to(outside / "x.png")
    (tmp_path / "folder").symlink_to(outside / "in")
    (tmp_path / "inner").symlink_to("dog")
    rows = "in.png,a\nout.png,a\nfolder/x.png,a\ninner/3.png,b\n"
    listing = open_table(table("path,label\n" + rows))
    assert listing.names == ("in.png", "inner/3.png")
    assert [each.code for each in listing.skipped] == ["link_outside", "link_outside"]
    for index in range(2):
        picture = listing.pictures.decode(index, listing.pictures.read(index))
        assert picture.format == "PNG"


def test_numbers_in_json_keep_their_writing(table):
    lines = '{"path": "cat/1.png", "label": 1.50}\n{"path": "dog/3.png", "label": true}\n'
    assert open_table(table(lines, "labels.jsonl")).labels == ("1.50", "true")


def test_json_lines_may_leave_optional_values_out(table):
    one = '{"path": "cat/1.png", "label": "a"}\n'
    lines = one + '{"path": "dog/3.png", "label": "b", "split": "test"}\n'
    assert open_table(table(lines, "labels.jsonl")).parts == ("", "test")


def test_parquet_is_read_where_pyarrow_is(table, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = {
        "image": ["cat/1.png", "dog/3.png", None],
        "label": [7, 8, 9],
        "box": [[1, 2], [3], []],
    }
    parquet.write_table(pyarrow.table(columns), tmp_path / "labels.parquet")
    listing = open_table(tmp_path / "labels.parquet")
    assert listing.names == ("cat/1.png", "dog/3.png")
    assert listing.labels == ("7", "8")
    assert [each.code for each in listing.skipped] == ["row_without_path"]


def test_parquet_without_pyarrow_says_what_to_type(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "labels.parquet").write_bytes(b"PAR1")
    with pytest.raises(MachineError) as caught:
        open_table(tmp_path / "labels.parquet")
    assert 'pip install "pyarrow"' in caught.value.next_step
