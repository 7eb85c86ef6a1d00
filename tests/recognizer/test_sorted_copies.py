"""Pictures copied into folders of their predicted names: never moved, never replaced."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import MachineError, PictureError
from imagier.i18n import use_language
from imagier.recognizer import Prediction
from imagier.recognizer.sorted_copies import SortedCopies, folder_names


@pytest.fixture
def pictures(tmp_path):
    for name, content in (("a.jpg", b"one"), ("sub/a.jpg", b"two"), ("b.jpg", b"three")):
        file = tmp_path / "in" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return tmp_path / "in"


def sort(folder, named, *, abstained=(), strangers=(), classes=("cat", "dog")):
    copies = SortedCopies(folder, classes, unsure="not sure", stranger="neither")
    paths = [path if isinstance(path, PictureError) else str(path) for path in named]
    answers = [
        Prediction(
            path=str(path),
            label=label,
            probability=0.9,
            abstained=path in abstained,
            stranger=path in strangers,
        )
        for path, label in named.items()
    ]
    list(copies.record(paths))
    assert list(copies.copy(answers)) == answers
    return copies


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_copies_and_the_pictures_stay(pictures, tmp_path):
    before = contents(pictures)
    copies = sort(tmp_path / "out", {pictures / "a.jpg": "cat", pictures / "b.jpg": "dog"})
    assert contents(tmp_path / "out") == {"cat/a.jpg": b"one", "dog/b.jpg": b"three"}
    assert contents(pictures) == before
    assert copies.copied == {"cat": 1, "dog": 1}


def test_what_has_none_of_the_names_is_not_among_them(pictures, tmp_path):
    giraffe, dog = pictures / "a.jpg", pictures / "b.jpg"
    copies = sort(
        tmp_path / "out",
        {giraffe: "cat", dog: "dog"},
        abstained=[giraffe],
        strangers=[giraffe],
        classes=("cat", "dog", "Neither"),
    )
    assert contents(tmp_path / "out") == {"neither (2)/a.jpg": b"one", "dog/b.jpg": b"three"}
    assert copies.copied == {"neither (2)": 1, "dog": 1}


def test_two_pictures_of_one_name_and_a_second_time(pictures, tmp_path):
    named = {pictures / "a.jpg": "cat", pictures / "sub" / "a.jpg": "cat"}
    sort(tmp_path / "out", named)
    first = contents(tmp_path / "out")
    assert sorted(first.values()) == [b"one", b"two"]
    assert "cat/a.jpg" in first
    again = sort(tmp_path / "out", named)
    assert contents(tmp_path / "out") == first
    assert (again.copied, again.present) == ({}, 2)


def test_nothing_there_is_replaced(pictures, tmp_path):
    own = tmp_path / "out" / "cat" / "a.jpg"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"precious")
    (own.parent / "b.jpg").symlink_to(own)
    (own.parent / "c.jpg").symlink_to(tmp_path / "nowhere")
    (pictures / "c.jpg").write_bytes(b"four")
    sort(tmp_path / "out", dict.fromkeys(pictures.glob("*.jpg"), "cat"))
    assert own.read_bytes() == b"precious"
    assert not (tmp_path / "nowhere").exists()
    assert {b"one", b"three", b"four", b"precious"} <= set(contents(tmp_path / "out").values())


def test_without_hard_links(pictures, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    test_two_pictures_of_one_name_and_a_second_time(pictures, tmp_path)


def test_what_it_would_rather_not_say_and_what_was_not_read(pictures, tmp_path):
    named = {pictures / "a.jpg": "cat", pictures / "b.jpg": None, pictures / "gone.jpg": "dog"}
    copies = sort(tmp_path / "out", named, abstained={pictures / "a.jpg"})
    assert contents(tmp_path / "out") == {"not sure/a.jpg": b"one"}
    assert copies.vanished == 1


def test_a_class_called_as_the_folder_of_the_unsure(pictures, tmp_path):
    named = {pictures / "a.jpg": "not sure", pictures / "b.jpg": "not sure"}
    classes = ("not sure", "x")
    sort(tmp_path / "out", named, abstained={pictures / "a.jpg"}, classes=classes)
    assert contents(tmp_path / "out") == {
        "not sure (2)/a.jpg": b"one",
        "not sure/b.jpg": b"three",
    }


def test_the_time_of_a_copy_is_that_of_the_picture(pictures, tmp_path):
    os.utime(pictures / "a.jpg", ns=(10**18, 10**18))
    sort(tmp_path / "out", {pictures / "a.jpg": "cat"})
    assert (tmp_path / "out" / "cat" / "a.jpg").stat().st_mtime_ns == 10**18


def test_a_file_where_a_folder_should_be(pictures, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "cat").write_bytes(b"x")
    with pytest.raises(MachineError):
        sort(tmp_path / "out", {pictures / "a.jpg": "cat"})


SHARP = st.text(st.sampled_from(list("aA./\\:* ~-$`'\"\0\n\x1bé\u202e\ud800")), max_size=6)
RESERVED = st.sampled_from(["..", ".", "", "CON", "nul.txt", "com1", "a.", "a ", ".git", "x" * 400])


@given(st.lists(SHARP | RESERVED | st.text(), unique=True, max_size=8))
def test_every_name_has_a_folder_of_its_own_that_leads_nowhere_else(labels):
    names = folder_names(labels)
    assert len({name.casefold() for name in names}) == len(labels)
    for name in names:
        assert name
        assert not set(name) & set('/\\:*?"<>|\0\n\x1b')
        assert name[0] != "."
        assert name[-1] not in ". "
        assert len(name.encode("utf-8")) <= 230
        assert name.split(".")[0].upper() not in {"CON", "NUL", "COM1"}


def test_plain_names_stay():
    labels = ["cat", "été 🐈", "t-shirt", "7", "+", "日本"]
    assert folder_names(labels) == labels


def test_the_second_time_nothing_is_copied_and_said_so(pictures, tmp_path):
    named = {pictures / "a.jpg": "cat"}
    sort(tmp_path / "out", named)
    with use_language("fr"):
        said = " ".join(sort(tmp_path / "out", named).sentences())
    assert said.startswith("Aucune image n’a été copiée dans ")
    assert "1 image s’y trouvait déjà" in said
