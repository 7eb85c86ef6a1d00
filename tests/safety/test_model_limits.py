"""What a stranger's model may cost: no more than a gigabyte of memory, whatever it asks for."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagier.errors import ModelError, Refused
from imagier.files import read_object
from imagier.i18n import use_language
from imagier.onnx_io.graph import MAX_CARD, read_graph
from imagier.recognizer import load
from imagier.recognizer.engine import MAX_COPIES, held_batch
from imagier.recognizer.history import MAX_REPORT, read_history

MOST = 10**9  # bytes that a process may grow by
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

_spec = importlib.util.spec_from_file_location(
    "hostile_models", Path(__file__).with_name("hostile_models.py")
)
hostile = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hostile)

PREDICT = """
    import json, sys
    from pathlib import Path
    from imagier.errors import ImagierError
    from imagier.recognizer import load
    before = highest()
    pictures = sorted(Path(sys.argv[2]).glob("*.png"))
    try:
        answers = [answer.status for answer in load(sys.argv[1]).predict_many(pictures)]
    except ImagierError as error:
        answers = [error.code]
    print(json.dumps([answers, highest() - before]))
"""
TEST = """
    import json, sys
    from imagier.errors import ImagierError
    from imagier.testing import evaluate_model
    before = highest()
    try:
        answer = evaluate_model(sys.argv[1], sys.argv[2]).test.n
    except ImagierError as error:
        answer = error.code
    print(json.dumps([answer, highest() - before]))
"""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Give a folder of 16 tiny pictures."""
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(16):
        levels = np.random.default_rng(number).integers(0, 256, (8, 8, 3), np.uint8)
        Image.fromarray(levels).save(folder / f"{number:02d}.png")
    return folder


def measured(code, *arguments):
    return json.loads(hostile.run(code, *arguments))


# What a network asks for when it runs


def test_a_model_that_wants_huge_pictures(tmp_path, pictures):
    model = hostile.of_large_input(tmp_path / "m.imagier")
    assert sum(file.stat().st_size for file in model.iterdir()) < 2_000
    answers, growth = measured(PREDICT, model, pictures)
    assert answers == ["ok"] * 16
    assert growth < MOST


def test_large_pictures_are_held_a_few_at_a_time():
    for values in (1, 28 * 28, 224 * 224 * 3, 4096 * 4096 * 3, 10**9):
        n = held_batch(values, most=64)
        assert 1 <= n <= 64
        assert n == 1 or n * values <= 64 * 2**20


@pytest.mark.parametrize("megabytes", [100, 450, 600, 5000])
def test_a_model_that_grows(tmp_path, pictures, megabytes):
    model = hostile.growing(tmp_path / "m.imagier", megabytes)
    answers, growth = measured(PREDICT, model, pictures)
    assert answers == (["model_fails"] if megabytes > 500 else ["ok"] * 16)
    assert growth < MOST


@pytest.mark.parametrize("megabytes", [100, 450])
def test_a_model_whose_constants_grow_before_it_runs(tmp_path, pictures, megabytes):
    model = hostile.folding(tmp_path / "m.imagier", megabytes)
    _, growth = measured(PREDICT, model, pictures)
    assert growth < MOST


def test_a_model_whose_numbers_are_copied_for_each_use(tmp_path, pictures):
    model = hostile.of_many_copies(tmp_path / "m.imagier")
    content = (model / "model.onnx").read_bytes()
    assert len(content) < 2_000_000
    assert read_graph(content, path="m").reused > MAX_COPIES
    _, growth = measured(PREDICT, model, pictures)
    assert growth < MOST


def test_just_below_that_copies_are_few(tmp_path, pictures):
    model = hostile.of_many_copies(tmp_path / "m.imagier", times=60)
    reused = read_graph((model / "model.onnx").read_bytes(), path="m").reused
    assert 0.8 * MAX_COPIES < reused < MAX_COPIES
    _, growth = measured(PREDICT, model, pictures)
    assert growth < MOST


def test_a_batch_that_does_not_fit_runs_in_halves(monkeypatch):
    """What a wide network needs for 64 pictures together is no reason to refuse it."""
    from imagier.recognizer import engine

    pixels = np.random.default_rng(0).integers(0, 256, (70, 32, 32, 3), np.uint8)
    parts = hostile.tiny.convolution_model(side=32).SerializeToString()
    card = hostile.tiny.tiny_card(side=32, channels=3, classes="abcde")
    wanted = hostile.tiny.Recognizer(card=card, onnx=parts).probabilities(pixels)
    monkeypatch.setattr(engine, "open_session", _with(engine.open_session, most=4 * 2**20))
    small = hostile.tiny.Recognizer(card=card, onnx=parts)
    assert np.abs(small.probabilities(pixels) - wanted).max() < 1e-5
    assert small._engine._most < 64


def _with(function, **more):
    return lambda *words, **settings: function(*words, **settings, **more)


def test_a_real_network_is_not_touched(tmp_path):
    """Of what imagier writes nothing uses its numbers twice, and nothing runs slower."""
    content = hostile.tiny.convolution_model().SerializeToString()
    assert read_graph(content, path="m").reused < 100


# What stands in its files


@pytest.mark.parametrize("kind", ["objects", "empty", "texts"])
def test_a_single_file_with_a_huge_description(tmp_path, pictures, kind):
    file = hostile.with_card(tmp_path / "m.onnx", hostile.fat_card(60 * 2**20, kind))
    answers, growth = measured(PREDICT, file, pictures)
    assert answers == ["model_unsafe"]
    assert growth < 3e8


def test_what_is_too_long_is_said(tmp_path):
    file = hostile.with_card(tmp_path / "m.onnx", hostile.fat_card(MAX_CARD, "empty"))
    with use_language("en"), pytest.raises(ModelError) as refused:
        load(file)
    assert "its description is larger than 8 MB" in refused.value.message


@pytest.mark.parametrize("kind", ["objects", "empty", "texts"])
def test_the_longest_description_that_is_read(tmp_path, pictures, kind):
    file = hostile.with_card(tmp_path / "m.onnx", hostile.fat_card(MAX_CARD - 5_000, kind))
    answers, growth = measured(PREDICT, file, pictures)
    assert answers == ["ok"] * 16
    assert growth < MOST


@pytest.mark.parametrize("name", ["model.json", "report.json", "golden/golden.json"])
def test_no_json_of_a_model_is_read_beyond_a_limit(tmp_path, name):
    fat = "{" + hostile.fat_json(60 * 2**20, "objects") + "}"
    files = {"report.json": b"{}", "golden/golden.json": b"{}"} | {name: fat.encode()}
    card = files.pop("model.json", None)
    model = tmp_path / "m.imagier"
    hostile.tiny.tiny_recognizer().with_artifacts(files).save(model)
    if card:
        (model / "model.json").write_bytes(card)
    printed = hostile.run(
        """
        import json, sys
        from imagier.errors import ModelError
        from imagier.recognizer import load, replay_golden
        from imagier.recognizer.history import read_history
        before, said = highest(), []
        try:
            recognizer = load(sys.argv[1])
            said.append(read_history(recognizer.artifacts))
            replay_golden(recognizer)
        except ModelError as error:
            said.append(error.code)
        print(json.dumps([said, highest() - before]))
        """,
        model,
    )
    said, growth = json.loads(printed)
    assert growth < MOST
    assert said == [*([] if card else [None]), "model_damaged"]


def test_a_long_report_of_many_classes_is_read():
    """The limit is beyond what two thousand classes need."""
    epoch = {"epoch": 1, "kept": True} | dict.fromkeys(
        ("train_loss", "train_error", "validation_loss", "validation_error"), 0.5
    )
    train = {
        "seconds": {"fit": 1.0},
        "history": [epoch] * 100,
        "budget": "60s",
        "split": {"train": 1, "validation": 1},
        "learning": None,
        "validation": None,
    }
    counts = [[1] * 2000] * 2000
    report = {"format": 2, "set": "x", "train": train, "test": {"confusion": counts}}
    content = json.dumps(report).encode()
    assert len(content) < MAX_REPORT
    assert len(read_history({"report.json": content}).history.epochs) == 100


def test_a_limit_is_checked_before_anything_is_read():
    with pytest.raises(Refused) as refused:
        read_object(b"{" + b" " * 2**20 + b"}", most=2**20)
    assert refused.value.reason == "json_too_large"


def test_golden_pictures_are_replayed_one_by_one(tmp_path):
    """A list of a hundred large pictures is not held as a whole."""
    model = hostile.of_large_input(tmp_path / "m.imagier")
    recognizer = load(model)
    black = tmp_path / "black.png"
    Image.new("RGB", (4096, 4096)).save(black, optimize=True)
    row = recognizer.probabilities(np.zeros((1, 4096, 4096, 3), np.uint8))[0].tolist()
    names = {f"{number:04d}.png": row for number in range(30)}
    files = dict.fromkeys((f"golden/{name}" for name in names), black.read_bytes())
    files["golden/golden.json"] = json.dumps(names).encode()
    recognizer.with_artifacts(files).save(tmp_path / "golden.imagier")
    printed = hostile.run(
        """
        import sys
        from imagier.recognizer import load, replay_golden
        before = highest()
        replay_golden(load(sys.argv[1]))
        print(highest() - before)
        """,
        tmp_path / "golden.imagier",
    )
    assert int(printed) < MOST


def test_testing_with_a_model_that_wants_huge_pictures(tmp_path, pictures):
    model = hostile.of_large_input(tmp_path / "m.imagier")
    for number, file in enumerate(sorted(pictures.glob("*.png"))):
        place = tmp_path / "photos" / hostile.tiny.THIRDS[number % 3]
        place.mkdir(parents=True, exist_ok=True)
        (place / file.name).write_bytes(file.read_bytes())
    answer, growth = measured(TEST, model, tmp_path / "photos")
    assert answer == 16
    assert growth < 16 * 4096**2 * 3 + 3e8, "the pictures, on the disk, and little beside"


# The log of its tests


def test_a_log_of_one_endless_line(tmp_path):
    from imagier.testing import evaluation_log

    (tmp_path / evaluation_log.EVALUATIONS).write_bytes(b"x" * 10_000 + b"\n{}\n")
    assert evaluation_log.count_evaluations(tmp_path, "a") == 4


def test_a_log_that_is_a_link_is_not_written_through(tmp_path):
    """A model folder must not make a test write into a file of the user's."""
    from imagier.testing import evaluation_log

    model, own = tmp_path / "m.imagier", tmp_path / "own.txt"
    hostile.tiny.tiny_recognizer().save(model)
    own.write_text("precious", "utf-8")
    (model / evaluation_log.EVALUATIONS).symlink_to(own)
    assert evaluation_log.count_evaluations(model, "a") is None
    with pytest.raises(Exception, match=r".") as refused:
        evaluation_log.record_evaluation(model, fingerprint="a", source="s", n=1, accuracy=1.0)
    assert refused.value.code == "cannot_write"
    assert own.read_text("utf-8") == "precious"
