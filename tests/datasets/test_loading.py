"""Loading: every picture decoded, prepared, named, or skipped with a reason."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from imagier.datasets import Listing, load, open_source, sample_prepare
from imagier.datasets.arrays import ArrayPictures
from imagier.datasets.loading import filling
from imagier.datasets.loading import loader as loading
from imagier.datasets.loading.fingerprints import pixel_hash
from imagier.errors import DataError
from imagier.files import content_hash
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
    """Pictures kept as bytes of files, which a test may change between two readings."""

    def __init__(self, contents):
        self.contents = list(contents)
        self.decoded = []

    def __len__(self):
        return len(self.contents)

    def content_hash(self, index):
        return content_hash(self.contents[index])

    def picture(self, index, wanted=None):
        self.decoded.append(index)
        return decode(self.contents[index], name=f"{index}.png", wanted=wanted)


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


def test_a_file_that_changes_while_it_is_read_is_named():
    pictures = Memory(png(level) for level in range(6))
    take = pictures.picture

    def change_the_third(index, wanted=None):
        if index == 2:
            pictures.contents[2] = png(200)
        return take(index, wanted)

    pictures.picture = change_the_third
    dataset = load(listing(pictures), SETTINGS)
    assert [(one.path, one.code) for one in dataset.skipped] == [("2.png", "changed")]
    assert dataset.names == ("0.png", "1.png", "3.png", "4.png", "5.png")
    assert [int(np.median(pixels)) for pixels in dataset.pixels] == [0, 1, 3, 4, 5]


def test_the_same_content_is_decoded_once():
    pictures = Memory([png(1), png(2), png(1), png(1)])
    dataset = load(listing(pictures), SETTINGS)
    assert sorted(pictures.decoded) == [0, 1]
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
    assert seen == [(8, 8)]


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
    def stop(self, index, wanted=None):
        raise KeyboardInterrupt

    monkeypatch.setattr("imagier.datasets.sources.picture_files.PictureFiles.picture", stop)
    with pytest.raises(KeyboardInterrupt):
        load(open_source(photos), SETTINGS)


def test_a_bug_in_decoding_is_not_taken_for_a_bad_picture():
    def fail(index, wanted=None):
        return 1 / 0

    pictures = Memory([png(1), png(2)])
    pictures.picture = fail
    with pytest.raises(ZeroDivisionError):
        load(listing(pictures), SETTINGS)


# Pictures that stand in an array already


def array_listing(array, **facts):
    return listing(ArrayPictures(array), **facts)


def test_an_array_of_the_input_s_size_is_taken_as_it_is(monkeypatch):
    array = np.random.default_rng(0).integers(0, 256, (50, 16, 16, 3), dtype=np.uint8)
    monkeypatch.setattr(loading, "prepare", None)
    monkeypatch.setattr(filling, "prepare", None)
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
    settings = sample_prepare(open_source(photos))
    assert (settings.height, settings.width, settings.channels) == (20, 24, 3)
    assert sample_prepare(open_source(photos), limit=12, fit="crop").fit == "crop"
    assert sample_prepare(open_source(photos), limit=12).height <= 12


def test_the_second_choice_decodes_nothing(photos, monkeypatch):
    first = sample_prepare(open_source(photos))
    monkeypatch.setattr("imagier.datasets.sources.picture_files.decode", None)
    assert sample_prepare(open_source(photos)) == first
    with pytest.raises(TypeError):
        sample_prepare(open_source(photos), limit=32)


def test_a_damaged_choice_is_made_again(photos, tmp_path):
    first = sample_prepare(open_source(photos))
    [kept] = (tmp_path / "cache" / "imagier" / "prepare").iterdir()
    for content in (b"", b"{}", b"[" * 9999, b'{"height": -1}', b'{"height": "64"}'):
        kept.write_bytes(content)
        assert sample_prepare(open_source(photos)) == first


def test_the_choice_does_not_depend_on_the_order():
    pictures = [png(level, (20 + level, 30)) for level in range(20)]
    names = tuple(f"{row}.png" for row in range(20))
    turned = tuple(reversed(names))
    one = sample_prepare(listing(Memory(pictures), names=names))
    other = sample_prepare(listing(Memory(reversed(pictures)), names=turned))
    assert one == other


def test_pictures_of_the_source_s_own_test_are_not_looked_at():
    pictures = Memory([png(1, (16, 16)), png(2, (16, 16)), png(3, (40, 40))])
    settings = sample_prepare(listing(pictures, parts=("train", "train", "test")))
    assert (settings.height, settings.width) == (16, 16)
    assert 2 not in pictures.decoded


def test_at_most_256_pictures_are_decoded():
    pictures = Memory(png(row % 256, (16 + row // 256, 16)) for row in range(300))
    sample_prepare(listing(pictures))
    assert len(pictures.decoded) == 256


def test_a_sample_of_bad_pictures_goes_on_to_the_next():
    good = {f"{row}.png": png(row, (16, 16)) for row in range(3)}
    bad = {f"bad{row}.png": b"words %d" % row for row in range(400)}
    files = bad | good
    listed = listing(Memory(files.values()), names=tuple(files))
    assert sample_prepare(listed).height == 16
    with pytest.raises(DataError) as caught:
        sample_prepare(listing(Memory(bad.values()), names=tuple(bad)))
    assert caught.value.code == "no_picture_usable"


def test_a_large_sample_is_made_smaller_before_it_is_kept(monkeypatch):
    shapes = []

    def choose(sample, sizes, **wishes):
        shapes.extend((picture.shape, size) for picture, size in zip(sample, sizes, strict=True))
        return SETTINGS

    monkeypatch.setattr("imagier.datasets.loading.sampling.choose_prepare", choose)
    grey = np.random.default_rng(0).integers(0, 256, (2, 900, 1200, 1), dtype=np.uint8)
    assert sample_prepare(array_listing(grey)) == SETTINGS
    assert shapes == [((129, 172, 1), (900, 1200))] * 2


def test_an_error_of_a_picture_is_said_in_the_language_of_the_moment():
    pictures = Memory([png(1), png(2), b"words words words"])
    listed = listing(pictures)
    english = load(listed, SETTINGS).skipped[0].message
    with use_language("fr"):
        french = load(listed, SETTINGS).skipped[0].message
    assert english != french
    assert "2.png" in french
