"""The frame of the peers, and the one that needs no environment of its own."""

import gzip
import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import benchmarks

PEERS = Path(benchmarks.__file__).with_name("peers")


def load(name):
    spec = importlib.util.spec_from_file_location(name, PEERS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def drawings(tmp_path):
    """Bright and dark drawings as IDX files, one of them packed."""
    rng = np.random.default_rng(0)
    for part, number in (("train", 60), ("t10k", 20)):
        labels = np.arange(number) % 2
        pixels = rng.integers(0, 60, (number, 28, 28)) + 150 * labels[:, None, None]
        images = b"\0" * 16 + pixels.astype(np.uint8).tobytes()
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(images))
        names = b"\0" * 8 + labels.astype(np.uint8).tobytes()
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(names)
    return tmp_path


def contest_of(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["peer", "here", *words])
    return load("contest").read_arguments(time.perf_counter())


def slow_answer():
    time.sleep(0.2)
    return 0.5


def test_the_clock_stands_still_while_the_test_is_answered(monkeypatch, capsys):
    contest = contest_of(monkeypatch)
    with contest.learning():
        time.sleep(0.05)
    assert contest.tell(slow_answer, parameters=3) is False
    with contest.learning():
        time.sleep(0.05)
    contest.tell(slow_answer)
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["epoch"], second["epoch"]) == (1, 2)
    assert first["parameters"] == 3
    assert 0.05 <= first["fit_seconds"] < 0.15
    assert 0.1 <= second["fit_seconds"] <= second["process_seconds"] < 0.3


@pytest.mark.parametrize(
    ("words", "accuracy", "over"),
    [
        (("--threshold", "0.9"), 0.9, True),
        (("--threshold", "0.9"), 0.89, False),
        (("--seconds", "0"), 0.1, True),
        (("--seconds", "60"), 1.0, False),
        (("--epochs", "1"), 0.1, True),
    ],
)
def test_the_last_epoch_is_told(monkeypatch, words, accuracy, over):
    assert contest_of(monkeypatch, *words).tell(lambda: accuracy) is over


def test_drawings_are_read(drawings):
    (x, y), (test_x, test_y) = load("pictures").read_parts(str(drawings))
    assert x.shape == (60, 28, 28, 1)
    assert test_x.shape == (20, 28, 28, 1)
    assert x[1].min() >= 150 > x[0].max()
    assert y[:3].tolist() == test_y[:3].tolist() == [0, 1, 0]
    (few, _), (all_of_them, _) = load("pictures").read_parts(str(drawings), side=8, pictures=5)
    assert few.shape == (5, 8, 8, 1)
    assert len(all_of_them) == 20


def test_photos_are_read(tmp_path):
    for part, number in (("train", 3), ("validation", 1)):
        for level, name in enumerate(("coat", "shoe")):
            (tmp_path / part / name).mkdir(parents=True)
            for row in range(number):
                picture = Image.new("RGB", (40, 30), (100 * level, 0, 0))
                picture.save(tmp_path / part / name / f"{row}.png")
    (x, y), (test_x, test_y) = load("pictures").read_parts(str(tmp_path), side=16)
    assert x.shape == (6, 16, 16, 3)
    assert y.tolist() == [0, 0, 0, 1, 1, 1]
    assert test_x[:, 0, 0, 0].tolist() == [0, 100]
    assert test_y.tolist() == [0, 1]


def test_the_mlp_learns_until_its_time_is_out(drawings):
    done = subprocess.run(
        [sys.executable, PEERS / "sklearn_mlp.py", str(drawings), "--seconds", "4"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["epoch"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[-1]["process_seconds"] >= 4
    assert lines[-1]["parameters"] == (784 + 1) * 100 + 101  # one answer, as there are two classes


@pytest.mark.parametrize("path", sorted(PEERS.glob("*.py")), ids=lambda path: path.stem)
def test_peers_import_nothing_of_imagier(path):
    assert "imagier" not in [
        line.split()[1].split(".")[0]
        for line in path.read_text("utf-8").splitlines()
        if line.strip().startswith(("import ", "from "))
    ]
