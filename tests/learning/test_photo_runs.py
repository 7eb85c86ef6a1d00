"""`imagier train` on photos, as a process: without torch, and with each file read once."""

import json
import os
import subprocess
import sys
from collections import Counter

import pytest

WITHOUT_TORCH = """
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, *rest):
        return None if name.partition(".")[0] == "torch" else self.finder.find_spec(name, *rest)

    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""
COUNTED = """
import os, sys

heard = os.open("../heard.txt", os.O_WRONLY | os.O_CREAT)

def hear(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".png"):
        os.write(heard, (os.path.basename(str(arguments[0])) + "\\n").encode())

sys.addaudithook(hear)
"""
COMMAND = """
from imagier.cli import imagier
from imagier.cli.running import run

sys.exit(run(imagier, sys.argv[1:]))
"""


@pytest.fixture
def command(tmp_path):
    """Give the function that runs `imagier` in a process of its own, with a cold cache."""
    place = tmp_path / "work"
    place.mkdir()
    environment = os.environ | {
        "XDG_CACHE_HOME": os.fspath(tmp_path / "cold"),
        "IMAGIER_LANG": "en",
    }

    def go(program, *words):
        return subprocess.run(
            [sys.executable, "-c", program + COMMAND, *map(os.fspath, words)],
            cwd=place,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return go


@pytest.mark.parametrize(
    "words",
    [("--network", "features:64", "--epochs", "1"), ("--budget", "8s"), ("--epochs", "1")],
    ids=["named", "auto", "auto-epochs"],
)
def test_photos_are_learnt_tested_and_named_without_torch(write_photos, command, words):
    photos = write_photos(40)
    train = command(WITHOUT_TORCH, "train", photos, "--out", "m.imagier", "--json", *words)
    assert train.returncode == 0, train.stderr
    answer = json.loads(train.stdout)
    assert answer["network"].startswith("features")
    test = command(WITHOUT_TORCH, "test", "m.imagier", photos, "--json")
    assert test.returncode == 0, test.stderr
    one = sorted(photos.glob("lying/*"))[0]
    predict = command(WITHOUT_TORCH, "predict", "m.imagier", one, "--json")
    assert predict.returncode == 0, predict.stderr
    assert "lying" in predict.stdout


def test_the_block_of_torch_blocks_it(command):
    found = command(WITHOUT_TORCH + "import torch\n", "doctor")
    assert "ModuleNotFoundError" in found.stderr
    program = "import importlib.util\nassert importlib.util.find_spec('torch') is None\n"
    assert command(WITHOUT_TORCH + program, "--version").returncode == 0


def test_each_file_is_read_once(write_photos, command, tmp_path):
    """In a whole cold run: sample, timing, side, fit, pictures, test and report."""
    photos = write_photos(40, size=(72, 120))
    words = ("--network", "features:64", "--budget", "120s")
    train = command(COUNTED, "train", photos, *words)
    assert train.returncode == 0, train.stderr
    counts = Counter((tmp_path / "heard.txt").read_text().split())
    pictures = {path.name for path in photos.glob("*/*")}
    assert {name: counts[name] for name in pictures} == dict.fromkeys(pictures, 1)
