"""The pixel cache: the second run decodes nothing, and nothing that happens to it stops a run."""

import json
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from PIL import Image

from imagier.datasets import load, open_source, tensor
from imagier.datasets.loading import cache, pack_store
from imagier.datasets.loading.cache_use import cache_use, clear_cache
from imagier.datasets.loading.pack_store import (
    DamagedPackError,
    Failure,
    Pack,
    read_pack,
    trim,
    write_pack,
)
from imagier.datasets.sources import folder as picture_files
from imagier.errors import MachineError
from imagier.files import content_hash
from imagier.images import Prepare, decode

SETTINGS = Prepare(height=16, width=16, channels=3)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Give the folder of the pixel cache, used by this test alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "imagier" / "pixels"


@pytest.fixture
def photos(tmp_path):
    return write_photos(tmp_path / "photos", range(10))


@pytest.fixture
def decoded(monkeypatch):
    """List the names that are decoded."""
    names = []

    def note(content, *, name, wanted=None, white=None):
        names.append(name)
        return decode(content, name=name, wanted=wanted)

    monkeypatch.setattr(picture_files, "decode", note)
    return names


def write_photos(root, numbers):
    for number in numbers:
        pixels = np.random.default_rng(number).integers(0, 256, (20, 24, 3), dtype=np.uint8)
        file = root / ("cat", "dog")[number % 2] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(file)
    return root


def read(photos, settings=SETTINGS):
    return load(open_source(photos), settings)


def same(one, other):
    return (
        one.names == other.names
        and np.array_equal(one.pixels, other.pixels)
        and np.array_equal(one.thumbnails, other.thumbnails)
        and one.hashes.tolist() == other.hashes.tolist()
        and one.skipped == other.skipped
    )


def files(folder, ending):
    return sorted(folder.glob(f"*/*{ending}"))


# What is kept


def test_the_second_run_decodes_nothing(photos, decoded):
    first = read(photos)
    assert len(decoded) == 10
    assert same(read(photos), first)
    assert len(decoded) == 10


def test_only_new_pictures_are_decoded(photos, decoded, folder):
    read(photos)
    decoded.clear()
    write_photos(photos, range(10, 13))
    grown = read(photos)
    assert sorted(decoded) == ["cat/10.png", "cat/12.png", "dog/11.png"]
    assert len(files(folder, ".npy")) == 2
    assert len(grown) == 13
    clear_cache()
    assert same(read(photos), grown)


def test_a_renamed_picture_is_not_decoded_again(photos, decoded):
    first = read(photos)
    decoded.clear()
    for file in photos.glob("*/*.png"):
        file.rename(file.with_name(f"new-{file.name}"))
        os.utime(file.with_name(f"new-{file.name}"), (1, 1))
    second = read(photos)
    assert decoded == []
    assert sorted(second.hashes) == sorted(first.hashes)


def test_a_changed_picture_is_decoded_again(photos, decoded):
    read(photos)
    decoded.clear()
    stamp = (photos / "cat/0.png").stat()
    write_photos(photos / "other", [77])
    (photos / "other/dog/77.png").replace(photos / "cat/0.png")
    os.utime(photos / "cat/0.png", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    (photos / "other/dog").rmdir()
    (photos / "other").rmdir()
    read(photos)
    assert decoded == ["cat/0.png"]


def test_each_combination_of_settings_is_kept_apart(photos, decoded, monkeypatch):
    read(photos)
    others = [
        Prepare(height=16, width=12, channels=3),
        Prepare(height=16, width=16, channels=1),
        Prepare(height=16, width=16, channels=3, fit="crop"),
        Prepare(height=16, width=16, channels=3, full_scale=16),
    ]
    for number, settings in enumerate(others, 2):
        assert read(photos, settings).pixels.shape[1:] == (16, settings.width, settings.channels)
        assert len(decoded) == 10 * number
    monkeypatch.setattr(cache, "PIXELS_VERSION", 99)
    read(photos)
    monkeypatch.setattr(cache.PIL, "__version__", "0.0")
    read(photos)
    assert len(decoded) == 70


def test_bad_pictures_are_remembered(photos, decoded):
    (photos / "cat/0.png").write_bytes((photos / "cat/0.png").read_bytes()[:150])
    first = read(photos)
    decoded.clear()
    second = read(photos)
    assert decoded == []
    assert same(first, second)
    [one] = second.skipped
    assert (one.path, one.code) == ("cat/0.png", "truncated")
    (photos / "cat/0.png").rename(photos / "cat/renamed.png")
    assert "cat/renamed.png" in read(photos).skipped[0].message


def test_a_set_of_several_packs_is_put_together(photos, decoded, folder, monkeypatch):
    monkeypatch.setattr("imagier.datasets.loading.picture_reader._PACK_BYTES", 2 * 16 * 16 * 3)
    first = read(photos)
    assert len(files(folder, ".npy")) == 5
    monkeypatch.undo()
    os.environ["XDG_CACHE_HOME"] = str(folder.parents[1])
    assert same(read(photos), first)
    assert len(decoded) == 10


def test_an_interrupted_run_keeps_what_it_decoded(photos, monkeypatch, folder):
    def stop_at_seven(content, *, name, wanted=None, white=None):
        if name == "dog/5.png":
            raise KeyboardInterrupt
        return decode(content, name=name, wanted=wanted)

    monkeypatch.setattr(picture_files, "decode", stop_at_seven)
    with pytest.raises(KeyboardInterrupt):
        read(photos)
    [pack] = files(folder, ".json")
    kept = len(read_pack(pack).contents)
    assert kept >= 5
    names = []
    monkeypatch.setattr(
        picture_files, "decode", lambda *a, **k: names.append(k["name"]) or decode(*a, **k)
    )
    assert len(read(photos)) == 10
    assert len(names) == 10 - kept


def test_the_folder_is_its_owner_s(photos, folder):
    read(photos)
    assert folder.parent.stat().st_mode & 0o777 == 0o700


# Damage


def damage(file, how):
    content = bytearray(file.read_bytes())
    if how == "flip":
        content[len(content) // 2] ^= 4
    elif how == "truncate":
        content = content[: len(content) // 2]
    elif how == "empty":
        content = bytearray()
    elif how == "header":
        content[:8] = b"NOTNUMPY"
    elif how == "longer":
        content += b"\0" * 64
    file.write_bytes(content)


@pytest.mark.parametrize("how", ["flip", "truncate", "empty", "header"])
@pytest.mark.parametrize("ending", [".npy", ".json"])
def test_a_damaged_pack_is_removed_named_and_made_again(photos, decoded, folder, ending, how):
    first = read(photos)
    [file] = files(folder, ending)
    damage(file, how)
    second = read(photos)
    assert same(second, first)
    assert any("damaged" in note and str(file.stem) in note for note in second.notes)
    assert len(decoded) == 20
    third = read(photos)
    assert same(third, first)
    assert third.notes == first.notes
    assert len(decoded) == 20


@pytest.mark.parametrize(
    "text",
    [
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b'{"own_checksum": 0}',
        b"\xff\xfe",
        b'{"contents": 1}',
    ],
)
def test_a_description_of_another_kind_is_damage(tmp_path, text):
    (tmp_path / "x.json").write_bytes(text)
    with pytest.raises(DamagedPackError):
        read_pack(tmp_path / "x.json")


def test_pixels_of_another_shape_or_kind_are_damage(tmp_path):
    rows = np.zeros((2, 4, 4, 3), dtype=np.uint8)
    pack = write_pack(tmp_path, Pack(contents=["a", "b"], hashes=["c", "d"]), rows)
    assert pack.rows((4, 4, 3)).shape == (2, 4, 4, 3)
    with pytest.raises(DamagedPackError):
        pack.rows((4, 4, 1))
    for other in (rows[:1], rows.astype(np.int32), np.array([{}, {}], dtype=object)):
        np.save(pack.path.with_suffix(".npy"), other)
        with pytest.raises(DamagedPackError):
            pack.rows((4, 4, 3))


def test_pixels_without_a_description_are_nothing(photos, decoded, folder):
    read(photos)
    [file] = files(folder, ".json")
    file.unlink()
    read(photos)
    assert len(decoded) == 20


def test_a_description_without_pixels_is_nothing(photos, decoded, folder):
    first = read(photos)
    [file] = files(folder, ".npy")
    file.unlink()
    assert same(read(photos), first)
    assert len(decoded) == 20


def test_a_pack_says_all_it_was_given(tmp_path):
    given = Pack(
        contents=["a" * 32, "b" * 32],
        hashes=["c" * 32, "d" * 32],
        notes={1: ("several_frames",)},
        failures={"e" * 32: Failure(code="truncated", facts={"format": "PNG", "n": 3, "x": 0.5})},
    )
    rows = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3), dtype=np.uint8)
    written = write_pack(tmp_path, given, rows)
    found = read_pack(written.path)
    for name in ("contents", "hashes", "notes", "failures"):
        assert getattr(found, name) == getattr(given, name)
    assert np.array_equal(found.rows((4, 4, 3)), rows)


def write_large_photos(root):
    for number in range(6):
        file = root / ("cat", "dog")[number % 2] / f"large{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.effect_noise((70 + number, 80), 60).save(file)


@pytest.mark.parametrize("how", ["flip", "truncate", "header", "missing"])
def test_damaged_thumbnails_are_damage(photos, decoded, folder, how):
    write_large_photos(photos)
    first = read(photos)
    assert first.thumbnails.any(axis=(1, 2, 3)).sum() == 6
    assert same(read(photos), first)
    assert len(decoded) == 16
    [file] = files(folder, "-thumbnails.npy")
    file.unlink() if how == "missing" else damage(file, how)
    assert same(read(photos), first)
    assert len(decoded) == 32
    assert same(read(photos), first)
    assert len(decoded) == 32


# A disk that is full, a folder that cannot be


def full(*_, **__):
    raise MachineError("disk_full", path="x", reason="full")


def test_a_full_disk_does_not_stop_the_run(photos, decoded, monkeypatch):
    monkeypatch.setattr(pack_store, "write_file", full)
    dataset = read(photos)
    assert len(dataset) == 10
    assert [note for note in dataset.notes if "not kept" in note]
    monkeypatch.undo()


def test_a_real_full_disk_does_not_stop_the_run(photos, tmp_path):
    code = """
import resource, signal, sys
from imagier.datasets import load, open_source
from imagier.images import Prepare
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
data = load(open_source(sys.argv[1]), Prepare(height=16, width=16, channels=3))
assert len(data) == 10
print(*data.notes)
"""
    place = {"XDG_CACHE_HOME": str(tmp_path / "small"), "IMAGIER_LANG": "en"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(photos)],
        env=os.environ | place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "not kept" in done.stdout
    assert [file for file in (tmp_path / "small").rglob("*") if file.is_file()] == []


def test_a_cache_that_cannot_be_does_not_stop_the_run(photos, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    dataset = read(photos)
    assert len(dataset) == 10
    assert [note for note in dataset.notes if "not kept" in note]


# Sets beyond memory


@pytest.fixture
def small_memory(monkeypatch):
    monkeypatch.setattr(tensor, "memory_share", lambda: 16 * 16 * 3 * 5)


def test_a_large_set_is_mapped_and_kept_as_one_pack(photos, decoded, folder, small_memory):
    first = read(photos)
    assert isinstance(first.pixels, np.memmap)
    [file] = files(folder, ".npy")
    second = read(photos)
    assert isinstance(second.pixels, np.memmap)
    assert same(first, second)
    assert len(decoded) == 10
    assert [file] == files(folder, ".npy")
    assert str(second.pixels.filename) == str(file)  # not copied: the pack itself


def test_a_large_set_that_grows_is_put_together_anew(photos, decoded, folder, small_memory):
    read(photos)
    write_photos(photos, [10])
    grown = read(photos)
    assert isinstance(grown.pixels, np.memmap)
    assert len(decoded) == 11
    assert same(grown, read(photos))
    clear_cache()
    assert same(grown, read(photos))


def test_gaps_in_a_large_set_are_closed(photos, decoded, folder, small_memory):
    (photos / "cat/4.png").write_bytes(b"words words words")
    first = read(photos)
    assert len(first) == 9
    assert same(first, read(photos))
    assert len(decoded) == 10
    clear_cache()
    tensor.memory_share = lambda: 1 << 40
    assert same(first, read(photos))


def test_an_interrupted_large_set_keeps_what_it_decoded(photos, monkeypatch, folder, small_memory):
    def stop(content, *, name, wanted=None, white=None):
        if name == "dog/5.png":
            raise KeyboardInterrupt
        return decode(content, name=name, wanted=wanted)

    monkeypatch.setattr(picture_files, "decode", stop)
    with pytest.raises(KeyboardInterrupt):
        read(photos)
    names = []
    monkeypatch.setattr(
        picture_files, "decode", lambda *a, **k: names.append(k["name"]) or decode(*a, **k)
    )
    dataset = read(photos)
    assert 1 <= len(names) <= 5
    clear_cache()
    assert same(dataset, read(photos))


def test_a_set_larger_than_the_cache_leaves_no_file(
    photos, decoded, folder, small_memory, monkeypatch
):
    monkeypatch.setattr(cache, "LIMIT", 100)
    dataset = read(photos)
    assert isinstance(dataset.pixels, np.memmap)
    assert list(folder.glob("*/*")) == []
    assert np.array_equal(dataset.pixels[3], read(photos).pixels[3])
    assert len(decoded) == 20


def test_a_full_disk_brings_a_large_set_into_memory(photos, small_memory, monkeypatch, folder):
    monkeypatch.setattr(cache, "map_rows", full)
    dataset = read(photos)
    assert not isinstance(dataset.pixels, np.memmap)
    assert len(dataset) == 10
    assert [note for note in dataset.notes if "not kept" in note]


def test_the_place_of_a_large_set_is_reserved(tmp_path):
    if not hasattr(os, "posix_fallocate"):
        pytest.skip("the system cannot reserve a file's place")
    rows = tensor.map_rows(tmp_path / "rows.npy", (100, 32, 32, 3))
    assert (tmp_path / "rows.npy").stat().st_blocks * 512 >= rows.nbytes


def test_thumbnails_of_a_large_set_are_kept_with_it(photos, decoded, folder, small_memory):
    write_large_photos(photos)
    first = read(photos)
    second = read(photos)
    assert same(first, second)
    assert len(decoded) == 16
    assert isinstance(second.pixels, np.memmap)
    clear_cache()
    tensor.memory_share = lambda: 1 << 40
    assert same(first, read(photos))


# Size


def test_packs_used_longest_ago_give_way(photos, folder):
    sides = (8, 12, 16)
    for age, side in enumerate(sides):
        read(photos, Prepare(height=side, width=side, channels=3))
        [file] = [file for file in files(folder, ".json") if file.stat().st_mtime > 1000]
        os.utime(file, (age, age))
    read(photos, Prepare(height=8, width=8, channels=3))  # used again: now the youngest
    [youngest] = [file for file in files(folder, ".json") if file.stat().st_mtime > 1000]
    size = sum(file.stat().st_size for file in folder.glob("*/*"))
    trim(folder, limit=size - 1)
    assert [file.stat().st_mtime for file in files(folder, ".json") if file != youngest] == [2]
    trim(folder, limit=1)
    assert files(folder, ".json") == []
    assert files(folder, ".npy") == []


def test_a_run_trims_but_spares_what_it_uses(photos, folder, monkeypatch):
    read(photos, Prepare(height=8, width=8, channels=3))
    monkeypatch.setattr(cache, "LIMIT", 1)
    read(photos)
    assert len(files(folder, ".json")) == 1
    read(photos)
    assert len(files(folder, ".json")) == 1


def test_what_a_killed_run_left_is_removed_after_a_day(folder):
    place = folder / "settings"
    place.mkdir(parents=True)
    old, new = place / ".123-4.npy", place / ".5.npy"
    orphan, half = place / "orphan.npy", folder / ".rows.x.npy"
    for file in (old, new, orphan, half):
        file.write_bytes(b"x")
    for file in (old, orphan, half):
        os.utime(file, (time.time() - 90_000,) * 2)
    trim(folder, limit=cache.LIMIT)
    assert sorted(file.name for file in folder.rglob("*")) == [".5.npy", "settings"]


def test_the_cache_is_measured_and_emptied(photos, folder):
    assert cache_use().parts == ()
    read(photos)
    use = cache_use()
    [part] = [part for part in use.parts if part.name == "pixels"]
    assert part.files == 2
    assert part.bytes == sum(file.stat().st_size for file in folder.glob("*/*"))
    assert use.bytes == sum(part.bytes for part in use.parts)
    (folder / "link").symlink_to(photos)
    assert clear_cache().bytes >= use.bytes
    assert list(folder.parent.iterdir()) == []
    assert len(list(photos.glob("*/*.png"))) == 10  # a link is removed, never followed


# Several runs at once


def test_a_pack_that_another_run_removes_meanwhile_is_made_again(photos, decoded, folder):
    first = read(photos)
    opened = cache.PixelCache(SETTINGS, 255)
    contents = [content_hash(file.read_bytes()) for file in photos.glob("*/*.png")]
    clear_cache()
    assert opened.find("a" * 32) is None
    assert [opened.find(content) for content in contents] == [None] * 10
    assert opened.notes == []
    assert same(read(photos), first)


def test_two_runs_at_once_never_spoil_the_cache(photos, tmp_path, decoded):
    code = """
import sys, time
from imagier.datasets import load, open_source
from imagier.images import Prepare
while time.time() < float(sys.argv[2]):
    pass
for _ in range(3):
    data = load(open_source(sys.argv[1]), Prepare(height=16, width=16, channels=3))
    print(data.fingerprint(), len(data.notes), int(data.pixels.sum()))
"""
    start = str(time.time() + 3)
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(photos), start],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    answers = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], answers
    dataset = read(photos)
    line = f"{dataset.fingerprint()} {len(dataset.notes)} {int(dataset.pixels.sum())}"
    assert {line for out, _ in answers for line in out.splitlines()} == {line}
    assert decoded == []


def test_threads_that_write_and_trim_at_once_never_spoil_the_cache(photos, folder):
    expected = read(photos)
    failures = []

    def work(number):
        try:
            for _ in range(6):
                if number == 2:
                    trim(folder, limit=0)
                elif not same(read(photos), expected):
                    failures.append("other pixels")
        except Exception as error:  # noqa: BLE001 - told to the thread that asserts
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_killed_run_leaves_a_cache_that_serves(photos, tmp_path, decoded, monkeypatch):
    code = """
import sys
import imagier.datasets.loading.picture_reader
from imagier.datasets import load, open_source
from imagier.images import Prepare
picture_reader._PACK_BYTES = 1  # a pack for every picture
print("ready", flush=True)
load(open_source(sys.argv[1]), Prepare(height=16, width=16, channels=3))
"""
    expected = read(photos)
    for delay in (0.0, 0.02, 0.05):
        place = tmp_path / f"killed-{delay}"
        run = subprocess.Popen(
            [sys.executable, "-c", code, str(photos)],
            env=os.environ | {"XDG_CACHE_HOME": str(place)},
            stdout=subprocess.PIPE,
        )
        run.stdout.readline()
        time.sleep(delay)
        run.kill()
        run.communicate()
        monkeypatch.setenv("XDG_CACHE_HOME", str(place))
        assert same(read(photos), expected)
        assert read(photos).notes == expected.notes


def test_the_description_is_plain_json(photos, folder):
    read(photos)
    [file] = files(folder, ".json")
    body = json.loads(file.read_text("ascii"))
    assert len(body["contents"]) == len(body["hashes"]) == 10
    assert str(photos) not in file.read_text("ascii")
