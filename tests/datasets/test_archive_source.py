import io
import os
import struct
import warnings
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.datasets.sources import archive as archives
from imagier.datasets.sources.archive import open_archive
from imagier.datasets.sources.folder import open_folder
from imagier.errors import DataError, PictureError
from imagier.files import content_hash
from imagier.i18n import use_language


@pytest.fixture
def pack(zoo, tmp_path):
    def write(*names, name="photos.zip"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a name given twice
            (tmp_path / name).write_bytes(packed(zoo, *names))
        return tmp_path / name

    return write


def packed(zoo, *names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for seed, name in enumerate(names):
            archive.writestr(name, zoo.png(seed))
    return file.getvalue()


def test_a_zip_is_read_as_the_folder_it_was(pack, zoo, tmp_path):
    names = ["train/cat/1.png", "train/dog/2.png", "test/cat/3.png", "test/Thumbs.db", "test/x.png"]
    zipped = open_archive(pack(*names))
    folder = open_folder(zoo.write_tree(tmp_path / "photos", names))
    for attribute in ("name", "names", "labels", "parts", "groups", "skipped", "notes"):
        assert getattr(zipped, attribute) == getattr(folder, attribute), attribute
    for index in range(len(folder)):
        assert content_hash(zipped.pictures.read(index)) == content_hash(
            folder.pictures.read(index)
        )
        pixels = zipped.pictures.decode(index, zipped.pictures.read(index)).pixels
        assert (pixels == folder.pictures.decode(index, folder.pictures.read(index)).pixels).all()


def test_nothing_is_unpacked(pack, tmp_path):
    listing = open_archive(pack("cat/1.png", "dog/2.png"))
    listing.pictures.decode(0, listing.pictures.read(0))
    assert [path.name for path in tmp_path.iterdir()] == ["photos.zip"]


def test_a_name_given_twice_is_taken_once(pack):
    listing = open_archive(pack("cat/1.png", "dog/2.png", "cat/1.png"))
    assert listing.names == ("cat/1.png", "dog/2.png")
    assert [(each.path, each.code) for each in listing.skipped] == [("cat/1.png", "zip_name_twice")]


def test_a_damaged_member_is_an_error_of_that_picture(zoo, tmp_path):
    content = bytearray(packed(zoo, "cat/1.png", "dog/2.png"))
    content[60] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(content)
    pictures = open_archive(tmp_path / "a.zip").pictures
    with pytest.raises(PictureError) as caught:
        pictures.decode(0, pictures.read(0))
    assert caught.value.code == "zip_member_damaged"
    assert "cat/1.png" in caught.value.message
    assert pictures.decode(1, pictures.read(1)).format == "PNG"


def test_a_swollen_archive_is_refused_whole(pack, monkeypatch):
    path = pack("cat/1.png", "dog/2.png")
    monkeypatch.setattr(archives, "MAX_TOTAL", 200)
    with pytest.raises(DataError) as caught:
        open_archive(path)
    assert caught.value.code == "zip_too_large"


@pytest.mark.parametrize("lying", [False, True])
def test_members_are_counted_before_they_are_listed(pack, monkeypatch, lying):
    """Whatever the archive says of their number itself."""
    path = pack(*(f"cat/{number}.png" for number in range(9)), "dog/1.png")
    if lying:
        content = bytearray(path.read_bytes())
        struct.pack_into("<HH", content, len(content) - 14, 1, 1)
        path.write_bytes(content)
    monkeypatch.setattr(archives, "MAX_MEMBERS", 10)
    archives.open_zip(path).close()
    monkeypatch.setattr(archives, "MAX_MEMBERS", 9)
    monkeypatch.setattr(zipfile, "ZipInfo", None)
    with use_language("en"), pytest.raises(DataError) as caught:
        open_archive(path)
    assert caught.value.code == "zip_too_many"


def test_a_bomb_is_named_and_never_inflated(tmp_path, zoo):
    file = io.BytesIO(packed(zoo, "cat/1.png", "dog/2.png"))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cat/bomb.png", bytes(2**25))
        archive.writestr("cat/large.png", os.urandom(2**20) + bytes(2**20))  # swells, but little
    (tmp_path / "a.zip").write_bytes(file.getvalue())
    listing = open_archive(tmp_path / "a.zip")
    assert [(each.path, each.code) for each in listing.skipped] == [("cat/bomb.png", "zip_bomb")]
    assert "cat/large.png" in listing.names


@given(st.data())
def test_a_spoilt_archive_is_read_or_refused(zoo, tmp_path_factory, data):
    content = bytearray(packed(zoo, "cat/1.png", "dog/2.png"))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        listing = open_archive(path)
    except DataError:
        return
    for index in range(len(listing)):
        with suppress(PictureError):
            listing.pictures.decode(index, listing.pictures.read(index))
