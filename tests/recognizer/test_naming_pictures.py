"""Predicting: whatever holds the picture, however many there are, with whatever neighbours."""

import io
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imagier.errors import ImagierError, ModelError, PictureError
from imagier.i18n import use_language
from imagier.recognizer import Prediction, Recognizer


@pytest.fixture
def conv(tiny):
    """A convolutional recogniser of five classes."""
    classes = ("a", "b", "c", "d", "e")
    return Recognizer(
        card=tiny.tiny_card(side=16, channels=3, classes=classes),
        onnx=tiny.convolution_model().SerializeToString(),
    )


def image_of(pixels):
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def png(pixels):
    file = io.BytesIO()
    image_of(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def pictures(tiny, tmp_path):
    """Nine files: left, middle, right, left..."""
    paths = []
    for number in range(9):
        path = tmp_path / f"{number}.png"
        path.write_bytes(png(tiny.bright(number % 3)))
        paths.append(path)
    return paths


# One picture, held in any way


@pytest.mark.parametrize("third", range(3))
def test_all_ways_to_hold_a_picture_agree(recognizer, tiny, tmp_path, third):
    pixels = tiny.bright(third)
    path = tmp_path / "été 🐈.png"
    path.write_bytes(png(pixels))
    ways = [
        path,
        str(path),
        png(pixels),
        bytearray(png(pixels)),
        image_of(pixels),
        Image.open(path),
        pixels,
        pixels[:, :, 0],
        np.repeat(pixels, 3, axis=2),
        pixels.astype(np.int64),
        pixels.astype(float),
    ]
    answers = [recognizer.predict(way) for way in ways]
    assert {answer.label for answer in answers} == {tiny.THIRDS[third]}
    for answer in answers:
        assert answer.probability == pytest.approx(answers[0].probability, abs=1e-5)


def test_an_answer(recognizer, tiny):
    answer = recognizer.predict(tiny.bright(1), top=2)
    assert isinstance(answer, Prediction)
    assert answer.status == "ok"
    assert answer.label == "middle" == answer.top[0][0]
    assert answer.probability == answer.top[0][1] > 0.9
    assert len(answer.top) == 2
    assert answer.abstained is False
    assert answer.error is None
    assert answer.path == "<array>"


@pytest.mark.parametrize(("top", "n"), [(1, 1), (3, 3), (5, 3)])
def test_as_many_choices_as_asked_and_there_are(recognizer, tiny, top, n):
    choices = recognizer.predict(tiny.bright(0), top=top).top
    assert len(choices) == n
    shares = [share for _, share in choices]
    assert shares == sorted(shares, reverse=True)


def test_the_json_of_an_answer(recognizer, tiny, tmp_path):
    answer = recognizer.predict(tiny.bright(0)).to_json()
    keys = ["path", "status", "label", "probability", "top", "abstained", "stranger", "error"]
    assert list(answer) == keys
    assert answer["label"] == "left"
    assert answer["top"][0] == ["left", answer["probability"]]
    bad = next(recognizer.predict_many([tmp_path / "none.png"])).to_json()
    assert list(bad) == keys
    assert (bad["status"], bad["label"], bad["probability"], bad["top"]) == (
        "error",
        None,
        None,
        [],
    )
    assert bad["error"]["code"] == "missing"
    assert "none.png" in bad["error"]["message"]


def test_the_scale_of_an_array(tiny):
    card = tiny.tiny_card(prepare=tiny.Prepare(height=9, width=9, channels=1, full_scale=16))
    recognizer = tiny.tiny_recognizer(card=card)
    levels = tiny.bright(2) // 15
    own = recognizer.probabilities(levels[np.newaxis])[0]
    assert recognizer.predict(levels).probability == pytest.approx(own.max())
    with pytest.raises(ImagierError) as refused:
        recognizer.predict(tiny.bright(2))
    assert refused.value.code == "array_range"
    assert recognizer.predict(tiny.bright(2), scale=255).label == recognizer.predict(levels).label


def test_an_upright_picture_whatever_its_orientation(recognizer, tiny, tmp_path):
    stored = image_of(tiny.bright(0)).transpose(Image.Transpose.ROTATE_180)
    exif = Image.Exif()
    exif[0x0112] = 3
    stored.save(tmp_path / "turned.png", exif=exif)
    assert recognizer.predict(tmp_path / "turned.png").label == "left"
    assert recognizer.predict(Image.open(tmp_path / "turned.png")).label == "left"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty_file"), (b"hello", "not_an_image"), (b"\x89PNG\r\n\x1a\n", "truncated")],
)
def test_bad_pictures(recognizer, tmp_path, content, code):
    (tmp_path / "bad.png").write_bytes(content)
    for way in (tmp_path / "bad.png", content):
        with pytest.raises(PictureError) as refused:
            recognizer.predict(way)
        assert refused.value.code == code


@pytest.mark.parametrize("array", [np.zeros((2, 2, 2, 2)), np.zeros(5), np.full((9, 9), np.nan)])
def test_bad_arrays(recognizer, array):
    with pytest.raises(ImagierError) as refused:
        recognizer.predict(array)
    assert refused.value.code in {"array_shape", "nan_values"}


def test_a_half_read_pillow_image(recognizer, tiny):
    content = png(np.random.default_rng(0).integers(0, 256, (90, 90, 1), np.uint8))
    broken = Image.open(io.BytesIO(content[:4000]))
    with pytest.raises(PictureError):
        recognizer.predict(broken)


def test_a_picture_that_is_not_there(recognizer, tmp_path):
    for name in (tmp_path / "no.png", tmp_path / "no" / "no.png", "a\0b.png", ""):
        with pytest.raises(PictureError) as refused:
            recognizer.predict(name)
        assert refused.value.code == "missing"


def test_links_that_the_user_names_are_followed(recognizer, pictures, tmp_path):
    (tmp_path / "link").symlink_to(pictures[2])
    assert recognizer.predict(tmp_path / "link").label == "right"
    assert recognizer.predict(tmp_path / "link").path.endswith("link")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    for name in ("loop", "broken"):
        with pytest.raises(PictureError) as refused:
            recognizer.predict(tmp_path / name)
        assert name in refused.value.message


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders there")
def test_a_pipe_never_blocks(recognizer, tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(PictureError) as refused:
        recognizer.predict(tmp_path / "pipe.png")
    assert refused.value.code == "not_a_file"


# Many pictures


def test_many_pictures_in_their_order(recognizer, pictures, tiny):
    answers = list(recognizer.predict_many(pictures, batch=4))
    assert [answer.label for answer in answers] == list(tiny.THIRDS) * 3
    assert [answer.path for answer in answers] == [str(path) for path in pictures]


def test_a_bad_picture_does_not_stop_the_others(recognizer, pictures, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"text")
    paths = [pictures[0], tmp_path / "bad.png", PictureError("missing", path="x"), pictures[1]]
    answers = list(recognizer.predict_many(paths))
    assert [answer.status for answer in answers] == ["ok", "error", "error", "ok"]
    assert [answer.label for answer in answers] == ["left", None, None, "middle"]
    assert [answer.error and answer.error["code"] for answer in answers] == [
        None, "not_an_image", "missing", None,
    ]  # fmt: skip


def test_a_picture_named_twice_is_answered_twice(recognizer, pictures):
    answers = list(recognizer.predict_many([pictures[1]] * 3, batch=2))
    assert len(answers) == 3
    assert len(set(answers)) == 1


def test_nothing_but_bad_pictures_and_nothing_at_all(recognizer):
    assert [a.status for a in recognizer.predict_many(["no.png", "no2.png"])] == ["error"] * 2
    assert list(recognizer.predict_many([])) == []


def test_pictures_are_asked_for_as_they_are_needed(recognizer, pictures):
    asked = []

    def endless():
        while True:
            asked.append(1)
            yield pictures[0]

    answers = recognizer.predict_many(endless(), batch=8)
    for _ in range(20):
        next(answers)
    answers.close()
    assert len(asked) <= 20 + 3 * 8


@pytest.mark.parametrize("name", ["new\nline.png", "-dash.png", "*.png", "'; x.png", "🐈.png"])
def test_odd_names(recognizer, tiny, tmp_path, name):
    (tmp_path / name).write_bytes(png(tiny.bright(1)))
    answer = next(recognizer.predict_many([tmp_path / name]))
    assert answer.label == "middle"
    assert "\n" not in answer.path


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_names_that_are_no_text(recognizer, tiny, tmp_path):
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")
    with open(name, "wb") as file:  # noqa: PTH123
        file.write(png(tiny.bright(1)))
    answer = recognizer.predict(name)
    assert answer.label == "middle"
    assert answer.path.endswith("caf\\xe9.png")
    answer.path.encode("utf-8")


@pytest.fixture(scope="module")
def animals(zoo, tmp_path_factory):
    """The zoo of odd and bad pictures: its folder, and what must become of each."""
    folder = tmp_path_factory.mktemp("zoo")
    return folder, zoo.write_picture_zoo(folder)


def test_the_whole_zoo_is_answered_or_refused_with_its_reason(recognizer, animals):
    folder, entries = animals
    assert len({entry.kind for entry in entries}) >= 40
    answers = list(recognizer.predict_many(folder / entry.name for entry in entries))
    for answer, entry in zip(answers, entries, strict=True):
        code = answer.error["code"] if answer.error else None
        assert (answer.status == "ok", code) == (entry.usable, entry.code), entry.kind
        assert answer.error is None or answer.error["message"]


def test_what_is_no_file_never_blocks(recognizer, zoo, tmp_path):
    entries = zoo.write_special_files(tmp_path)
    answers = list(recognizer.predict_many(tmp_path / entry.name for entry in entries))
    assert {answer.error["code"] for answer in answers} <= {"not_a_file", "missing"}


@pytest.mark.parametrize("has_ink", [False, True])
def test_a_picture_is_prepared_as_it_was_for_learning(tiny, animals, tmp_path, has_ink):
    """One road: what learning saw is what prediction sees, to the last level."""
    from imagier.datasets import load, open_source
    from imagier.images import Ink
    from imagier.recognizer.inputs import read_picture

    folder, entries = animals
    ink = Ink(box=0.8, centre="mass") if has_ink else None
    settings = tiny.Prepare(height=20, width=24, channels=1, ink=ink)
    good = [entry.name for entry in entries if entry.usable and entry.name.isascii()]
    for number, name in enumerate(good):
        place = tmp_path / "set" / str(number % 2) / f"{number}{os.path.splitext(name)[1]}"  # noqa: PTH122
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((folder / name).read_bytes())
    listing = open_source(tmp_path / "set")
    learnt = load(listing, settings)
    assert len(learnt.names) >= 20
    for name, pixels in zip(learnt.names, learnt.pixels, strict=True):
        _, prepared = read_picture(tmp_path / "set" / name, settings)
        np.testing.assert_array_equal(prepared, pixels, err_msg=name)


def test_a_picture_that_does_not_fit_into_memory(recognizer, pictures, monkeypatch):
    from imagier.recognizer import inputs

    def decode(content, **settings):
        raise MemoryError

    monkeypatch.setattr(inputs, "decode", decode)
    answer = next(recognizer.predict_many(pictures[:1]))
    assert answer.error["code"] == "no_memory"


# Neighbours


def test_neighbours_do_not_change_an_answer(conv):
    rng = np.random.default_rng(5)
    pixels = rng.integers(0, 256, (200, 16, 16, 3), np.uint8)
    alone = np.concatenate([conv.probabilities(picture[np.newaxis]) for picture in pixels])
    order = rng.permutation(200)
    for size in (2, 7, 16, 64, 200):
        batches = [order[start : start + size] for start in range(0, 200, size)]
        together = np.empty_like(alone)
        for batch in batches:
            together[batch] = conv.probabilities(pixels[batch])
        np.testing.assert_allclose(together, alone, atol=1e-5, rtol=0)
        assert (together.argmax(1) == alone.argmax(1)).all()


@settings(max_examples=30, deadline=None)
@given(n=st.integers(0, 150))
def test_any_number_of_pictures(recognizer_of_session, n):
    pixels = np.zeros((n, 9, 9, 1), np.uint8)
    assert recognizer_of_session.probabilities(pixels).shape == (n, 3)


@pytest.fixture(scope="module")
def recognizer_of_session(tiny):
    return tiny.tiny_recognizer()


def test_equal_probabilities_keep_the_order_of_the_classes(recognizer):
    answer = recognizer.predict(np.zeros((9, 9), np.uint8))
    assert [label for label, _ in answer.top] == ["left", "middle", "right"]


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((1, 9, 9, 1)), np.zeros((9, 9, 1), np.uint8), np.zeros((1, 9, 9, 3), np.uint8)],
)
def test_pixels_that_were_not_prepared(recognizer, pixels):
    with pytest.raises(ValueError, match="expected uint8"):
        recognizer.probabilities(pixels)


# The network itself fails


def spoilt(tiny, node, *, drop=-1):
    """Give a recogniser whose last operator is another."""
    parts = tiny.graph_parts()
    parts["nodes"][drop] = node
    return tiny.tiny_recognizer(onnx=tiny.model_of(parts).SerializeToString())


def test_answers_that_are_no_probabilities(tiny):
    from onnx import helper

    recognizer = spoilt(tiny, helper.make_node("Identity", ["sums"], ["probabilities"]))
    with use_language("en"), pytest.raises(ModelError) as refused:
        recognizer.predict(tiny.bright(1))
    assert refused.value.code == "model_answers"


def test_a_network_that_the_engine_cannot_run(tiny):
    from onnx import helper

    wrong = helper.make_node("MatMul", ["row", "bias"], ["sums"])
    recognizer = spoilt(tiny, wrong, drop=3)
    with use_language("en"), pytest.raises(ModelError) as refused:
        recognizer.predict(tiny.bright(1))
    assert refused.value.code == "model_fails"
    assert "Traceback" not in refused.value.message


def run(code, *arguments):
    """Run code in a fresh process and give what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_a_network_that_asks_for_terabytes_is_refused(tiny, tmp_path):
    """A few kilobytes that grow by broadcasting: stopped by the bounded memory."""
    from onnx import helper, numpy_helper

    parts = tiny.graph_parts()
    n = 60_000
    line = numpy_helper.from_array(np.ones((1, n), np.float32), "line")
    column = numpy_helper.from_array(np.ones((n, 1), np.float32), "column")
    one = numpy_helper.from_array(np.array([1], np.int64), "one")
    zero = numpy_helper.from_array(np.array([0], np.int64), "zero")
    last = numpy_helper.from_array(np.array([2], np.int64), "last")
    parts["initializer"] += [line, column, one, zero, last]
    parts["nodes"][-1:] = [
        helper.make_node("Slice", ["sums", "zero", "one", "one"], ["first"]),
        helper.make_node("Add", ["first", "line"], ["long"]),
        helper.make_node("Unsqueeze", ["long", "one"], ["higher"]),
        helper.make_node("Add", ["higher", "column"], ["huge"]),
        helper.make_node("ReduceMean", ["huge", "last"], ["means"], keepdims=1),
        helper.make_node("Squeeze", ["means", "last"], ["flat"]),
        helper.make_node("Slice", ["flat", "zero", "three", "one"], ["few"]),
        helper.make_node("Softmax", ["few"], ["probabilities"]),
    ]
    parts["initializer"].append(numpy_helper.from_array(np.array([3], np.int64), "three"))
    recognizer = tiny.tiny_recognizer(onnx=tiny.model_of(parts).SerializeToString())
    recognizer.save(tmp_path / "greedy.imagier")
    printed = run(
        """
        import re, sys, numpy
        from imagier.errors import ModelError
        from imagier.recognizer import load
        try:
            load(sys.argv[1]).predict(numpy.zeros((9, 9), "uint8"))
        except ModelError as error:
            # not ru_maxrss, which counts the process that started this one
            status = open("/proc/self/status").read()
            print(error.code, int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) // 1024)
        """,
        tmp_path / "greedy.imagier",
    )
    code, megabytes = printed.split()
    assert code == "model_fails"
    assert int(megabytes) < 1000


# Start-up and memory


def test_predicting_loads_neither_torch_nor_the_like(model_folder, pictures):
    printed = run(
        """
        import sys
        from imagier.recognizer import load
        load(sys.argv[1]).predict(sys.argv[2])
        print([m for m in ("torch", "onnx", "sklearn", "scipy", "matplotlib", "rich", "jinja2")
               if m in sys.modules])
        """,
        model_folder,
        pictures[0],
    )
    assert printed.strip() == "[]"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_stays_flat_over_many_pictures(model_folder, tmp_path):
    rng = np.random.default_rng(0)
    paths = []
    for number in range(300):
        paths.append(tmp_path / f"{number}.png")
        paths[-1].write_bytes(png(rng.integers(0, 256, (28, 28, 1), np.uint8)))
    (tmp_path / "list").write_text("\n".join(map(str, paths)), "utf-8")
    printed = run(
        """
        import sys
        from pathlib import Path
        from imagier.recognizer import load
        paths = Path(sys.argv[2]).read_text("utf-8").split("\\n")
        def resident():
            return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 // 1024
        recognizer = load(sys.argv[1])
        for _ in range(3):
            for size in (1, 7, 64, 300):
                for answer in recognizer.predict_many(paths[:size]): pass
        before = resident()
        for _ in range(10):
            for answer in recognizer.predict_many(paths): pass
        print(resident() - before)
        """,
        model_folder,
        tmp_path / "list",
    )
    assert int(printed) < 2000  # kilobytes after 3,000 pictures more
