from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.datasets.parts import PART_NAMES, part_of
from imagier.datasets.sources.layout import arrange
from imagier.datasets.sources.tree import Finds
from imagier.errors import DataError, UsageError
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


def test_parts_are_known_by_their_usual_names():
    layout = lay_out(
        *("seg_train/seg_train/sea/1.png", "seg_train/seg_train/wood/2.png"),
        *("seg_test/seg_test/sea/3.png", "seg_test/seg_test/wood/4.png"),
    )
    assert by_name(layout)["seg_train/seg_train/sea/1.png"] == ("sea", "train")
    assert by_name(layout)["seg_test/seg_test/wood/4.png"] == ("wood", "test")


def test_a_class_that_fills_a_part_is_not_looked_through():
    layout = lay_out(
        "train/cat/1.png", "train/dog/2.png", "test/cat/in/3.png", "test/cat/out/4.png"
    )
    assert by_name(layout)["test/cat/in/3.png"] == ("cat", "test")


def test_pictures_without_names_beside_the_parts_are_left_out_and_said():
    files = (
        "train/n1/images/1.png",
        "train/n2/images/2.png",
        "val/images/3.png",
        "val/images/4.png",
    )
    with use_language("en"):
        layout = lay_out(*files)
    assert set(layout.labels) == {"n1", "n2"}
    assert layout.parts == ("", "")
    assert [each.path for each in layout.skipped] == ["val/images/3.png", "val/images/4.png"]
    assert any(note.startswith("val holds 2 pictures") for note in layout.notes)


def test_a_table_among_pictures_without_names_is_named():
    finds = Finds(files={"train/cat": ["1.png"], "train/dog": ["2.png"], "val/images": ["3.png"]})
    assert finds.passes_over("val/val_annotations.txt")
    with use_language("en"):
        notes = arrange(finds, path="tiny").notes
    assert any("`--test tiny/val/val_annotations.txt`" in note for note in notes)


def test_flat_parts_are_never_learnt_as_classes():
    with use_language("en"), pytest.raises(DataError) as caught:
        lay_out("train2017/1.png", "val2017/2.png")
    assert caught.value.code == "parts_without_classes"
    assert "train2017, val2017" in caught.value.message


def test_names_of_files_that_tell_the_classes_are_seen():
    cats = [f"train/{name}.{number}.png" for name in ("cat", "dog") for number in range(3)]
    with use_language("en"), pytest.raises(DataError) as caught:
        lay_out(*cats, "test1/8.png", "test1/9.png")
    assert "(cat, dog): add --label-from '^([A-Za-z]+)'" in caught.value.message


def test_what_to_test_on_is_proposed():
    with use_language("en"), pytest.raises(DataError) as caught:
        lay_out("train/cat/1.png", "train/dog/1.png", "my photos/cat/1.png", "my photos/dog/2.png")
    assert caught.value.code == "parts_and_classes"
    assert "photos/train --test 'photos/my photos'" in caught.value.next_step


@pytest.mark.parametrize(
    "folders",
    [("cat/images", "dog/images"), ("cat/2019", "cat/2020", "dog/2019"), ("cat/cat", "dog/dog")],
)
def test_the_folder_above_is_the_class(folders):
    layout = lay_out(*(f"{folder}/1.png" for folder in folders))
    assert set(layout.labels) == {"cat", "dog"}
    assert layout.notes == ()


def test_inner_folders_that_could_be_classes_are_said_with_the_way_to_take_them():
    files = ("animals/cat/1.png", "animals/dog/2.png", "plants/oak/3.png")
    with use_language("en"):
        (note,) = lay_out(*files).notes
    assert "cat, dog, oak" in note
    layout = lay_out(*files, label_from="([^/]+)/[^/]+$")
    assert layout.labels == ("cat", "dog", "oak")


def test_names_tell_classes_and_folders_the_parts():
    files = ("train/cat.1.png", "train/dog.2.png", "train/3.png", "test1/cat.4.png")
    with use_language("en"):
        layout = lay_out(*files, label_from=r"^([a-z]+)\.")
    assert by_name(layout) == {
        "train/cat.1.png": ("cat", "train"),
        "train/dog.2.png": ("dog", "train"),
        "test1/cat.4.png": ("cat", "test"),
    }
    assert [(each.path, each.code) for each in layout.skipped] == [
        ("train/3.png", "label_unmatched")
    ]
    assert "1 picture" in layout.notes[0]


def test_a_pattern_that_finds_no_class_is_refused():
    with pytest.raises(UsageError) as caught:
        lay_out("1.png", "2.png", label_from="^([a-z]+)_")
    assert caught.value.code == "label_pattern_unmatched"


def test_letters_large_and_small_are_classes_and_words_are_not():
    with use_language("en"):
        layout = lay_out("A/1.png", "a/2.png")
    assert layout.labels == ("A", "a")
    assert "A/a" in layout.notes[0]
    with pytest.raises(DataError):
        lay_out("Cat/1.png", "cat/2.png")


def test_of_several_tables_the_one_that_names_pictures_is_told():
    finds = Finds(files={"train": ["1.png"], "test": ["2.png"]})
    for table in ("sample_submission.csv", "a.csv", "train_labels.csv", "test.csv"):
        assert finds.passes_over(table)
    with use_language("en"), pytest.raises(DataError) as caught:
        arrange(finds, path="photos")
    assert "`imagier train photos/train_labels.csv`" in caught.value.message


def test_folders_called_after_kinds_of_files_are_no_classes():
    with use_language("en"), pytest.raises(DataError) as caught:
        lay_out("JPEGImages/1.png", "Annotations/2.png")
    assert caught.value.code == "folders_of_files"
    assert set(lay_out("mask/1.png", "labels/2.png").labels) == {"mask", "labels"}


def test_a_folder_to_test_with_among_classes_is_asked_about():
    with pytest.raises(DataError) as caught:
        lay_out("cat/1.png", "dog/2.png", "test/3.png")
    assert caught.value.code == "test_among_classes"
    with use_language("en"), pytest.raises(DataError) as caught:
        lay_out("cat/1.png", "dog/2.png", "test/cat/3.png", "test/dog/4.png")
    with use_language("en"):
        assert "Put cat, dog into a folder called train" in caught.value.next_step


def test_a_set_inside_itself_is_left_out_and_said():
    copies = [f"{root}train/{name}/1.png" for root in ("", "set/") for name in ("cat", "dog")]
    with use_language("en"):
        layout = lay_out(*copies, "test/cat/2.png", "set/test/cat/2.png")
    assert set(layout.names) == {"train/cat/1.png", "train/dog/1.png", "test/cat/2.png"}
    assert any(note.startswith("set holds parts of its own") for note in layout.notes)


def test_pictures_of_every_part_in_a_folder_called_images_have_no_class():
    with pytest.raises(DataError) as caught:
        lay_out("train/images/1.png", "valid/images/2.png")
    assert caught.value.code == "parts_without_classes"


def test_a_table_called_as_the_folder_is_named():
    finds = Finds(files={"Train/0": ["1.png"], "Train/1": ["2.png"], "Test": ["3.png"]})
    for table in ("Meta.csv", "Test.csv", "Train.csv"):
        assert finds.passes_over(table)
    with use_language("en"):
        notes = arrange(finds, path="signs").notes
    assert any("`--test signs/Test.csv`" in note for note in notes)


def test_pieces_of_a_set_are_no_classes():
    with use_language("en"):
        with pytest.raises(DataError) as caught:
            lay_out("set_part_1/1.png", "set_part_2/2.png")
        assert caught.value.code == "folders_of_pieces"
        with pytest.raises(DataError) as caught:
            lay_out("fold1/cat/1.png", "fold1/dog/2.png", "fold2/cat/3.png", "fold2/dog/4.png")
        assert "may be the folders in them (cat, dog): add --label-from" in caught.value.message
