"""What Python hands over: scales, open files, lists; and what is refused in one sentence."""

import copy
import io
import pickle  # what is opened here was written here
import zlib

import numpy as np
import pytest
from PIL import Image

from imagier import load
from imagier.errors import ModelError, PictureError, UsageError
from imagier.images import Ink, Prepare
from imagier.recognizer import Recognizer
from imagier.recognizer.inputs import read_picture


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels).save(
        file, "PNG"
    )
    return file.getvalue()


# Scales

SCALES = (1, 2, 4.5, 16, 100, 255, 256, 300.5, 1023, 4095, 65535, 2**32, 1e9)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("full_scale", [16, 255])
def test_every_scale_means_the_same_picture(scale, full_scale):
    settings = Prepare(height=16, width=16, channels=1, full_scale=full_scale)
    ramp = np.arange(256).reshape(16, 16) / 255
    _, wanted = read_picture((ramp * 255).astype(np.uint8), settings, scale=255)
    _, found = read_picture(ramp * scale, settings, scale=scale)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32, np.float32, bool])
def test_every_kind_of_number_means_the_same_picture(kind):
    settings = Prepare(height=4, width=4, channels=1)
    checks = np.indices((4, 4)).sum(axis=0) % 2
    white = {np.uint8: 255, np.uint16: 65535, np.int32: 4095, np.float32: 1, bool: 1}[kind]
    _, pixels = read_picture((checks * white).astype(kind), settings, scale=white)
    np.testing.assert_array_equal(pixels[:, :, 0], checks * 255)


@pytest.mark.parametrize("scale", [0, -1, "255", True, float("nan"), float("inf"), [255]])
def test_what_is_no_scale_is_refused(recognizer, tiny, scale):
    with pytest.raises(UsageError, match="scale"):
        recognizer.predict(tiny.bright(0), scale=scale)
    with pytest.raises(UsageError, match="scale"):
        recognizer.predict_many([tiny.bright(0)], scale=scale)


def test_levels_beyond_the_scale_are_refused(recognizer, tiny):
    for array, scale in ((tiny.bright(0), 100), (tiny.bright(0) / 255, None)):
        with pytest.raises(PictureError) as caught:
            recognizer.predict(array, scale=scale)
        assert caught.value.code == "array_range"


def test_a_file_has_a_scale_of_its_own(recognizer, tiny):
    with pytest.raises(UsageError) as caught:
        recognizer.predict(png(tiny.bright(0)), scale=255)
    assert caught.value.code == "scale_without_array"


# Open files


def test_open_files_and_bytes_in_memory_are_read_from_their_beginning(recognizer, tiny, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(png(tiny.bright(1)))
    written = io.BytesIO()
    written.write(path.read_bytes())  # its end is where it stands
    with path.open("rb") as file, path.open("rb", buffering=0) as raw:
        answers = [recognizer.predict(one) for one in (written, file, raw, file)]
        assert not file.closed
    assert {answer.label for answer in answers} == {tiny.THIRDS[1]}
    assert [answer.path for answer in answers[:2]] == ["<file>", str(path)]


def test_files_that_give_no_bytes_are_refused(recognizer, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    with path.open() as text:
        assert refusal(recognizer, text) == "opened_as_text"
    assert refusal(recognizer, text) == "opened_as_text"
    assert refusal(recognizer, io.StringIO("x")) == "opened_as_text"
    assert refusal(recognizer, io.BytesIO()) == "empty_file"
    closed = io.BytesIO(b"x")
    closed.close()
    assert refusal(recognizer, closed) == "stream_unreadable"
    with (tmp_path / "b.png").open("wb") as written:
        assert refusal(recognizer, written) == "stream_unreadable"


class Slow(io.RawIOBase):
    """Gives a few bytes at a time, as a socket does, and may break off."""

    def __init__(self, content, *, error=None):
        self._file, self._error = io.BytesIO(content), error

    def readable(self):
        return True

    def read(self, size=-1):
        some = self._file.read(min(size, 7))
        if self._error and not some:
            raise self._error
        return some


def test_a_file_that_comes_piece_by_piece_is_read_whole(recognizer, tiny):
    content = png(tiny.bright(1))
    assert recognizer.predict(Slow(content)).label == tiny.THIRDS[1]


@pytest.mark.parametrize("error", [RuntimeError("gone"), EOFError(), zlib.error("bad"), KeyError()])
def test_a_file_that_breaks_off_spoils_no_others(recognizer, tiny, error):
    good = png(tiny.bright(1))
    found = list(recognizer.predict_many([good, Slow(good, error=error), "n" * 300, good]))
    assert [one.status for one in found] == ["ok", "error", "error", "ok"]
    assert [one.error and one.error["code"] for one in found[1:3]] == [
        "stream_unreadable",
        "missing",
    ]


def refusal(recognizer, picture):
    with pytest.raises(PictureError) as caught:
        recognizer.predict(picture)
    assert caught.value.message
    assert caught.value.next_step
    return caught.value.code


# What is no picture


@pytest.mark.parametrize("picture", [None, 3, {"a": 1}, object(), [[1, 2], [3]], [None], {1}])
def test_what_is_no_picture_is_named(recognizer, picture):
    assert refusal(recognizer, picture) == "not_a_picture"


def test_a_list_is_not_one_picture(recognizer, tiny):
    for several in ([tiny.bright(0), tiny.bright(1)], ["a.png", "b.png"], [b"x"]):
        assert refusal(recognizer, several) == "several_pictures"
    assert refusal(recognizer, np.zeros((2, 9, 9, 1))) == "array_shape"


def test_a_picture_without_pixels_or_with_what_is_no_number_is_refused(recognizer):
    for size in ((0, 0), (0, 5), (5, 0)):
        assert refusal(recognizer, Image.new("L", size)) == "array_shape"
    for number in (np.nan, np.inf, -np.inf):
        assert refusal(recognizer, np.full((9, 9), number)) == "nan_values"


def test_many_pictures_of_all_kinds(recognizer, tiny, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(png(tiny.bright(2)))
    pictures = [
        path,
        path.read_bytes(),
        tiny.bright(2),
        Image.open(path),
        io.BytesIO(path.read_bytes()),
    ]
    assert [one.label for one in recognizer.predict_many(pictures)] == [tiny.THIRDS[2]] * 5
    block = np.stack([tiny.bright(0), tiny.bright(2)])
    assert [one.label for one in recognizer.predict_many(block)] == [tiny.THIRDS[0], tiny.THIRDS[2]]
    halves = recognizer.predict_many(block / 255, scale=1)
    assert [one.label for one in halves] == [tiny.THIRDS[0], tiny.THIRDS[2]]
    mixed = list(recognizer.predict_many([None, path]))
    assert [one.status for one in mixed] == ["error", "ok"]


@pytest.mark.parametrize(
    "one", ["x.jpg", b"x", None, 3, np.zeros((9, 9)), np.zeros((9, 9, 3)), io.BytesIO(b"x")]
)
def test_one_picture_is_not_many(recognizer, one):
    with pytest.raises(UsageError) as caught:
        recognizer.predict_many(one)  # at once, not when the first answer is asked for
    assert caught.value.code == "one_for_many"


@pytest.mark.parametrize("top", [-1, 0, 1.5, "2", True, None])
def test_a_number_of_choices_is_a_whole_number(recognizer, tiny, top):
    with pytest.raises(UsageError, match="top"):
        recognizer.predict(tiny.bright(0), top=top)
    with pytest.raises(UsageError, match="top"):
        recognizer.predict_many([tiny.bright(0)], top=top)


# Models from memory


def test_a_model_is_loaded_from_what_its_file_holds(recognizer, tiny, tmp_path):
    file = tmp_path / "m.onnx"
    file.write_bytes(recognizer.onnx)
    with file.open("rb") as opened:
        models = [load(recognizer.onnx), load(bytearray(recognizer.onnx)), load(opened)]
    for model in models:
        assert model.predict(tiny.bright(2)).label == tiny.THIRDS[2]


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2", True])
def test_threads_are_a_whole_number(recognizer, threads):
    with pytest.raises(UsageError, match="threads"):
        load(recognizer.onnx, threads=threads)


def test_what_is_no_model_is_refused():
    for thing in (None, 3, ["a"]):
        with pytest.raises(UsageError):
            load(thing)
    for content in (b"", b"abc", pickle.dumps([1])):
        with pytest.raises(ModelError):
            load(content)
    with pytest.raises(ModelError) as caught:
        load(io.StringIO("x"))
    assert caught.value.code == "model_unreadable"


# Copies


def test_a_recogniser_is_pickled_and_copied_before_and_after_use(model_folder, tiny):
    model = load(model_folder, threads=1)
    for _ in range(2):
        for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model), copy.copy(model)):
            assert isinstance(other, Recognizer)
            assert other.predict(tiny.bright(1)).label == tiny.THIRDS[1]
            assert (other.card, other.name, other.threads) == (model.card, model.name, 1)
            assert dict(other.artifacts) == dict(model.artifacts)
            assert other.weights == model.weights
        model.predict(tiny.bright(0))


def test_a_pickle_is_checked_as_a_file_is(recognizer):
    content = pickle.dumps(recognizer)
    spoilt = content.replace(b"Softmax", b"Softmix")
    assert spoilt != content
    with pytest.raises(ModelError):
        pickle.loads(spoilt)


def test_a_recogniser_shows_itself_in_one_line(recognizer):
    assert len(repr(recognizer)) < 200
    assert "left" in repr(recognizer)


# Empty pages


def test_an_empty_page_is_called_empty(tiny):
    ink = Prepare(height=9, width=9, channels=1, ink=Ink(box=0.7, centre="mass"))
    page = np.full((40, 40), 255, np.uint8)
    model = tiny.tiny_recognizer(card=tiny.tiny_card(prepare=ink))
    for empty in (page, png(page), Image.fromarray(np.zeros((9, 9), np.uint8))):
        assert refusal(model, empty) == "empty_page"
    answers = list(model.predict_many([png(page)]))
    assert answers[0].error["code"] == "empty_page"
    card = tiny.tiny_card(prepare=ink, data={"n": 3, "blank": 1})
    assert tiny.tiny_recognizer(card=card).predict(page).status == "ok"
