"""Only whole regular files are read; nothing blocks."""

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from imagier.errors import PictureError
from imagier.images import MAX_BYTES, read_bytes
from imagier.images import opening as opening_module


def refusal(path):
    with pytest.raises(PictureError) as caught:
        read_bytes(path)
    assert caught.value.message
    assert caught.value.next_step
    return caught.value.code


def test_a_file_is_read_whole(tmp_path):
    content = os.urandom(100_000)
    (tmp_path / "a").write_bytes(content)
    assert read_bytes(tmp_path / "a") == content


def test_what_is_no_file_is_refused_at_once(zoo, tmp_path):
    for entry in zoo.write_special_files(tmp_path / "zoo"):
        assert refusal(tmp_path / "zoo" / entry.name) == entry.code
    if Path("/dev/zero").exists():
        assert refusal(Path("/dev/zero")) == "not_a_file"


@pytest.mark.parametrize("name", ["nothing", "nul\0name", "n" * 300, "file/inside"])
def test_what_is_not_there(tmp_path, name):
    (tmp_path / "file").write_bytes(b"x")
    assert refusal(tmp_path / name) == "missing"


def test_empty_and_large_files(tmp_path):
    (tmp_path / "empty").touch()
    assert refusal(tmp_path / "empty") == "empty_file"
    with (tmp_path / "large").open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # sparse: it takes no room
    assert refusal(tmp_path / "large") == "file_too_large"


@pytest.mark.parametrize(
    ("number", "code"), [(errno.EACCES, "no_permission"), (errno.EIO, "unreadable")]
)
def test_what_the_system_refuses(tmp_path, monkeypatch, number, code):
    (tmp_path / "a").write_bytes(b"x")

    def denied(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(opening_module.os, "open", denied)
    assert refusal(tmp_path / "a") == code


def test_a_file_that_is_being_written_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"x" * 1000)
    open_file = os.open

    def open_then_grow(*words, **options):
        handle = open_file(*words, **options)
        with path.open("ab") as file:
            file.write(b"more")
        os.utime(path, ns=(1, 1))
        return handle

    monkeypatch.setattr(opening_module.os, "open", open_then_grow)
    real = os.fstat
    seen = []

    def first_as_it_was(handle):
        status = real(handle)
        seen.append(status)
        if len(seen) > 1:
            return status
        return SimpleNamespace(st_mode=status.st_mode, st_size=1000, st_mtime_ns=5)

    monkeypatch.setattr(opening_module.os, "fstat", first_as_it_was)
    assert refusal(path) == "changing"


@pytest.mark.parametrize(
    "mark", [{"st_flags": 0x40000000}, {"st_file_attributes": 0x00400000}], ids=["macOS", "Windows"]
)
def test_a_file_that_is_still_in_the_cloud(tmp_path, monkeypatch, mark):
    path = tmp_path / "a"
    path.write_bytes(b"x")
    status = os.lstat(path)
    told = SimpleNamespace(st_mode=status.st_mode, st_size=status.st_size, **mark)
    monkeypatch.setattr(opening_module.os, "lstat", lambda _: told)
    assert refusal(path) == "placeholder"
