"""The examples of the Python pages run, and both languages have the same ones."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import imagier
from imagier import ImagierError
from tests.recognizer.tiny_models import bars, tiny_reader

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ["python.md", "model.md", "deploy.md"]


def blocks(page):
    return re.findall(r"^```python\n(.*?)^```$", (DOCS / page).read_text("utf-8"), re.M | re.S)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    rng = np.random.default_rng(0)
    for place, name in enumerate(("cat", "dog")):
        (folder / "photos" / name).mkdir(parents=True)
        for number in range(10):
            pixels = rng.integers(0, 80, (48, 64, 3)).astype(np.uint8)
            pixels[:, :, place] += 150
            Image.fromarray(pixels).save(folder / "photos" / name / f"{number}.jpg")
    tiny_reader().save(folder / "bars.imagier")
    Image.fromarray(bars("4321")).save(folder / "line.png")
    return folder


@pytest.mark.filterwarnings("ignore:unclosed file")
def test_the_examples_of_the_python_page_run(photos, monkeypatch):
    monkeypatch.chdir(photos)
    names = {}
    for block in blocks("python.md"):
        exec(compile(block, "python.md", "exec"), names)  # noqa: S102 - our own page
    assert names["same"].classes == ("cat", "dog")
    assert len(names["labels"]) == 2
    assert "95" in names["text"]
    assert names["texts"] == ["4321", "", None]


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_show_the_same_examples(page):
    def code(text):
        return re.sub(r" *#.*", "", text)

    french = page.replace(".md", ".fr.md")
    assert list(map(code, blocks(page))) == list(map(code, blocks(french)))


def test_the_twenty_lines_of_the_model_page_give_the_same_answers(photos, tmp_path):
    recognizer, _ = imagier.learn(photos / "photos", network="linear", epochs=3, fit="crop")
    model = tmp_path / "model.onnx"
    model.write_bytes(recognizer.onnx)
    [program] = blocks("model.md")
    assert len(program.splitlines()) <= 20
    paths = sorted(photos.glob("photos/*/*.jpg"))
    large = Image.open(paths[0]).resize((1100, 1300))
    large.save(
        tmp_path / "large.jpg", exif=b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0"
    )
    paths.append(tmp_path / "large.jpg")
    done = subprocess.run(
        [sys.executable, "-c", program, model, *paths],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    for line, prediction in zip(
        done.stdout.splitlines(), recognizer.predict_many(paths), strict=True
    ):
        _, label, probability = line.rsplit(" ", 2)
        assert label == prediction.label
        assert float(probability) == pytest.approx(prediction.probability, abs=1e-4)


def test_every_public_name_stands_on_the_page():
    page = (DOCS / "python.md").read_text("utf-8")
    assert [
        name for name in ("learn", "load", "predict", "predict_many", "save") if name not in page
    ] == []
    assert issubclass(ImagierError, Exception)
