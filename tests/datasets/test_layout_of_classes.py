from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.datasets.parts import PART_NAMES, part_of
from imagier.datasets.sources.layout import arrange
from imagier.datasets.sources.tree import Finds
from imagier.errors import DataError
from imagier.i18n import use_language


def lay_out(*files, **facts):
    folders = {"": []}
    for file in files:
        folder, _, name = file.rpartition("/")
        folders.setdefault(folder, []).extend([name] if name else [])
    return arrange(Finds(files=folders), path="photos", **facts)


def by_name(layout):
    rows = zip(layout.names, layout.labels, layout.parts, strict=True)
    return {name: (label, part) for name, label, part in rows}


def test_the_first_folder_is_the_class():
    layout = lay_out("cat/1.png", "cat/garden/2.png", "dog/3.png")
    assert by_name(layout) == {
        "cat/1.png": ("cat", ""),
        "cat/garden/2.png": ("cat", ""),
        "dog/3.png": ("dog", ""),
    }


def test_part_folders_hold_the_classes():
    layout = lay_out("TEST/cat/1.png", "valid/cat/2.png", "training/dog/in/3.png")
    assert by_name(layout) == {
        "training/dog/in/3.png": ("dog", "train"),
        "valid/cat/2.png": ("cat", "validation"),
        "TEST/cat/1.png": ("cat", "test"),
    }
    assert layout.parts == ("train", "validation", "test")  # in that order


def test_a_lone_part_is_looked_through():
    layout = lay_out("train/cat/1.png", "train/dog/2.png")
    assert layout.parts == ("", "")
    assert "train" in layout.notes[0]


def test_a_part_left_empty_does_not_make_parts():
    layout = lay_out("train/cat/1.png", "train/dog/2.png", "test/")
    assert layout.parts == ("", "")


def test_parts_inside_an_outer_folder_are_found():
    layout = lay_out("data/train/cat/1.png", "data/train/dog/1.png", "data/test/cat/2.png")
    assert layout.parts == ("train", "train", "test")


def test_empty_class_folders_are_noted_and_are_no_classes():
    with use_language("en"):
        layout = lay_out("cat/1.png", "dog/2.png", "bird/", "hen/coop/")
    assert set(layout.labels) == {"cat", "dog"}
    assert "bird, hen" in layout.notes[0]


@pytest.mark.parametrize("files", [["cat/1.png", "dog/1.png"], ["train/cat/1.png", "train/dog/1"]])
def test_pictures_beside_the_classes_are_named(files):
    root = files[0].rpartition("cat")[0]
    layout = lay_out(*files, f"{root}9.png", f"{root}remarks")
    assert [(each.path, each.code) for each in layout.skipped] == [
        (f"{root}9.png", "picture_without_class")
    ]
    assert any("remarks" in note for note in layout.notes)


def test_labels_are_written_in_one_way():
    layout = lay_out("e\u0301te\u0301/1.png", " dog /2.png", "caf\udce9/3.png")
    assert set(layout.labels) == {"été", "dog", "caf\\xe9"}
    assert "e\u0301te\u0301/1.png" in layout.names  # the file keeps its own spelling


def test_the_refusal_shows_what_differs():
    with use_language("en"), pytest.raises(DataError) as caught:
        lay_out("\u00e9/1.png", "e\u0301/1.png")
    assert r"'\xe9'" in caught.value.message
    with use_language("en"), pytest.raises(DataError) as caught:
        lay_out("train/Cat/1.png", "test/cat/1.png")
    assert "Cat and cat" in caught.value.message


def test_flat_pictures_are_counted_and_the_remedy_is_told():
    with use_language("en"), pytest.raises(DataError) as caught:
        lay_out(*(f"{number}.jpg" for number in range(1214)))
    assert "photos holds 1,214 pictures and no sub-folders" in caught.value.message
    assert "photos/cat/1.jpg" in caught.value.next_step


@pytest.mark.parametrize("spelling", [name for names in PART_NAMES.values() for name in names])
def test_every_spelling_of_a_part_is_known(spelling):
    part = next(part for part, names in PART_NAMES.items() if spelling in names)
    assert (
        part_of(spelling) == part_of(spelling.upper()) == part_of(f" {spelling.title()} ") == part
    )
    assert spelling in part_of.__doc__


names = st.sampled_from(["cat", "dog", "Cat", "train", "test", "val", "a", "b"])
paths = st.lists(names, max_size=4).map("/".join)
trees = st.dictionaries(paths, st.lists(st.sampled_from(["1.png", "2.jpg", "x"]), unique=True))


@given(trees)
def test_every_picture_is_listed_once_or_named_or_the_tree_is_refused(tree):
    finds = Finds(files={"": [], **tree})
    try:
        layout = arrange(finds, path="photos")
    except DataError:
        return
    found = Counter(layout.names) + Counter(each.path for each in layout.skipped)
    assert set(found.values()) == {1}
    pictures = {f"{folder}/{name}".lstrip("/") for folder in tree for name in tree[folder]}
    assert {name for name in pictures if not name.endswith("x")} <= set(found) <= pictures
    for name, label in zip(layout.names, layout.labels, strict=True):
        assert label in name.split("/")[:-1]
