"""Where lines come from: tables, names of files, single characters."""

import numpy as np
import pytest
from PIL import Image

from imagier.errors import DataError, UsageError
from imagier.learning import TrainOptions
from imagier.learning.progress import silent
from imagier.reading import line_source
from imagier.reading.line_source import are_characters, open_lines, prepare_lines
from imagier.reading.reader_options import ReaderOptions, check_reader_options

PLAIN = TrainOptions(network="reader")


@pytest.fixture
def write(tmp_path):
    def write(names, *, folder="lines", width=80):
        generator = np.random.default_rng(len(names))
        place = tmp_path / folder
        place.mkdir(exist_ok=True)
        for name in names:
            levels = generator.integers(0, 256, (24, width), dtype=np.uint8)
            Image.fromarray(levels).save(place / name)
        return place

    return write


def test_files_called_by_their_texts(write):
    place = write(["226md.png", "4n1x2.png", "226md2.png"])
    (place / "notes.txt").write_text("no picture")
    listing = open_lines(place, PLAIN)
    assert sorted(listing.labels) == ["226md", "226md2", "4n1x2"]


def test_a_table_whose_column_is_called_text(write):
    place = write(["a.png", "b.png", "c.png"])
    rows = ["path,label,text", "a.png,x,007", 'b.png,y,"12,5"', "c.png,x,"]
    (place / "labels.csv").write_text("\n".join(rows))
    for source in (place, place / "labels.csv"):
        listing = open_lines(source, PLAIN)
        assert listing.labels == ("007", "12,5")  # zeros stay, the line without a text is left out
        assert len(listing.skipped) == 1


def test_another_column_may_be_named(write):
    place = write(["a.png", "b.png"])
    (place / "labels.csv").write_text("path,text,amount\na.png,x,7\nb.png,y,8\n")
    found = open_lines(place / "labels.csv", TrainOptions(network="reader", label_column="amount"))
    assert found.labels == ("7", "8")


def test_single_characters_are_no_lines():
    listing = open_lines("digits", PLAIN)
    assert are_characters(listing)


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(line_source, "JUDGING", 20)
    monkeypatch.setattr(line_source, "TESTING", 10)
    monkeypatch.setattr(line_source, "MEASURED", 20)


@pytest.mark.usefixtures("few")
def test_lines_of_each_part_are_composed_of_its_own_characters():
    lines = prepare_lines("digits", PLAIN, ReaderOptions(format=r"\d{3}"), silent)
    assert len(lines.train) == 0
    assert (len(lines.validation), len(lines.test)) == (20, 10)
    assert all(len(text) == 3 for text in (*lines.validation.texts, *lines.test.texts))
    counts = [len(one.glyphs) for one in (lines.composer,)]
    assert counts[0] < 1797  # the digits of the other parts are not among them
    again = prepare_lines("digits", PLAIN, ReaderOptions(format=r"\d{3}"), silent)
    np.testing.assert_array_equal(lines.test.pixels, again.test.pixels)
    assert lines.shape == (32, lines.settings.width, 1)


def test_real_lines_are_parted_though_each_text_is_its_own(write):
    names = [f"{number:04d}.png" for number in range(0, 4000, 37)]
    lines = prepare_lines(write(names), PLAIN, ReaderOptions(), silent)
    assert len(lines.test) == pytest.approx(0.15 * len(names), abs=2)
    assert len(lines.train) + len(lines.validation) + len(lines.test) == len(names)
    assert lines.composer is None
    assert lines.settings.width == 112  # 80 × 32 / 24, up to a multiple of 16
    assert set(lines.alphabet.characters) == set("0123456789")


def test_lines_of_a_document_stay_together(write):
    names = [f"{number}.png" for number in range(100, 200)]
    place = write(names)
    rows = [f"{name},{name[:3]},{int(name[:3]) // 10}" for name in names]
    (place / "labels.csv").write_text("path,text,page\n" + "\n".join(rows))
    options = TrainOptions(network="reader", group="page")
    lines = prepare_lines(place, options, ReaderOptions(), silent)
    parts = [set(part.documents) for part in (lines.train, lines.validation, lines.test)]
    assert all(parts)
    assert sum(map(len, parts)) == len(set.union(*parts))


def test_characters_beside_real_lines(write):
    names = [f"{number:03d}.png" for number in range(0, 900, 9)]
    lines = prepare_lines(write(names), PLAIN, ReaderOptions(characters="digits"), silent)
    pixels, texts = lines.composer.compose(range(6), 0)
    assert pixels.shape == (6, *lines.shape)
    assert all(len(text) == 3 for text in texts)


def test_characters_that_no_line_has(write):
    place = write([f"{word}.png" for word in ("ab", "ba", "abba", "aab", "bba", "abab")])
    with pytest.raises(DataError) as caught:
        prepare_lines(place, PLAIN, ReaderOptions(characters="digits"), silent)
    assert caught.value.code in {"characters_apart", "too_few_pictures"}


@pytest.mark.parametrize(
    "options",
    [{"classes": ("a", "b")}, {"loss": "squared"}, {"fit": "pad"}, {"network": "reader;cnn"}],
)
def test_options_that_make_no_sense(options):
    with pytest.raises(UsageError) as caught:
        check_reader_options(TrainOptions(**{"network": "reader"} | options))
    assert caught.value.code == "option_not_for_reader"


def test_a_format_of_characters_that_are_not_there():
    with pytest.raises(UsageError) as caught:
        prepare_lines("digits", PLAIN, ReaderOptions(format="[a-f]{3}"), silent)
    assert caught.value.code == "format_characters"
