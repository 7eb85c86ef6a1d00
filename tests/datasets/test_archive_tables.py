"""A table packed with its pictures: read as in the folder that the archive would unpack to."""

import zipfile

import pytest

from imagier.datasets import TableOptions, open_source
from imagier.errors import ImagierError, UsageError
from imagier.i18n import use_language
from tests.datasets import table_zoo as zoo


@pytest.fixture(autouse=True)
def english():
    with use_language("en"):
        yield


def pack(path, **files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def pictures(folder, count=4, ending=".png"):
    return {f"{folder}{n}{ending}": zoo.picture(n) for n in range(count)}


def table(rows, head="path,label"):
    return "\n".join([head, *rows]) + "\n"


def refusal(source, **options):
    with pytest.raises(ImagierError) as caught:
        open_source(source, table=TableOptions(**options))
    return caught.value


PACKED = [(kind, "data/") for kind in zoo.LAYOUTS if kind != "whole paths"]


@pytest.mark.parametrize(("kind", "outer"), [*PACKED, ("a competition", ""), ("crosses", "")])
def test_every_layout_is_read_packed_as_it_is_unpacked(kind, outer, tmp_path):
    write, classes = zoo.LAYOUTS[kind]
    found = write(tmp_path / "open")
    root = found if found.is_dir() else found.parent
    files = {
        outer + path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
    listing = open_source(pack(tmp_path / "a.zip", **files))
    assert listing.classes == classes
    assert listing.name == "a"
    assert len(listing) == zoo.N
    assert "the labels were read from" in listing.notes[0]
    for index in (0, zoo.N - 1):
        assert listing.pictures.read(index) == zoo.picture(index)


def test_class_folders_go_before_a_table(tmp_path):
    files = pictures("cat/", 2) | pictures("dog/", 2) | {"t.csv": table(["cat/0.png,a"])}
    assert open_source(pack(tmp_path / "a.zip", **files)).classes == ("cat", "dog")


def test_options_of_tables_serve_for_a_packed_one(tmp_path):
    rows = ["0,cat,x", "1,dog,y", "2,cat,x"]
    files = pictures("cat/", 3) | pictures("dog/", 0) | {"t.csv": table(rows, "n,kind,who")}
    path = pack(tmp_path / "a.zip", **files)
    options = {"path_column": "n", "label_column": "kind", "group": "who", "ending": ".png"}
    listing = open_source(path, table=TableOptions(**options))
    assert (listing.labels, listing.groups) == (("cat", "dog", "cat"), ("x", "y", "x"))
    assert refusal(path, images=tmp_path).code == "option_needs_table"
    bare = pack(tmp_path / "b.zip", **pictures("cat/"), **pictures("dog/"))
    assert isinstance(refusal(bare, label_column="kind"), UsageError)


def test_of_two_tables_none_is_taken_and_forms_to_fill_in_never(tmp_path):
    rows = [f"images/{n}.png,{'ab'[n % 2]}" for n in range(4)]
    files = pictures("images/") | {"one.csv": table(rows), "sample_submission.csv": table(rows)}
    assert open_source(pack(tmp_path / "a.zip", **files)).classes == ("a", "b")
    error = refusal(pack(tmp_path / "b.zip", **files, **{"two.csv": table(rows)}))
    assert error.code == "tables_in_archive"
    assert "one.csv, two.csv" in error.message


def test_a_packed_table_that_cannot_serve_is_said(tmp_path):
    files = pictures("images/") | {"t.csv": table(["images/9.png,a", "../0.png,b", "/etc/x,c"])}
    error = refusal(pack(tmp_path / "a.zip", **files))
    assert error.code == "table_beside_unusable"
    assert "names images/9.png, which is not there" in error.message


def test_no_command_names_what_is_packed(tmp_path):
    error = refusal(pack(tmp_path / "a.zip", **{"a.parquet": b"PAR1", "b.txt": "1"}))
    assert error.code == "no_pictures"
    assert "imagier train" not in error.message
