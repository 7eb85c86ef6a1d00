"""kill -9 while learning goes on from a model, then `--resume`: the same bits, and no other model.

Runs are processes of their own, forked from one that has imported torch (see `tests/killing.py`).
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

KILLING = Path(__file__).parents[1] / "killing.py"
FIRST = ("--epochs", "2", "--network", "cnn:4", "--quiet")
WORDS = ("--out", "m.imagier", "--epochs", "4", "--quiet")
SAME = ("weights.safetensors", "model.onnx", "split.csv", "golden/golden.json")


@pytest.fixture(scope="module")
def home(tmp_path_factory, draw_stripes):
    """A folder with 200 striped pictures, and 60 more of another kind."""
    place = tmp_path_factory.mktemp("from_model")
    for name, n, seed in (("stripes", 200, 3), ("more", 60, 4)):
        pictures, labels = draw_stripes(n, seed=seed)
        for number, label in enumerate(labels):
            folder = place / name / ("lying", "standing")[label]
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pictures[number, :, :, 0]).save(folder / f"{number}.png")
    return place


@pytest.fixture(scope="module")
def train(home):
    """Give the function that runs `imagier train` in `place/work`; `at` numbers a deadly change."""
    own = {"XDG_CACHE_HOME": os.fspath(home / "cache"), "IMAGIER_LANG": "en"}
    with subprocess.Popen(
        [sys.executable, KILLING, "train"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | own | {"OMP_WAIT_POLICY": "PASSIVE"},
    ) as process:

        def go(place, source, *words, at=None):
            (place / "work").mkdir(parents=True, exist_ok=True)
            order = {
                "words": [os.fspath(home / source), *map(os.fspath, words)],
                "cwd": os.fspath(place / "work"),
                "largest": None,
                **({} if at is None else {"at": at}),
            }
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            code = json.loads(process.stdout.readline())["code"]
            said = {name: (place / f"{name}.txt").read_text() for name in ("err", "changes")}
            return code, said["err"], said["changes"].splitlines()

        yield go
        process.stdin.close()


@pytest.fixture(scope="module")
def models(train, home):
    """Two models to go on from, which differ by their seed."""
    for name, seed in (("one.imagier", "0"), ("two.imagier", "1")):
        code, error, _ = train(home, "stripes", "--out", home / name, "--seed", seed, *FIRST)
        assert code == 0, error
    return home / "one.imagier", home / "two.imagier"


def checkpoint(changes):
    """Number the change of the disk by which the third checkpoint would get its name."""
    hits = [n for n, change in enumerate(changes, 1) if "rename " in change and ".epoch-" in change]
    return hits[2]


def test_a_killed_run_goes_on_from_the_same_model_to_the_same_bits(train, models, tmp_path):
    one, two = models
    code, error, changes = train(tmp_path / "whole", "more", "--init", one, *WORDS)
    assert code == 0, error
    killed, _, _ = train(tmp_path, "more", "--init", one, *WORDS, at=checkpoint(changes))
    assert killed == -signal.SIGKILL

    for init, then in ((("--init", two), "two.imagier ("), ((), "not given")):
        code, error, _ = train(tmp_path, "more", *init, *WORDS, "--resume")
        assert code == 2
        assert "--init one.imagier (" in error
        assert f"→ {then}" in error

    code, error, _ = train(tmp_path, "more", "--init", one, *WORDS, "--resume")
    assert code == 0, error
    folders = [place / "work" / "m.imagier" for place in (tmp_path, tmp_path / "whole")]
    first, second = ([(folder / name).read_bytes() for name in SAME] for folder in folders)
    assert first == second

    shutil.copytree(one, tmp_path / "work" / "elsewhere.imagier")
    words = ("--plan", "m.imagier", "--init", "elsewhere.imagier", "--out", "again.imagier")
    code, error, _ = train(tmp_path, "more", *words, "--quiet")
    assert code == 0, error
    again = tmp_path / "work" / "again.imagier"
    assert [(again / name).read_bytes() for name in SAME[:1]] == first[:1]
