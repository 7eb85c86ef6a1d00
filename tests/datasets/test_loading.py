"""Loading: every picture decoded, prepared, named, or skipped with a reason."""

import os
import shutil
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from imagier.datasets import Listing, join_test, load, open_source, sample
from imagier.datasets.arrays import ArrayPictures
from imagier.datasets.listing import keep_contents
from imagier.datasets.loading import loader as loading
from imagier.datasets.loading import picture_reader
from imagier.datasets.loading.fingerprints import pixel_hash
from imagier.datasets.thumbnails import make_thumbnail
from imagier.errors import DataError
from imagier.i18n import use_language
from imagier.images import Ink, Prepare, decode, prepare
from imagier.recognizer.inputs import read_picture

SETTINGS = Prepare(height=16, width=16, channels=3)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def photos(tmp_path):
    """Write 8 small PNG pictures of noise into two classes."""
    root = tmp_path / "photos"
    rng = np.random.default_rng(0)
    for number in range(8):
        file = root / ("cat", "dog")[number % 2] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)).save(file)
    return root


class Memory:
    """Pictures kept as bytes of files; what is read and decoded is written down."""

    def __init__(self, contents):
        self.contents = list(contents)
        self.was_read = []
        self.decoded = []

    def __len__(self):
        return len(self.contents)

    def read(self, index):
        self.was_read.append(index)
        return self.contents[index]

    def decode(self, index, content, wanted=None, white=None):
        self.decoded.append(index)
        return decode(content, name=f"{index}.png", wanted=wanted, white=white)


def png(level, size=(20, 20)):
    file = BytesIO()
    picture = np.full((*size, 3), level, dtype=np.uint8)
    picture[0, 0] = 255 - level
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def listing(pictures, labels=None, **facts):
    n = len(pictures)
    return Listing(
        **{
            "name": "memory",
            "pictures": pictures,
            "names": tuple(f"{row}.png" for row in range(n)),
            "labels": tuple(labels or ("cat", "dog")[row % 2] for row in range(n)),
            "parts": ("",) * n,
            "groups": ("",) * n,
        }
        | facts
    )


def test_a_folder_becomes_one_tensor_in_the_order_of_the_listing(photos):
    listed = open_source(photos)
    dataset = load(listed, SETTINGS)
    assert dataset.pixels.shape == (8, 16, 16, 3)
    assert dataset.pixels.dtype == np.uint8
    assert dataset.names == listed.names
    assert [dataset.classes[label] for label in dataset.labels] == list(listed.labels)
    for row, name in enumerate(dataset.names):
        picture = decode((photos / name).read_bytes(), name=name).pixels
        assert np.array_equal(dataset.pixels[row], prepare(picture, SETTINGS))
        assert dataset.hashes[row] == pixel_hash(picture)


@pytest.mark.parametrize("side", [16, 64])
def test_learning_sees_the_pixels_that_prediction_sees(tmp_path, side):
    photo = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    for label in "ab":
        (tmp_path / "photos" / label).mkdir(parents=True)
        large = Image.fromarray(photo).resize((800, 600), Image.Resampling.BICUBIC)
        large.save(tmp_path / "photos" / label / f"{label}.jpg", quality=70 + ord(label) % 5)
    settings = Prepare(height=side, width=side, channels=3)
    dataset = load(open_source(tmp_path / "photos"), settings)
    for row, name in enumerate(dataset.names):
        _, seen = read_picture(tmp_path / "photos" / name, settings)
        assert np.array_equal(dataset.pixels[row], seen)


def test_a_bad_picture_is_named_and_left_out(photos):
    (photos / "cat" / "0.png").write_bytes(b"no picture at all, only words")
    (photos / "dog" / "3.png").write_bytes((photos / "dog" / "3.png").read_bytes()[:200])
    dataset = load(open_source(photos), SETTINGS)
    assert len(dataset) == 6
    skipped = {one.path: one for one in dataset.skipped}
    assert {path: one.code for path, one in skipped.items()} == {
        "cat/0.png": "not_an_image",
        "dog/3.png": "truncated",
    }
    assert "cat/0.png" in skipped["cat/0.png"].message
    assert not {"cat/0.png", "dog/3.png"} & set(dataset.names)
    for row, name in enumerate(dataset.names):
        picture = decode((photos / name).read_bytes(), name=name).pixels
        assert np.array_equal(dataset.pixels[row], prepare(picture, SETTINGS))


def test_a_file_that_vanishes_after_listing_is_named(photos):
    listed = open_source(photos)
    (photos / "dog" / "5.png").unlink()
    dataset = load(listed, SETTINGS)
    assert [(one.path, one.code) for one in dataset.skipped] == [("dog/5.png", "missing")]


def test_the_same_content_is_decoded_once():
    pictures = Memory([png(1), png(2), png(1), png(1)])
    dataset = load(listing(pictures), SETTINGS)
    assert sorted(pictures.was_read) == [0, 1, 2, 3]
    assert sorted(pictures.contents[index] for index in pictures.decoded) == sorted(
        [png(1), png(2)]
    )
    assert np.array_equal(dataset.pixels[0], dataset.pixels[3])
    assert dataset.hashes[0] == dataset.hashes[2] == dataset.hashes[3] != dataset.hashes[1]


def test_the_same_bad_content_is_named_each_time():
    dataset = load(listing(Memory([b"words words words", png(2), b"words words words"])), SETTINGS)
    assert [one.path for one in dataset.skipped] == ["0.png", "2.png"]
    assert all(one.path in one.message for one in dataset.skipped)


def test_nothing_but_bad_pictures_is_an_error():
    with pytest.raises(DataError) as caught:
        load(listing(Memory([b"words words words"] * 3)), SETTINGS)
    assert caught.value.code == "no_picture_usable"
    assert "0.png" in caught.value.message
    assert caught.value.facts["n"] == 3


def test_progress_ends_with_all_pictures(photos):
    seen = []
    load(open_source(photos), SETTINGS, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 8) for done in range(9)]
    seen.clear()
    load(open_source(photos), SETTINGS, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 8) for done in range(9)]


def test_the_classes_of_a_model_keep_their_order(photos):
    dataset = load(open_source(photos), SETTINGS, classes=("dog", "bird", "cat"))
    assert dataset.classes == ("dog", "bird", "cat")
    assert dataset.counts() == {"dog": 4, "bird": 0, "cat": 4}
    assert all(
        name.startswith(dataset.classes[label])
        for name, label in zip(dataset.names, dataset.labels, strict=True)
    )


def test_a_label_that_the_model_does_not_know_is_refused(photos):
    with pytest.raises(DataError) as caught:
        load(open_source(photos), SETTINGS, classes=("cats", "dog"))
    assert caught.value.code == "label_not_known"
    assert "cats" in caught.value.message


def test_oddities_are_told_in_a_note_also_by_the_cache(photos):
    for number in (0, 2):
        Image.open(photos / f"cat/{number}.png").convert("L").save(photos / f"cat/{number}.gif")
        (photos / f"cat/{number}.gif").rename(photos / f"cat/{number}.png")
    for _ in range(2):
        dataset = load(open_source(photos), SETTINGS)
        [note] = [note for note in dataset.notes if "cat/0.png" in note]
        assert note.startswith("2 pictures")
        assert "extension" in note
    with use_language("fr"):
        assert any("2 images" in note for note in load(open_source(photos), SETTINGS).notes)


def test_what_the_reader_said_stays(photos):
    (photos / "cat" / "notes.txt").write_text("words")
    listed = open_source(photos)
    dataset = load(listed, SETTINGS)
    assert dataset.notes[: len(listed.notes)] == listed.notes
    assert dataset.skipped[: len(listed.skipped)] == listed.skipped


def test_an_interruption_goes_through(photos, monkeypatch):
    def stop(content, *, name, wanted=None, white=None):
        raise KeyboardInterrupt

    monkeypatch.setattr("imagier.datasets.sources.folder.decode", stop)
    with pytest.raises(KeyboardInterrupt):
        load(open_source(photos), SETTINGS)


def test_a_bug_in_decoding_is_not_taken_for_a_bad_picture():
    def fail(index, content, wanted=None, white=None):
        return 1 / 0

    pictures = Memory([png(1), png(2)])
    pictures.decode = fail
    with pytest.raises(ZeroDivisionError):
        load(listing(pictures), SETTINGS)


# Pictures that stand in an array already


def array_listing(array, **facts):
    return listing(ArrayPictures(array), **facts)


def test_an_array_of_the_input_s_size_is_taken_as_it_is(monkeypatch):
    array = np.random.default_rng(0).integers(0, 256, (50, 16, 16, 3), dtype=np.uint8)
    monkeypatch.setattr(loading, "prepare", None)
    monkeypatch.setattr(picture_reader, "prepare", None)
    dataset = load(array_listing(array), SETTINGS)
    assert np.shares_memory(dataset.pixels, array)
    assert dataset.hashes.tolist() == [pixel_hash(picture) for picture in array]


def test_an_array_keeps_its_own_scale():
    array = np.random.default_rng(0).integers(0, 17, (6, 8, 8, 1), dtype=np.uint8)
    settings = Prepare(height=8, width=8, channels=1, full_scale=16)
    dataset = load(array_listing(array, full_scale=16), settings)
    assert np.array_equal(dataset.pixels, array)


@pytest.mark.parametrize("full_scale", [16, 255])
def test_an_array_of_another_size_goes_the_way_of_all_pictures(full_scale):
    array = np.random.default_rng(0).integers(0, 17, (6, 8, 8, 1), dtype=np.uint8)
    settings = Prepare(height=12, width=12, channels=1, full_scale=full_scale)
    dataset = load(array_listing(array, full_scale=16), settings)
    for picture, pixels in zip(array, dataset.pixels, strict=True):
        assert np.array_equal(pixels, prepare(picture, settings, scale=16))


def test_ink_in_an_array_is_placed_only_where_the_border_is_lit():
    array = np.zeros((4, 28, 28, 1), dtype=np.uint8)
    array[:, 6:22, 12:15] = 255
    array[1] = 255 - array[1]  # black on white: to be turned round
    array[2, 0, :5] = 200  # one edge lit a little
    settings = Prepare(height=28, width=28, channels=1, ink=Ink(box=20 / 28, centre="mass"))
    dataset = load(array_listing(array), settings)
    for picture, pixels in zip(array, dataset.pixels, strict=True):
        assert np.array_equal(pixels, prepare(picture, settings))
    assert np.array_equal(dataset.pixels[0], array[0])
    assert dataset.pixels[1, 0, 0, 0] == 0
    assert array[1, 0, 0, 0] == 255  # the source's own array is untouched


# The input, chosen from a sample


def test_the_input_is_chosen_from_the_pictures(photos):
    seen = sample(open_source(photos))
    settings = seen.choose()
    assert (settings.height, settings.width, settings.channels) == (20, 24, 3)
    assert seen.choose(limit=12, fit="crop").fit == "crop"
    assert seen.choose(limit=12).height <= 12
    assert seen.sizes.tolist() == [[20, 24]] * 8


def test_one_sample_answers_for_all_limits_and_fits():
    pictures = Memory(png(level, (300, 400)) for level in range(9))
    seen = sample(listing(pictures))
    sides = {limit: seen.choose(limit=limit, fit="crop") for limit in (32, 224, 384)}
    assert {limit: (s.height, s.width) for limit, s in sides.items()} == {
        32: (32, 32),
        224: (224, 224),
        384: (300, 300),
    }
    assert seen.choose(limit=64, ink=True).ink is not None
    assert len(pictures.decoded) == 9


def test_the_sizes_are_those_of_the_files_however_small_they_are_decoded():
    file = BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (1200, 1600, 3), np.uint8)).save(
        file, "JPEG"
    )
    pictures = Memory([file.getvalue()] * 2)
    seen = sample(listing(pictures))
    assert seen.sizes.tolist() == [[1200, 1600]] * 2
    assert seen.pictures[0].shape == (150, 200, 3)


def test_the_choice_does_not_depend_on_the_order():
    pictures = [png(level, (20 + level, 30)) for level in range(20)]
    names = tuple(f"{row}.png" for row in range(20))
    turned = tuple(reversed(names))
    one = sample(listing(Memory(pictures), names=names)).choose()
    other = sample(listing(Memory(reversed(pictures)), names=turned)).choose()
    assert one == other


def test_pictures_of_the_source_s_own_test_are_not_looked_at():
    pictures = Memory([png(1, (16, 16)), png(2, (16, 16)), png(3, (40, 40))])
    settings = sample(listing(pictures, parts=("train", "train", "test"))).choose()
    assert (settings.height, settings.width) == (16, 16)
    assert 2 not in pictures.was_read


def test_at_most_256_pictures_are_decoded():
    pictures = Memory(png(row % 256, (16 + row // 256, 16)) for row in range(300))
    assert len(sample(listing(pictures))) == 256
    assert len(pictures.decoded) == len(pictures.was_read) == 256


def test_a_sample_of_bad_pictures_goes_on_to_the_next():
    good = {f"{row}.png": png(row, (16, 16)) for row in range(3)}
    bad = {f"bad{row}.png": b"words %d" % row for row in range(400)}
    files = bad | good
    listed = listing(Memory(files.values()), names=tuple(files))
    assert sample(listed).choose().height == 16
    with pytest.raises(DataError) as caught:
        sample(listing(Memory(bad.values()), names=tuple(bad)))
    assert caught.value.code == "no_picture_usable"


def test_a_large_sample_is_made_smaller_before_it_is_kept():
    grey = np.random.default_rng(0).integers(0, 256, (2, 900, 1200, 1), dtype=np.uint8)
    seen = sample(array_listing(grey))
    assert [picture.shape for picture in seen.pictures] == [(129, 172, 1)] * 2
    assert seen.sizes.tolist() == [[900, 1200]] * 2


def test_an_error_of_a_picture_is_said_in_the_language_of_the_moment():
    pictures = Memory([png(1), png(2), b"words words words"])
    listed = listing(pictures)
    english = load(listed, SETTINGS).skipped[0].message
    with use_language("fr"):
        french = load(listed, SETTINGS).skipped[0].message
    assert english != french
    assert "2.png" in french


# Each file is read once


@pytest.fixture
def opened(monkeypatch):
    """List the picture files that the system opens, and the members that archives inflate."""
    names = []
    open_file, open_member = os.open, ZipFile.open

    def note_file(path, *rest, **facts):
        if str(path).endswith(".png"):
            names.append(Path(path).name)
        return open_file(path, *rest, **facts)

    def note_member(self, member, *rest, **facts):
        names.append(Path(member.filename).name)
        return open_member(self, member, *rest, **facts)

    monkeypatch.setattr(os, "open", note_file)
    monkeypatch.setattr(ZipFile, "open", note_member)
    return names


def as_folder(photos):
    return photos


def as_table(photos):
    rows = [f"{file.relative_to(photos)},{file.parent.name}" for file in photos.glob("*/*.png")]
    (photos / "labels.csv").write_text("\n".join(["path,label", *rows]))
    return photos / "labels.csv"


def as_zip(photos):
    with ZipFile(photos.with_suffix(".zip"), "w") as archive:
        for file in photos.glob("*/*.png"):
            archive.write(file, file.relative_to(photos))
    return photos.with_suffix(".zip")


@pytest.mark.parametrize("make", [as_folder, as_table, as_zip])
def test_each_file_is_read_once_whatever_is_asked(photos, make, opened):
    source = make(photos)
    opened.clear()
    listed = open_source(source)
    assert opened == []
    settings = sample(listed).choose(limit=12, fit="crop")
    first = load(listed, settings)
    load(listed, SETTINGS)
    load(listed.take(range(4)), SETTINGS)
    sample(listed)
    assert len(first) == 8
    assert sorted(opened) == [f"{number}.png" for number in range(8)]


def test_two_sources_that_are_joined_are_read_once_as_well(photos, opened, tmp_path):
    shutil.copytree(photos, tmp_path / "other")
    listed = join_test(open_source(photos), open_source(tmp_path / "other"))
    sample(listed)
    load(listed, SETTINGS)
    assert sorted(opened) == sorted(2 * [f"{number}.png" for number in range(8)])


def test_what_finds_no_room_in_memory_is_read_again(monkeypatch):
    monkeypatch.setattr("imagier.datasets.pictures.MOST_KEPT", 500)
    pictures = Memory(png(level).ljust(200, b"\0") for level in range(6))
    listed = keep_contents(listing(pictures))
    for side in (16, 8):
        assert len(load(listed, Prepare(height=side, width=side, channels=3))) == 6
    assert len(pictures.was_read) == 6 + 4


# Thumbnails


def test_thumbnails_do_not_depend_on_the_input_s_size(tmp_path):
    rng = np.random.default_rng(0)
    for number in range(4):
        file = tmp_path / "set" / "ab"[number % 2] / f"{number}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        small = Image.fromarray(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8))
        small.resize((1800, 1300), Image.Resampling.BICUBIC).save(file)
    listed = open_source(tmp_path / "set")
    sets = [
        load(listed, Prepare(height=side, width=side, channels=channels, fit=fit))
        for side, channels, fit in ((28, 1, "pad"), (224, 3, "crop"), (384, 3, "stretch"))
    ]
    again = load(listed, sets[0].prepare)  # from the cache
    for dataset in (*sets, again):
        assert dataset.thumbnails.shape == (4, 64, 64, 3)
        assert np.array_equal(dataset.thumbnails, sets[0].thumbnails)
        assert dataset.hashes.tolist() == sets[0].hashes.tolist()


def test_small_pictures_have_no_thumbnail_large_ones_beside_them_have(photos):
    assert load(open_source(photos), SETTINGS).thumbnails is None
    Image.effect_noise((80, 90), 40).save(photos / "cat" / "large.png")
    for _ in range(2):
        dataset = load(open_source(photos), SETTINGS)
        is_large = [name == "cat/large.png" for name in dataset.names]
        assert dataset.thumbnails.any(axis=(1, 2, 3)).tolist() == is_large
        assert dataset.take([0]).thumbnails.shape == (1, 64, 64, 3)


def test_arrays_of_large_pictures_have_thumbnails_on_the_scale_of_255():
    array = np.random.default_rng(0).integers(0, 17, (70, 64, 70, 1), dtype=np.uint8)
    settings = Prepare(height=64, width=70, channels=1, full_scale=16)
    dataset = load(array_listing(array, full_scale=16), settings)
    assert dataset.pixels is array or np.shares_memory(dataset.pixels, array)
    for picture, thumbnail in zip(array, dataset.thumbnails, strict=True):
        assert np.array_equal(thumbnail, make_thumbnail(picture, scale=16))
    assert dataset.thumbnails.max() > 128


def test_a_class_of_which_nothing_can_be_used_is_left_out_with_the_reason(photos):
    for name in ("1.png", "2.png"):
        (photos / "owl").mkdir(exist_ok=True)
        (photos / "owl" / name).write_bytes(b"no picture")
    (photos / "ant").mkdir()
    (photos / "ant" / "1.png").write_bytes(b"")
    with use_language("en"):
        dataset = load(open_source(photos), SETTINGS)
    assert dataset.classes == ("cat", "dog")
    assert dataset.counts() == {"cat": 4, "dog": 4}
    ant, owl = dataset.notes
    assert ant.startswith("The class ant is left out: its only picture cannot be used. ")
    assert owl.startswith("The class owl is left out: none of its 2 pictures can be used. ")
    assert "owl/1.png" in owl


def test_the_classes_of_a_model_stay_where_a_source_lacks_them(photos):
    dataset = load(open_source(photos), SETTINGS, classes=["owl", "cat", "dog"])
    assert dataset.classes == ("owl", "cat", "dog")
