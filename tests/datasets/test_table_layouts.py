"""Tables as people have them: columns of other names, names that are nearly those of files."""

import sys

import pytest

from imagier.datasets import TableOptions, open_source
from imagier.errors import DataError, ImagierError, UsageError
from imagier.i18n import use_language
from tests.datasets import table_zoo as zoo


@pytest.fixture(autouse=True)
def english():
    with use_language("en"):
        yield


def refusal(source, **options):
    with pytest.raises(ImagierError) as caught:
        open_source(source, table=TableOptions(**options))
    return caught.value


def labels(path, mark=",", head="path,label", rows=(), folder=("1.png", "2.png", "3.png")):
    zoo.pictures(path.parent, folder)
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("kind", zoo.LAYOUTS)
def test_every_layout_gives_its_pictures_and_classes(kind, tmp_path):
    write, classes = zoo.LAYOUTS[kind]
    listing = open_source(write(tmp_path))
    assert listing.classes == classes
    assert len(listing) == zoo.N
    assert listing.skipped == ()
    assert not any(listing.parts)
    assert not any(listing.groups)
    for index in (0, zoo.N - 1):  # each name leads to the picture it was written for
        assert listing.pictures.read(index) == zoo.picture(index)


def test_of_two_numbers_alike_but_for_their_zeros_none_is_taken(tmp_path):
    rows = ["01,cat", "2,dog"]
    path = labels(tmp_path / "t.csv", rows=rows, folder=("1.png", "001.png", "02.png"))
    listing = open_source(path)
    assert listing.names == ("02.png",)
    assert [each.code for each in listing.skipped] == ["row_file_ambiguous"]
    rows = ["1,cat", "2,dog"]  # its very number
    path = labels(tmp_path / "u" / "t.csv", rows=rows, folder=("1.png", "001.png", "02.png"))
    assert open_source(path).names == ("1.png", "02.png")


@pytest.mark.parametrize("folder", ["/kaggle/input/set/", "D:\\\\set\\\\", "//server/set/"])
def test_paths_of_another_machine_are_found_in_the_folder_that_is_named(folder, tmp_path):
    rows = [f"{folder}{n}.png,{label}" for n, label in ((1, "cat"), (2, "dog"))]
    path = labels(tmp_path / "t.csv", rows=rows, folder=("pictures/1.png", "pictures/2.png"))
    assert refusal(path).code == "table_rows"
    options = TableOptions(images=tmp_path / "pictures")
    assert open_source(path, table=options).names == ("1.png", "2.png")


def test_a_table_for_the_test_part_is_named_with_what_to_add(tmp_path):
    listing = open_source(zoo.kaggle_signs(tmp_path))
    assert listing.classes == ("0", "1")
    (note,) = (note for note in listing.notes if "Test.csv" in note)
    assert f"add `--test {tmp_path / 'Test.csv'}` to test on them" in note


def test_of_several_columns_the_one_that_is_not_there_is_named(tmp_path):
    rows = ["1.png,1,0", "2.png,0,1"]
    path = labels(tmp_path / "t.csv", head="path,cat,big dog", rows=rows)
    assert open_source(path, table=TableOptions(label_column="Cat, big_dog")).labels == (
        "cat",
        "big dog",
    )
    error = refusal(path, label_column="cat,bird")
    assert (error.code, error.facts["column"]) == ("unknown_column", "bird")
    assert refusal(path, label_column="bird,fish").facts["column"] == "bird,fish"


def test_a_wrong_option_is_one_though_the_folder_was_given(tmp_path):
    labels(tmp_path / "t.csv", rows=["1.png,a", "2.png,b"])
    assert refusal(tmp_path, images=tmp_path / "nowhere").code == "images_missing"
    assert refusal(tmp_path, group="writer").code == "unknown_column"


@pytest.mark.parametrize(
    ("cells", "parts"),
    [
        (("Training", "PublicTest", "PrivateTest"), ("train", "test", "test")),
        (("train", "eval", "train"), ("train", "test", "train")),
        (("apprentissage", "jeu de test", "validation"), ("train", "test", "validation")),
    ],
)
@pytest.mark.parametrize("title", ["Usage", "split"])
def test_a_column_of_parts_is_read_and_never_learnt(title, cells, parts, tmp_path):
    rows = [f"{'ab'[n % 2]},{n + 1}.png,{cell}" for n, cell in enumerate(cells)]
    listing = open_source(labels(tmp_path / "t.csv", head=f"emotion,path,{title}", rows=rows * 2))
    assert listing.classes == ("a", "b")
    assert listing.parts == parts
    assert [note for note in listing.notes if "The parts of" in note] == (
        [f"The parts of {tmp_path / 't.csv'} were read from the column “Usage”."]
        if title == "Usage"
        else []
    )


def test_labels_that_hold_words_of_parts_are_labels(tmp_path):
    rows = ["1.png,test tube", "2.png,train station", "3.png,test tube", "1.png,train station"]
    path = labels(tmp_path / "t.csv", head="path,what", rows=rows)
    assert open_source(path).classes == ("test tube", "train station")
    rows = ["1.png,train", "2.png,test"]  # asked for, whatever it holds
    path = labels(tmp_path / "u.csv", head="path,what", rows=rows)
    assert open_source(path, table=TableOptions(label_column="what")).classes == ("test", "train")


def test_a_row_without_label_still_lists_its_picture(tmp_path):
    path = labels(tmp_path / "t.csv", rows=["1.png,cat", "2.png,dog", "3.png,"])
    assert not [note for note in open_source(path).notes if "beside the listed" in note]


def test_what_was_understood_is_said(tmp_path):
    notes = " ".join(open_source(zoo.competition(tmp_path)).notes)
    assert "the labels were read from labels.csv" in notes
    assert "found by the column “id”; --path-column" in notes
    assert "read from the column “breed”; --label-column" in notes
    assert "12 names of labels.csv are not quite those of their files" in notes
    assert "00000000 was read as train/00000000.jpg" in notes


def test_accents_that_look_alike_are_shown_as_what_they_are(tmp_path):
    notes = " ".join(open_source(zoo.accents(tmp_path)).notes)
    assert r"'img/\xe9t\xe90.jpg' was read as 'img/e\u0301te\u03010.jpg'" in notes


# Columns


@pytest.mark.parametrize("head", [",path,label", "path,label,", ",path,,label,"])
def test_a_column_without_title_is_nothing(head, tmp_path):
    width, places = len(head.split(",")), head.split(",")
    cells = [["7"] * width for _ in range(3)]
    for number, row in enumerate(cells):
        row[places.index("path")] = f"{number + 1}.png"
        row[places.index("label")] = "ab"[number % 2]
    path = labels(tmp_path / "t.csv", head=head, rows=[",".join(row) for row in cells])
    listing = open_source(path)
    assert listing.labels == ("a", "b", "a")
    assert listing.parts == listing.groups == ("", "", "")


def test_the_path_column_is_never_taken_for_the_label(tmp_path):
    error = refusal(labels(tmp_path / "t.csv", head="file_name,text", rows=["1.png,x"]))
    assert error.code == "table_columns"
    assert "file_name” is meant" not in error.message
    assert "--label-column" in error.next_step
    error = refusal(labels(tmp_path / "u.csv", head="filename,lable,n", rows=["1.png,x,1"]))
    assert "If “lable” is meant, call it “label”" in error.message


def test_columns_are_named_by_options(tmp_path):
    rows = ["1.png,a,x,k", "2.png,b,x,k", "3.png,a,y,l"]
    path = labels(tmp_path / "t.csv", head="label,genus,where,who", rows=rows)
    options = {"path_column": "Label", "label_column": "genus", "group": "who"}
    listing = open_source(path, table=TableOptions(**options))
    assert listing.names == ("1.png", "2.png", "3.png")
    assert listing.labels == ("a", "b", "a")
    assert listing.groups == ("k", "k", "l")
    error = refusal(path, path_column="label", label_column="genius")
    assert (type(error), error.code) == (UsageError, "unknown_column")
    assert "Did you mean “genus”?" in error.message
    assert "--label-column" in error.next_step


def test_one_hot_columns_are_classes_and_odd_rows_are_named(tmp_path):
    rows = [
        "1.png,0,1,0",
        "2.png,1,0,0",
        "3.png,1,1,0",
        "1.png,0,0,0",
        "2.png,1,0,0",
        "3.png,0,0,1",
    ]
    listing = open_source(labels(tmp_path / "t.csv", head="file,cat,dog,emu", rows=rows))
    assert listing.labels == ("dog", "cat", "emu")
    assert [each.code for each in listing.skipped] == ["row_several_labels", "row_without_label"]
    chosen = open_source(tmp_path / "t.csv", table=TableOptions(label_column="cat, dog"))
    assert chosen.labels == ("dog", "cat")


def test_pictures_of_several_classes_are_refused(tmp_path):
    rows = [f"{n}.png,1,1,0" for n in (1, 2, 3)]
    error = refusal(labels(tmp_path / "t.csv", head="file,sun,sea,sand", rows=rows))
    assert error.code == "table_several_labels"
    listing = open_source(tmp_path / "t.csv", table=TableOptions(label_column="sun"))
    assert listing.labels == ("1", "1", "1")


def test_remarks_are_no_labels(tmp_path):
    rows = ["1.png,a fine dog", "2.png,a cat asleep", "3.png,two cats"]
    error = refusal(labels(tmp_path / "t.csv", head="file_name,text", rows=rows))
    assert error.code == "table_columns"


# Rows that cannot be used have sentences of their own


def test_empty_cells_at_a_rows_end_do_no_harm(tmp_path):
    listing = open_source(labels(tmp_path / "t.csv", rows=["1.png,a,", "2.png,b,,", "3.png,a"]))
    assert listing.labels == ("a", "b", "a")


def test_rows_of_another_width_are_told_as_that(tmp_path):
    error = refusal(labels(tmp_path / "t.csv", rows=["1.png,a,x", "2.png,b,y"]))
    assert error.code == "table_rows_ragged"
    assert "2 rows of" in error.message
    assert "have 3 cells each" in error.message
    assert "2 titles" in error.message


def test_rows_without_labels_are_told_as_that(tmp_path):
    error = refusal(labels(tmp_path / "t.csv", rows=["1.png,", "2.png,"]))
    assert error.code == "table_without_labels"
    assert "The column “label”" in error.message
    assert "--label-column" in error.next_step


def test_the_next_step_fits_what_is_wrong(tmp_path):
    error = refusal(labels(tmp_path / "t.csv", rows=["https://example.org/1.png,a"] * 2))
    assert error.code == "table_rows"
    assert "an address of the network" in error.message
    assert error.next_step.startswith("Download the pictures")


def test_one_number_written_in_two_ways_is_said(tmp_path):
    listing = open_source(labels(tmp_path / "t.csv", rows=["1.png,1", "2.png,1.0", "3.png,0"]))
    assert any("1, 1.0" in note for note in listing.notes)


def test_excels_own_first_line_is_obeyed(tmp_path):
    path = labels(tmp_path / "t.csv", head="sep=;\npath;label", rows=["1.png;a,b", "9.png;c"])
    listing = open_source(path)
    assert listing.labels == ("a,b",)
    assert "Line 4 of t.csv" in listing.skipped[0].message


# Files


def test_two_files_that_are_as_near_are_named_and_neither_is_taken(tmp_path):
    zoo.pictures(tmp_path, ["red/1.jpg", "blue/1.jpg", "red/2.jpg"])
    rows = [("1", "a"), ("2", "b")]
    listing = open_source(zoo.write_csv(tmp_path / "t.csv", ("path", "label"), rows))
    assert listing.names == ("red/2.jpg",)
    assert [each.code for each in listing.skipped] == ["row_file_ambiguous"]
    assert "blue/1.jpg, red/1.jpg" in listing.skipped[0].message
    listing = open_source(tmp_path / "t.csv", table=TableOptions(images=tmp_path / "blue"))
    assert listing.names == ("1.jpg",)


def test_the_folder_called_as_the_table_is_comes_first(tmp_path):
    zoo.pictures(tmp_path, ["train/1.jpg", "test/1.jpg"])
    for name in ("train", "test"):
        path = zoo.write_csv(tmp_path / f"{name}_labels.csv", ("id", "label"), [("1", "a")])
        assert open_source(path).names == (f"{name}/1.jpg",)


def test_another_picture_of_that_name_in_another_folder_is_not_near(tmp_path):
    zoo.pictures(tmp_path, ["dog/1.jpg", "2.jpg"])
    rows = [("cat/1.jpg", "a"), ("cat/2.jpg", "b"), ("dog/1.jpeg", "c")]
    listing = open_source(zoo.write_csv(tmp_path / "t.csv", ("path", "label"), rows))
    assert listing.names == ("dog/1.jpg",)
    assert [each.code for each in listing.skipped] == ["row_file_missing"] * 2


def test_images_and_ending_are_taken_as_they_are_given(tmp_path):
    zoo.pictures(tmp_path / "photos", ["a/1.png", "a/2.png"])
    rows = [("a/1", "x"), ("../../photos/a/2", "y"), ("../../t/secret", "z")]
    path = zoo.write_csv(tmp_path / "t" / "u" / "t.csv", ("path", "label"), rows)
    given = TableOptions(images=tmp_path / "photos", ending="png")
    listing = open_source(path, table=given)
    assert listing.names == ("a/1.png", "a/2.png")
    assert [each.code for each in listing.skipped] == ["row_path_outside"]
    assert refusal(path, images=tmp_path / "no").code == "images_missing"
    assert refusal(path, ending="/etc/passwd").code == "bad_ending"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_whole_paths_are_taken_below_the_folder_alone(tmp_path):
    zoo.pictures(tmp_path, ["in/1.png", "out/2.png"])
    (tmp_path / "link").symlink_to("in")
    (tmp_path / "in" / "away.png").symlink_to(tmp_path / "out" / "2.png")
    rows = [
        (tmp_path / "in" / "1.png", "a"),
        (tmp_path / "link" / "1.png", "b"),
        (f"file://{tmp_path}/out/../in/1.png", "c"),
        (tmp_path / "out" / "2.png", "d"),
        (tmp_path / "in" / "away.png", "e"),
        ("/etc/passwd", "f"),
    ]
    listing = open_source(zoo.write_csv(tmp_path / "in" / "t.csv", ("path", "label"), rows))
    assert listing.labels == ("a", "b", "c")
    codes = [each.code for each in listing.skipped]
    assert codes == ["row_path_outside", "link_outside", "row_path_outside"]


def test_whole_paths_of_another_machine_end_in_a_folder_and_a_file(tmp_path):
    root = tmp_path / "set"
    zoo.pictures(root, ["a/1.png", "b/1.png", "2.png", "3.png"])
    rows = [
        ("/kaggle/input/set/a/1.png", "x"),
        (r"C:\Users\me\B\1.PNG", "y"),
        ("/data/set/2.png", "z"),
        ("/data/other/3.png", "w"),
        ("/data/c/1.png", "v"),
        ("../elsewhere/set/2.png", "u"),
    ]
    with_slash = zoo.write_csv(root / "t.csv", ("path", "label"), rows)
    listing = open_source(with_slash)
    assert listing.names == ("a/1.png", "b/1.png", "2.png")
    assert listing.labels == ("x", "y", "z")
    assert [each.code for each in listing.skipped] == ["row_path_outside"] * 3


# Tables beside pictures


def test_several_tables_are_named_with_what_to_type(tmp_path):
    folder = tmp_path / "my photos"
    zoo.pictures(folder, ["train/1.jpg", "train/2.jpg", "test/3.jpg"])
    head = ("file", "label")
    zoo.write_csv(folder / "test.csv", head, [("3.jpg", "a")])
    zoo.write_csv(folder / "train.csv", head, [("1.jpg", "a"), ("2.jpg", "b")])
    error = refusal(folder)
    assert error.code == "tables_beside"
    command = f"`imagier train '{folder}/train.csv' --test '{folder}/test.csv'`"
    assert sys.platform == "win32" or command in error.next_step


def test_a_table_above_the_given_folder_is_named(tmp_path):
    zoo.competition(tmp_path)
    error = refusal(tmp_path / "train")
    assert error.code == "table_above"
    assert f"imagier train {tmp_path}/labels.csv" in error.next_step


def test_a_table_that_cannot_serve_is_told_with_its_reason(tmp_path):
    zoo.pictures(tmp_path, ["images/1.jpg", "images/2.jpg"])
    rows = [("1.jpg", "one thing"), ("2.jpg", "another")]
    zoo.write_csv(tmp_path / "captions.csv", ("file_name", "text"), rows)
    error = refusal(tmp_path)
    assert error.code == "table_beside_unusable"
    assert "captions.csv" in error.message
    assert "no column for “label”" in error.message
    assert "--label-column" in error.next_step
    listing = open_source(tmp_path, table=TableOptions(label_column="text"))
    assert listing.labels == ("one thing", "another")


def test_class_folders_go_before_a_table(tmp_path):
    zoo.pictures(tmp_path, ["cat/1.jpg", "dog/2.jpg"])
    zoo.write_csv(tmp_path / "t.csv", ("file", "label"), [("cat/1.jpg", "x"), ("dog/2.jpg", "y")])
    assert open_source(tmp_path).classes == ("cat", "dog")
    assert open_source(tmp_path, group="label").classes == ("x", "y")


def test_options_for_tables_need_a_table(tmp_path):
    zoo.pictures(tmp_path, ["cat/1.jpg", "dog/2.jpg"])
    for source in (tmp_path, tmp_path / "cat" / "1.jpg", "digits"):
        assert refusal(source, ending=".jpg").code == "option_needs_table"
    with pytest.raises(UsageError) as caught:
        open_source(tmp_path, label_from=r"(\d)", table=TableOptions(ending=".jpg"))
    assert caught.value.code == "label_from_needs_files"


# Spreadsheets


def test_a_spreadsheet_is_called_one_whatever_its_name(tmp_path):
    import zipfile

    def pack(name, *members):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for member in members:
                content = b"application/vnd.oasis.opendocument.spreadsheet"
                archive.writestr(member, content)
        return tmp_path / name

    office = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/media/image1.png")
    assert refusal(pack("a.xlsx", *office)).code == "source_spreadsheet"
    assert refusal(pack("b.zip", *office)).code == "source_spreadsheet"
    assert refusal(pack("c.csv", *office)).code == "table_spreadsheet"
    assert refusal(pack("d.ods", "mimetype", "content.xml")).code == "source_spreadsheet"
    word = ("[Content_Types].xml", "word/document.xml", "word/media/image1.png")
    assert refusal(pack("e.docx", *word)).code == "source_document"
    (tmp_path / "f.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500))
    assert refusal(tmp_path / "f.xls").code == "source_spreadsheet"


def test_a_spreadsheet_beside_pictures_is_named(tmp_path):
    zoo.pictures(tmp_path, ["1.jpg", "2.jpg"])
    (tmp_path / "names.xlsx").write_bytes(b"PK\x03\x04")
    error = refusal(tmp_path)
    assert isinstance(error, DataError)
    assert error.code == "table_beside_unusable"
    assert "CSV UTF-8" in error.next_step
