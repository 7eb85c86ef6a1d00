"""Arrays and archives that announce more than they are, or swell: refused before they are read."""

import gzip
import io
import os
import resource
import struct
import time
import zipfile

import numpy as np
import pytest

from imagier.datasets import check_classes, open_source
from imagier.datasets.sources import archive as archive_module
from imagier.datasets.sources.archive import open_archive, open_zip
from imagier.datasets.sources.idx import read_idx
from imagier.datasets.sources.npz import open_npz
from imagier.errors import DataError
from imagier.files import natural_key


def npz(path, **arrays):
    """Write arrays, or headers that only announce some, with zeros behind."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                if isinstance(array, np.ndarray):
                    np.lib.format.write_array(file, array)
                else:
                    shape, kind, size = array
                    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n"
                    file.write(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode())
                    for _ in range(size >> 20):
                        file.write(bytes(1 << 20))
                    file.write(bytes(size % (1 << 20)))
    return path


def refused(read, path):
    """Give the code of the refusal, which took neither time nor memory."""
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with pytest.raises(DataError) as caught:
        read(path)
    assert time.perf_counter() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # kB
    return caught.value.code


@pytest.mark.parametrize(
    ("arrays", "code"),
    [
        ({"x": np.zeros((99, 3, 3), np.uint8), "y": ((99,), "<U0", 0)}, "npz_damaged"),
        ({"x": np.zeros((2, 3, 3), np.uint8), "y": ((10**9,), "<U0", 0)}, "array_too_large"),
        ({"x": np.zeros((2, 3, 3), np.uint8), "y": ((3,), "|u1", 3)}, "npz_counts_differ"),
        ({"x": ((40_000, 100, 100), "|u1", 4 * 10**8), "y": ((40_000,), "|u1", 40_000)},
         "array_too_large"),
        ({"x": ((2_000_000, 1, 1), "|u1", 2_000_000), "y": ((2_000_000,), "|u1", 2_000_000)},
         "array_too_large"),
        ({"x": np.zeros((2, 3, 3), np.uint8), "y": ((2,), "<U9999", 2 * 4 * 9999)}, "npz_damaged"),
        ({"x": ((2**40, 2**40), "|u1", 0), "y": np.zeros(2)}, "array_too_large"),
        ({"x": ((-1, 3, 3), "|u1", 9), "y": np.zeros(2)}, "npz_damaged"),
    ],
    ids=["no width", "no width, many", "counts", "swollen", "tiny pictures", "wide", "2^80", "-1"],
)  # fmt: skip
def test_an_npz_is_judged_by_its_headers(tmp_path, arrays, code):
    assert refused(open_npz, npz(tmp_path / "a.npz", **arrays)) == code


def npy(header, version=1, body=b""):
    text = header.encode("latin1")
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + body


HEADERS = {
    "minus signs": npy("-" * 9000 + "1"),
    "open bracket": npy("("),
    "brackets": npy("(" * 9000),
    "open text": npy("{'descr': '''"),
    "indented": npy("{}\n  a\n b"),
    "no type": npy("{'descr': (), 'fortran_order': False, 'shape': (2,), }"),
    "objects": npy("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }"),
    "2^100": npy("{'descr': '|u1', 'fortran_order': False, 'shape': (0, 2**100, 3), }"),
    "1 << 100": npy(f"{{'descr': '|u1', 'fortran_order': False, 'shape': (0, {2**100}, 3), }}"),
    "no width, 10^18": npy(f"{{'descr': '<U0', 'fortran_order': False, 'shape': ({10**18},), }}"),
    "spaces": npy(" " * 70_000, version=2),
    "an absurd length": b"\x93NUMPY\2\0" + struct.pack("<I", 2**32 - 1) + bytes(1 << 20),
    "no version": b"\x93NUMPY\x09\x09",
    "nothing": b"",
}


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("place", ["x", "y", "classes"])
def test_a_header_that_is_a_trap_is_refused_by_name(tmp_path, name, place):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, array in {
            "x": np.zeros((2, 3, 3), np.uint8),
            "y": np.zeros(2, np.int64),
            "classes": np.array(["cat", "dog"]),
        }.items():
            with archive.open(f"{key}.npy", "w") as file:
                if key == place:
                    file.write(HEADERS[name])
                else:
                    np.lib.format.write_array(file, array)
    codes = {"npz_damaged", "npz_objects", "array_too_large"}
    assert refused(open_npz, path) in codes


def test_letters_beyond_unicode_are_refused(tmp_path):
    header = "{'descr': '<U1', 'fortran_order': False, 'shape': (2,), }"
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        with archive.open("x.npy", "w") as file:
            np.lib.format.write_array(file, np.zeros((2, 3, 3), np.uint8))
        archive.writestr("y.npy", npy(header, body=struct.pack("<II", 0x110000, 65)))
    assert refused(open_npz, path) == "npz_damaged"


def test_sets_of_simple_shapes_may_be_a_hundred_times_smaller_when_compressed(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (30, 100, 100), np.uint8)
    pictures = np.concatenate([noise, np.zeros((29_970, 100, 100), np.uint8)])  # 300 MB
    path = npz(tmp_path / "shapes.npz", x=pictures, y=np.arange(30_000) % 2)
    assert path.stat().st_size < pictures.nbytes / 100
    with pytest.raises(DataError, match="MB"):
        open_npz(path)
    noise = np.random.default_rng(0).integers(0, 255, (300, 100, 100), np.uint8)
    pictures[:300] = noise
    path = npz(tmp_path / "shapes.npz", x=pictures, y=np.arange(30_000) % 2)
    assert pictures.nbytes / 100 < path.stat().st_size
    assert len(open_npz(path)) == 30_000


def test_an_npz_of_many_members_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1001):
            archive.writestr(f"{number}.npy", b"")
    assert refused(open_npz, path) == "zip_too_many"


def idx(shape, body):
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape) + body


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (gzip.compress(idx((60_000, 320, 320), bytes(10**7))), "array_too_large"),
        (gzip.compress(idx((20_000_000, 1, 1), bytes(10**7))), "array_too_large"),
        (gzip.compress(idx((100, 10, 10), bytes(10**8)), 1), "idx_length"),
        (b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * (32 << 20), "idx_damaged"),
        (idx((2**31, 2**31), b""), "array_too_large"),
        (idx((10**7,), bytes(10**7)), "array_too_large"),
    ],
    ids=["swollen", "tiny pictures", "longer than it says", "endless name", "2^62", "labels"],
)
def test_an_idx_file_is_judged_by_its_header(tmp_path, content, code):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(content)
    assert refused(read_idx, path) == code


def test_an_idx_file_is_read_block_by_block(tmp_path):
    numbers = np.random.default_rng(1).integers(0, 255, (9_000, 28, 28), np.uint8)
    for name, content in {
        "a-idx3-ubyte": idx(numbers.shape, numbers.tobytes()),
        "b-idx3-ubyte.gz": gzip.compress(idx(numbers.shape, numbers.tobytes())) + bytes(100),
    }.items():
        (tmp_path / name).write_bytes(content)
        np.testing.assert_array_equal(read_idx(tmp_path / name), numbers)


# Zip archives: the list of members, however it is hidden from a glance


def directory_of(members, *, comment=b""):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(members):
            archive.writestr(f"cat/{number}.png", b"")
        archive.comment = comment
    return file.getvalue()


def lying_counts(content):
    changed = bytearray(content)
    at = content.rindex(b"PK\5\6")
    struct.pack_into("<HH", changed, at + 8, 1, 1)
    return bytes(changed)


def record_in_the_comment(content):
    """A comment that looks like an end record of its own, with a short list."""
    return directory_of(40, comment=b"PK\5\6" + bytes(18) + b"x")


def record_in_the_offset(content):
    """Bytes before the archive put the letters of an end record into the true one's offset."""
    at = content.rindex(b"PK\5\6")
    changed = bytearray(content)
    changed[at + 16 : at + 20] = b"PK\5\6"
    return bytes(changed)


@pytest.mark.parametrize(
    "hide",
    [bytes, lying_counts, record_in_the_comment, record_in_the_offset, lambda c: b"x" * 99 + c],
    ids=["plain", "lying counts", "in the comment", "in the offset", "bytes before"],
)
def test_members_are_counted_as_the_library_reads_them(tmp_path, monkeypatch, hide):
    path = tmp_path / "a.zip"
    path.write_bytes(hide(directory_of(40)))
    listed = []

    class Counted(zipfile.ZipInfo):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            listed.append(1)

    monkeypatch.setattr(zipfile, "ZipInfo", Counted)
    monkeypatch.setattr(archive_module, "MAX_MEMBERS", 39)
    with pytest.raises((DataError, zipfile.BadZipFile)) as caught:
        open_zip(path)
    assert getattr(caught.value, "code", "zip_too_many") == "zip_too_many"
    assert len(listed) == 0


def test_a_list_of_long_names_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(archive_module, "MAX_MEMBERS", 100)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("cat/" + "n" * 60_000 + ".png", b"")
    with pytest.raises(DataError) as caught:
        open_archive(path)
    assert caught.value.code == "zip_too_many"


# Numbers and names


def test_a_label_of_thousands_of_digits_is_a_name_like_another(tmp_path):
    names = ["9" * 5000, "10", "2", "2" * 5000]
    assert sorted(names, key=natural_key) == ["2", "10", "2" * 5000, "9" * 5000]
    (tmp_path / "t.csv").write_text(f"path,label\na.png,{'7' * 5000}\nb.png,2\n", "ascii")
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"x")
    assert open_source(tmp_path / "t.csv").classes == ("2", "7" * 5000)


def test_more_classes_than_can_be_told_apart_are_refused(tmp_path):
    rows = "".join(f"a.png,{number}\n" for number in range(10_001))
    (tmp_path / "t.csv").write_text("path,label\n" + rows, "ascii")
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(DataError) as caught:
        check_classes(open_source(tmp_path / "t.csv"))
    assert caught.value.code == "too_many_classes"


# What is no file: pipes, devices


@pytest.mark.parametrize("suffix", [".zip", ".npz", ".csv", "-images-idx3-ubyte"])
def test_a_pipe_or_an_endless_device_is_refused_at_once(tmp_path, suffix):
    pipe, link = tmp_path / f"pipe{suffix}", tmp_path / f"link{suffix}"
    os.mkfifo(pipe)
    link.symlink_to("/dev/zero")
    for path in (pipe, link):
        assert refused(open_source, path) in {"source_unknown", "table_not_file"}
