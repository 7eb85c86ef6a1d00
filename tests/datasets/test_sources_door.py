import os
from pathlib import Path

import pytest

from imagier.datasets.sources.opening import open_source
from imagier.errors import DataError, UsageError
from imagier.i18n import use_language


def refusal(source, **facts):
    with use_language("en"), pytest.raises((DataError, UsageError)) as caught:
        open_source(source, **facts)
    return caught.value


def test_what_stands_on_the_disk_goes_before_a_name(zoo, tmp_path, monkeypatch):
    zoo.write_tree(tmp_path / "digits", ["cat/1.png", "dog/2.png"])
    assert len(open_source("digits")) == 1797
    monkeypatch.chdir(tmp_path)
    assert len(open_source("digits")) == 2
    assert len(open_source(Path("digits"))) == 2


def test_a_path_is_never_a_name():
    assert refusal(Path("digits")).code == "source_missing"


@pytest.mark.parametrize(
    ("typed", "meant"), [("digit", "digits"), ("minst", "mnist"), ("photo", "photos")]
)
def test_a_near_name_is_suggested(tmp_path, monkeypatch, typed, meant):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    error = refusal(typed)
    with use_language("en"):
        assert error.message.endswith(f"Did you mean “{meant}”?")


def test_a_near_name_beside_a_path_is_suggested(tmp_path):
    (tmp_path / "photos").mkdir()
    error = refusal(tmp_path / "photso")
    with use_language("en"):
        assert f"“{tmp_path / 'photos'}”" in error.message


def test_a_far_name_is_not_suggested(tmp_path):
    (tmp_path / "photos").mkdir()
    error = refusal(tmp_path / "xyz")
    with use_language("en"):
        assert "Did you mean" not in error.message


def test_the_empty_name_is_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert refusal("").code == "source_missing"


@pytest.mark.parametrize("source", ["digits", "folder"])
def test_groups_need_a_table(tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    assert refusal(source, group="writer").code == "option_needs_table"


def test_a_file_is_told_by_its_content_where_its_name_says_little(zoo, tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "photos.cbz", "w") as archive:
        archive.writestr("cat/1.png", zoo.png())
        archive.writestr("dog/2.png", zoo.png(1))
    assert open_source(tmp_path / "photos.cbz").classes == ("cat", "dog")


def test_a_table_may_hold_groups(zoo, tmp_path):
    zoo.write_tree(tmp_path, {"1.png": zoo.png(), "t.csv": b"path,label,who\n1.png,cat,anna\n"})
    assert open_source(tmp_path / "t.csv", group="who").groups == ("anna",)


def test_what_the_system_refuses_is_told(tmp_path, monkeypatch):
    path = tmp_path / "set.npz"
    path.write_bytes(b"x")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    error = refusal(path)
    assert error.code == "source_unreadable"
    with use_language("en"):
        assert "Permission denied" in error.message
