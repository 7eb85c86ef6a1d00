"""What the commands answer has exactly the keys that docs/json.md shows."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.recognizer.tiny_models import bars, tiny_reader

PAGE = Path(__file__).parents[1] / "docs" / "json.md"
# keys of these hold names of the user's own, or facts that differ from one entry to the next
FREE = {"classes", "errors", "findings", "plan", "tables", "versions", "writers"}


def example(command):
    section = PAGE.read_text("utf-8").split(f"## `{command}`", 1)[1]
    return json.loads(re.search(r"```json\n(.*?)```", section, re.DOTALL)[1])


def keys(value, name=""):
    """Describe the shape of an answer: its keys, at every depth that the page promises."""
    if isinstance(value, dict) and name not in FREE:
        return {key: keys(below, key) for key, below in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict) and name not in FREE:
        return [keys(value[0])]
    return "…"


def differences(shown, given, path=""):
    """Name what is on one side only; an empty list or null on a side proves nothing."""
    if isinstance(shown, dict) and isinstance(given, dict):
        return [
            *(f"{path}.{key}" for key in shown.keys() ^ given.keys()),
            *(
                line
                for key in shown.keys() & given.keys()
                for line in differences(shown[key], given[key], f"{path}.{key}")
            ),
        ]
    if isinstance(shown, list) and isinstance(given, list):
        return differences(shown[0], given[0], f"{path}[]")
    return []


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with two small classes, a picture to name and a model of them."""
    folder = tmp_path_factory.mktemp("json")
    rng = np.random.default_rng(0)
    for number, name in enumerate(("cat", "dog")):
        (folder / "photos" / name).mkdir(parents=True)
        for row in range(20):
            levels = rng.integers(0, 60, (16, 16, 3)) + 150 * number
            Image.fromarray(levels.astype(np.uint8)).save(folder / f"photos/{name}/{row}.png")
    (folder / "photos/cat/broken.jpg").write_bytes(b"not a picture")
    Image.new("L", (16, 16), 90).save(folder / "new.png")
    Image.new("L", (16, 16), 30).save(folder / "other.png")
    (folder / "years.csv").write_text("year\n10\n", "utf-8")
    rows = [f"{item},{who},{(item + (who == 'c')) % 2}" for item in range(9) for who in "abc"]
    (folder / "votes.csv").write_text("item,annotator,label\n" + "\n".join(rows), "utf-8")
    for name, items in (("truth", range(9)), ("c", range(3))):
        known = "\n".join(f"{item},{item % 2}" for item in items)
        (folder / f"{name}.csv").write_text(f"item,label\n{known}\n", "utf-8")
    tiny_reader().save(folder / "bars.imagier")
    Image.fromarray(bars("4.1")).save(folder / "line.png")
    words = ("train", "photos", "--network", "linear", "--epochs", "2", "--out", "m.imagier")
    (folder / "train.json").write_text(answer(folder, *words), "utf-8")
    shutil.copytree(folder / "m.imagier", folder / "copy.imagier")
    return folder


def answer(folder, *words, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "imagier", *words, "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stdout.count("\n") == 1, "one line"
    return done.stdout


def test_train(place):
    given = json.loads((place / "train.json").read_text("utf-8"))
    assert differences(keys(example("imagier train")), keys(given)) == []
    assert given["skipped"][0]["path"].endswith("broken.jpg")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("imagier check", ("check", "photos")),
        ("imagier test", ("test", "m.imagier", "photos", "--accept", "0.01")),
        ("imagier compare", ("compare", "m.imagier", "copy.imagier", "photos")),
        ("imagier predict", ("predict", "m.imagier", "new.png")),
        (
            "imagier label",
            ("label", "photos", "--model", "m.imagier", "--out", "n.csv", "--uncertain", "2"),
        ),
        (
            "imagier export",
            ("export", "m.imagier", "--out", "m.onnx", "--int8", "--calibrate", "photos"),
        ),
        ("imagier read", ("read", "bars.imagier", "line.png", "--top", "2")),
        ("imagier explain", ("explain", "m.imagier", "new.png")),
        ("imagier annotate", ("annotate", "photos", "--next", "2", "--describe", "histogram")),
        (
            "imagier votes",
            ("votes", "votes.csv", "--truth", "truth.csv", "--controls", "c.csv"),
        ),
        ("imagier network", ("network", "dense:8,8")),
        ("imagier doctor", ("doctor",)),
        ("imagier pixels", ("pixels", "digits:0")),
        ("imagier cluster", ("cluster", "groups")),
        ("imagier neuron", ("neuron", "--learn", "and", "--input", "1,1")),
        ("imagier convolve", ("convolve", "digits:0", "--kernel", "1 2; 3 0", "--at", "1,1")),
        ("imagier fit", ("fit", "turtles", "--family", "auto", "--predict", "years.csv")),
        ("imagier derive", ("derive", "0.5*(3*t+4)**2", "--at", "1")),
        ("imagier descend", ("descend", "x**2 + 3*y**2", "--start", "4,2", "--compare")),
        ("imagier palette", ("palette", "photos/cat/0.png")),
        ("imagier segment", ("segment", "photos/cat/0.png")),
        ("imagier cache", ("cache", "show")),
        ("imagier make digits", ("make", "digits", "--count", "20")),
        ("imagier make letters", ("make", "letters", "--count", "26")),
        ("imagier make lines", ("make", "lines", "--count", "2")),
        ("imagier make captchas", ("make", "captchas", "--count", "2")),
        ("imagier make shapes", ("make", "shapes", "--count", "6")),
        ("imagier make sheet", ("make", "sheet", "--rows", "1")),
    ],
)
def test_other_commands(command, words, place, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    given = json.loads(answer(place, *words))
    assert differences(keys(example(command)), keys(given)) == []


def test_a_picture_that_cannot_be_read_keeps_the_shape(place):
    words = ("predict", "m.imagier", "photos/cat/broken.jpg")
    given = json.loads(answer(place, *words, code=3))
    assert given.keys() == example("imagier predict").keys()
    assert given["error"].keys() == {"code", "message"}


def test_a_failure_has_code_message_and_next_step(place):
    done = subprocess.run(
        [sys.executable, "-m", "imagier", "test", "nothing.imagier", "photos", "--json"],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert json.loads(done.stdout)["error"].keys() == {"code", "message", "next"}
    assert done.returncode == 4


def test_differences_are_seen():
    assert differences({"a": "…"}, {"b": "…"}) != []
    assert differences({"a": [{"b": "…"}]}, {"a": [{"c": "…"}]}) != []
    assert differences({"a": [{"b": "…"}]}, {"a": "…"}) == []
