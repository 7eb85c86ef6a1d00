"""A reader at work on lines of bars: texts, places, doubts, pages, pictures turned round."""

import copy
import io
import pickle

import numpy as np
import pytest
from PIL import Image

from imagier.errors import ImagierError, ModelError, PictureError, UsageError
from imagier.i18n import LANGUAGES, use_language
from imagier.reading import CodeList, LineReader, ReadLine, load_reader
from imagier.recognizer.abstention import threshold_rows
from tests.recognizer import tiny_models as tiny


@pytest.fixture(scope="module")
def reader():
    return LineReader(tiny.tiny_reader())


@pytest.fixture(scope="module")
def page_reader():
    return LineReader(tiny.tiny_reader(whole=True, width=128))


def judged():
    """A reader that was judged: sure lines are right, unsure ones mostly not."""
    sure = np.linspace(0, 1, 1000)
    return tiny.tiny_reader(thresholds=threshold_rows(sure, sure > 0.6))


# Texts, probabilities, places


@pytest.mark.parametrize("text", ["1", "42", "1234", "4444444"])
def test_a_line_is_read(reader, text):
    line = reader.read(tiny.bars(text))
    assert (line.text, line.rejected, line.status) == (text, False, "ok")
    assert line.probability > 0.99
    assert line.boxes == tuple((4 + 8 * k, 0, 8 + 8 * k, 16) for k in range(len(text)))
    assert (line.box, line.number, line.is_turned, line.error) == (None, None, False, None)


def test_boxes_are_in_pixels_of_the_picture(reader):
    line = reader.read(tiny.bars("413", height=128))
    assert line.text == "413"
    for k, box in enumerate(line.boxes):
        assert np.abs(np.array(box) - (16 + 32 * k, 0, 32 + 32 * k, 64)).max() <= 4


@pytest.mark.parametrize("kind", ["array", "image", "bytes", "file", "path", "colours", "dark"])
def test_pictures_of_every_kind(reader, kind, tmp_path):
    pixels = tiny.bars("314")
    Image.fromarray(pixels).save(tmp_path / "a.png")
    content = (tmp_path / "a.png").read_bytes()
    picture = {
        "array": pixels,
        "image": Image.fromarray(pixels),
        "bytes": content,
        "file": io.BytesIO(content),
        "path": tmp_path / "a.png",
        "colours": np.repeat(pixels[:, :, None], 3, axis=2),
        "dark": 255 - pixels,
    }[kind]
    assert reader.read(picture).text == "314"


def test_the_level_that_is_white_in_an_array(reader):
    assert reader.read(tiny.bars("314") / 255, scale=1).text == "314"
    with pytest.raises(UsageError) as refused:
        reader.read("a.png", scale=1)
    assert refused.value.code == "scale_without_array"


def test_alternatives_are_the_next_probable_texts():
    reader = LineReader(tiny.tiny_reader(), alternatives=2)
    line = reader.read(tiny.bars("4.1"))
    texts = [line.text, *(one.text for one in line.reading.alternatives)]
    assert set(texts[:2]) == {"411", "421"}
    assert len(texts) == 3


# Why a line is rejected


def test_a_picture_without_characters(reader):
    line = reader.read(np.full((32, 50), 255, np.uint8))
    assert (line.text, line.rejected, line.reading.reason, line.boxes) == ("", True, "empty", ())
    assert line.sentence


@pytest.mark.parametrize("text", ["222", "212", "4321"])
def test_upside_down(reader, text):
    line = reader.read(tiny.bars(text, flipped=True))
    assert (line.is_turned, line.rejected, line.reading.reason) == (True, True, "upside_down")
    for language in LANGUAGES:
        with use_language(language):
            assert text in reader.read(tiny.bars(text, flipped=True)).line()
    assert not reader.read(tiny.bars(text)).is_turned


def test_upside_down_where_a_rule_wants_it():
    reader = load_reader(tiny.tiny_reader(), codes=["222"])
    line = reader.read(tiny.bars("222", flipped=True))
    assert line.reading.reason == "upside_down"
    assert reader.read(tiny.bars("44")).reading.reason == "codes"


def test_an_unsure_line():
    reader = LineReader(judged(), max_error=0.05)
    line = reader.read(tiny.bars("1.1"))
    assert (line.rejected, line.reading.reason, line.abstained) == (True, "unsure", True)
    assert reader.read(tiny.bars("121")).text == "121"
    with use_language("en"):
        assert "I don’t know (perhaps 1" in line.line()


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"format": r"\d{4}"}, "format"),
        ({"codes": ["123", "4"]}, "codes"),
        ({"codes": CodeList.of_codes(["123", "4"])}, "codes"),
        ({"check": "luhn"}, "check"),
    ],
    ids=str,
)
def test_a_rule(rule, reason):
    reader = load_reader(tiny.tiny_reader(), **rule)
    line = reader.read(tiny.bars("321"))
    assert (line.text, line.rejected, line.reading.reason) == ("321", True, reason)
    with use_language("en"):
        assert line.line().endswith("It seems to say 321.")


def test_a_rule_mends_what_is_nearly_as_probable():
    assert load_reader(tiny.tiny_reader(), codes=["421"]).read(tiny.bars("4.1")).text == "421"
    assert load_reader(tiny.tiny_reader(), codes=["411"]).read(tiny.bars("4.1")).text == "411"


def test_an_amount_has_its_value():
    line = load_reader(tiny.tiny_reader(), amount=True).read(tiny.bars("1234"))
    assert (line.reading.value, line.to_json()["value"]) == ("1234", "1234")
    assert line.line().endswith("= 1234")


# What cannot be read


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (np.full((32, 200), 255, np.uint8), "line_too_long"),
        (np.full((400, 10), 255, np.uint8), "line_too_narrow"),
        (b"text", "not_an_image"),
        ("nothing.png", "missing"),
    ],
    ids=["long", "narrow", "text", "missing"],
)
def test_a_picture_that_cannot_be_read(reader, picture, code):
    with pytest.raises(PictureError) as refused:
        reader.read(picture)
    assert refused.value.code == code
    for language in LANGUAGES:
        with use_language(language):
            assert refused.value.message
            assert refused.value.next_step


def test_a_page_without_lines(page_reader):
    with pytest.raises(PictureError) as refused:
        page_reader.read_page(np.full((300, 200), 255, np.uint8))
    assert refused.value.code == "no_lines"


def test_bad_pictures_have_an_answer_and_the_others_go_on(reader):
    pictures = ["no.png", tiny.bars("12"), PictureError("missing", path="x"), tiny.bars("34"), b""]
    lines = list(reader.read_many(pictures))
    assert [line.text for line in lines] == [None, "12", None, "34", None]
    codes = [line.error and line.error["code"] for line in lines]
    assert codes == ["missing", None, "missing", None, "empty_file"]
    assert lines[0].path == "no.png"


def test_a_model_that_names_pictures_is_no_reader():
    with pytest.raises(ModelError) as refused:
        LineReader(tiny.tiny_recognizer(name="thirds.imagier"))
    assert refused.value.code == "not_a_reader"
    assert "thirds.imagier" in refused.value.message


@pytest.mark.parametrize("picture", ["a.png", b"x", np.zeros((32, 40), np.uint8)])
def test_one_picture_is_not_many(reader, picture):
    with pytest.raises(UsageError) as refused:
        reader.read_many(picture)  # at once, before an answer is asked for
    assert refused.value.code == "one_for_many"


@pytest.mark.parametrize("alternatives", [-1, 1.5, "2"])
def test_alternatives_that_are_no_number(alternatives):
    with pytest.raises(ImagierError):
        LineReader(tiny.tiny_reader(), alternatives=alternatives)


# Many


def test_many_lines_come_in_order_however_many(reader):
    texts = [
        "".join(map(str, digits)) for digits in np.random.default_rng(0).integers(1, 5, (150, 4))
    ]
    lines = list(reader.read_many(tiny.bars(text) for text in texts))
    assert [line.text for line in lines] == texts
    assert all(line.view is None for line in lines)


def test_prepared_lines(reader):
    pixels = np.stack([tiny.bars(text, width=64)[:, :, None] for text in ("12", "43", "1")])
    told = []
    assert [one.text for one in reader.read_prepared(pixels, told=told.append)] == ["12", "43", "1"]
    assert told == [3]


def test_the_lines_of_pages(page_reader):
    first, second = ("1234", "21"), ("4", "33", "1111")
    lines = list(
        page_reader.read_many([tiny.bar_page(*first), "no.png", tiny.bar_page(*second)], lines=True)
    )
    assert [line.text for line in lines] == [*first, None, *second]
    assert [line.number for line in lines] == [1, 2, None, 1, 2, 3]
    assert lines[0].box == (56, 46, 92, 78)
    assert lines[0].boxes[0] == (60, 50, 64, 74)
    with use_language("en"):
        assert "<array>, line 2" in lines[1].line()


def test_a_line_of_a_page_that_does_not_fit_has_an_answer_and_the_others_go_on(page_reader):
    page = tiny.bar_page("1234", "1" * 25, "22")
    lines = page_reader.read_page(page)
    assert [line.text for line in lines] == ["1234", None, "22"]
    assert [line.number for line in lines] == [1, 2, 3]
    assert lines[1].error["code"] == "line_too_long"
    assert lines[1].box is not None
    with use_language("en"):
        assert "<array>, line 2 is too long" in page_reader.read_page(page)[1].line()


def test_a_page_of_many_lines_is_read_in_batches(page_reader):
    page = tiny.bar_page(*["1234", "4321"] * 50, size=(6200, 300))
    texts = [line.text for line in page_reader.read_page(page)]
    assert len(texts) == 100


# What stays the same


def test_a_reader_can_be_copied_and_sent_elsewhere(reader):
    strict = load_reader(tiny.tiny_reader(), format=r"\d{3}", check="luhn", alternatives=1)
    for other in (copy.copy(strict), copy.deepcopy(strict), pickle.loads(pickle.dumps(strict))):
        for text in ("123", "1234", "422"):
            one, two = strict.read(tiny.bars(text)), other.read(tiny.bars(text))
            assert one.to_json() == two.to_json()


def test_what_a_reader_is_in_one_line():
    reader = load_reader(tiny.tiny_reader(), format=r"\d{3}")
    assert repr(reader) == r"LineReader('bars.imagier', characters='1234', format \d{3})"


def test_json_has_all_keys_always(reader):
    good = reader.read(tiny.bars("12")).to_json()
    bad = ReadLine.of_error(PictureError("missing", path="a.png")).to_json()
    assert good.keys() == bad.keys()
    assert bad["path"] == "a.png"
    assert bad["text"] is None
    assert bad["rejected"] is None
