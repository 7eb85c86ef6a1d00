import os
import sys
import tracemalloc
from pathlib import Path

import pytest

from imagier.datasets.sources.folder import open_folder
from imagier.errors import DataError, PictureError
from imagier.files import content_hash
from imagier.i18n import use_language


@pytest.fixture
def photos(zoo, tmp_path):
    return zoo.write_tree(tmp_path / "photos", ["cat/1.png", "cat/2.png", "dog/3.png"])


def test_a_folder_is_listed_with_its_classes(photos):
    listing = open_folder(photos)
    assert listing.name == "photos"
    assert listing.names == ("cat/1.png", "cat/2.png", "dog/3.png")
    assert listing.labels == ("cat", "cat", "dog")
    assert listing.parts == listing.groups == ("", "", "")
    assert listing.full_scale == 255
    picture = listing.pictures.decode(2, listing.pictures.read(2))
    assert (picture.format, picture.pixels.shape) == ("PNG", (6, 5, 3))


def test_a_model_among_the_folders_is_no_class(photos, zoo):
    zoo.write_tree(photos, ["any name/golden/0.png", "like/golden/0.png"])
    for name in ("model.json", "model.onnx"):
        (photos / "any name" / name).write_bytes(b"x")
    listing = open_folder(photos)
    assert set(listing.labels) == {"cat", "dog", "like"}
    assert any(".imagier × 1" in note for note in listing.notes)


def test_the_same_bytes_have_the_same_hash(photos):
    (photos / "dog" / "4.png").write_bytes((photos / "cat" / "1.png").read_bytes())
    listing = open_folder(photos)
    hashes = [content_hash(listing.pictures.read(index)) for index in range(4)]
    assert hashes[0] == hashes[3]
    assert len(set(hashes)) == 3


def test_the_current_folder_has_its_own_name(photos, monkeypatch):
    monkeypatch.chdir(photos)
    assert open_folder(Path()).name == "photos"


def test_a_picture_that_vanishes_is_an_error_of_that_picture(photos):
    listing = open_folder(photos)
    (photos / "cat" / "1.png").unlink()
    with pytest.raises(PictureError) as caught:
        listing.pictures.decode(0, listing.pictures.read(0))
    assert caught.value.code == "missing"
    assert listing.pictures.decode(1, listing.pictures.read(1)).format == "PNG"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_are_read_through_their_targets(photos):
    (photos / "bird").mkdir()
    (photos / "bird" / "linked.png").symlink_to("../cat/1.png")
    listing = open_folder(photos)
    assert listing.names[0] == "bird/linked.png"
    assert content_hash(listing.pictures.read(0)) == content_hash(listing.pictures.read(1))


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_folder_reached_by_a_link_itself_is_read(photos, tmp_path):
    (tmp_path / "link").symlink_to("photos")
    listing = open_folder(tmp_path / "link")
    assert len(listing) == 3
    assert listing.pictures.decode(0, listing.pictures.read(0)).format == "PNG"


def test_a_folder_that_cannot_be_read_is_named(photos, monkeypatch):
    scan = os.scandir

    def refuse(path):
        if os.fspath(path).endswith("dog"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with use_language("en"):
        listing = open_folder(photos)
    assert listing.labels == ("cat", "cat")
    assert [(each.path, each.code) for each in listing.skipped] == [("dog", "folder_unreadable")]
    assert "Permission denied" in listing.skipped[0].message


def test_a_root_that_cannot_be_read_is_refused(photos, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError) as caught:
        open_folder(photos)
    assert caught.value.code == "folder_unreadable"


def test_clutter_is_counted_by_kind(photos):
    for name in ("cat/Thumbs.db", "dog/Thumbs.db", "dog/remarks.txt", ".hidden"):
        (photos / name).write_bytes(b"x")
    with use_language("en"):
        (note,) = open_folder(photos).notes
    assert note.startswith("4 files")
    assert "Thumbs.db × 2" in note
    assert ".txt × 1" in note


def test_what_could_be_meant_is_shown_where_there_are_no_classes(zoo, tmp_path):
    flat = zoo.write_tree(tmp_path / "flat", {"1.png": zoo.png(), "labels.csv": b"path,label\n"})
    with use_language("en"), pytest.raises(DataError) as caught:
        open_folder(flat)
    with use_language("en"):
        assert "Did you mean “" in caught.value.message
        assert "flat/labels.csv”?" in caught.value.message


def test_a_large_folder_costs_little_memory(photos):
    """Only names are kept: 20,000 files stay within 300 bytes each."""
    for number in range(20_000):
        (photos / "dog" / f"picture-{number:06}.png").touch()
    tracemalloc.start()
    listing = open_folder(photos)
    current, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(listing) == 20_003
    assert current / 20_000 < 300


@pytest.fixture
def store(zoo, tmp_path):
    return zoo.write_tree(tmp_path / "store", ["cat/1.png", "cat/2.png", "dog/3.png"])


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_out_of_the_folder_are_followed_when_asked(store, tmp_path):
    links = tmp_path / "links"
    (links / "cat").mkdir(parents=True)
    (links / "cat" / "1.png").symlink_to(store / "cat" / "1.png")
    (links / "dog").symlink_to(store / "dog")
    with use_language("en"), pytest.raises(DataError) as caught:
        open_folder(links)
    assert "2 links lead out of the folder" in caught.value.message
    assert "--follow-links" in caught.value.message
    listing = open_folder(links, follow_links=True)
    assert dict(zip(listing.names, listing.labels, strict=True)) == {
        "cat/1.png": "cat",
        "dog/3.png": "dog",
    }
    for index in range(2):
        assert listing.pictures.decode(index, listing.pictures.read(index)).format == "PNG"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_class_lost_behind_a_link_is_said(photos, store):
    (photos / "bird").symlink_to(store / "cat")
    with use_language("en"):
        (note,) = open_folder(photos).notes
    assert note.startswith("1 link leads out of the folder (bird)")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_that_are_followed_lead_into_no_circle(photos, tmp_path):
    (photos / "up").symlink_to(tmp_path)
    listing = open_folder(photos, follow_links=True)
    assert "link_loop" in {each.code for each in listing.skipped}
    assert len(listing) == 3


def test_the_folder_of_one_class_points_to_the_one_above(photos, monkeypatch):
    with use_language("en"), pytest.raises(DataError) as caught:
        open_folder(photos / "cat")
    assert caught.value.code == "class_folder_given"
    assert "beside dog" in caught.value.message
    assert os.fspath(photos) in caught.value.next_step
    monkeypatch.chdir(photos.parent)
    with pytest.raises(DataError) as caught:
        open_folder(Path("photos/dog"))
    assert " photos," in caught.value.next_step


def test_pictures_without_neighbours_are_just_flat(zoo, tmp_path):
    flat = zoo.write_tree(tmp_path / "alone" / "flat", ["1.png"])
    zoo.write_tree(tmp_path / "alone" / "texts", {"a.txt": b"a"})
    with pytest.raises(DataError) as caught:
        open_folder(flat)
    assert caught.value.code == "no_class_folders"
