"""Ctrl-C at any moment of a training: it stops with 130, and `--resume` ends as if never stopped.

Each run tells how far it is; the interrupt comes in the midst of one of these moments.
"""

import os
import shutil

import numpy as np
import pytest
from PIL import Image

from imagier.cli import imagier
from imagier.cli import train as command
from imagier.cli.running import run
from imagier.files import read_object
from imagier.recognizer import load
from imagier.training.checkpoints import folder_state

RUNS = {
    "network": ("--network", "cnn:4", "--epochs", "3"),
    "features": ("--network", "features", "--epochs", "1"),
}
LONG = {
    "compared": ("--network", "linear;dense:8", "--epochs", "2"),
    "pilots": ("--epochs", "2"),
    "tuned": ("--network", "finetune", "--epochs", "1"),
}


@pytest.fixture(scope="module")
def source(tmp_path_factory, draw_stripes):
    pictures, labels = draw_stripes(60, seed=5)
    place = tmp_path_factory.mktemp("interrupted") / "stripes"
    for number, label in enumerate(labels):
        folder = place / ("lying", "standing")[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pictures[number, :, :, 0]).save(folder / f"{number}.png")
    return place


@pytest.fixture
def train(source, tmp_path, monkeypatch, capsys):
    """Run `imagier train`; Ctrl-C comes when it tells how far it is for the n-th time."""
    monkeypatch.chdir(tmp_path)
    show = command._show

    def go(*words, at=None):
        moments = []

        def moment(progress, advance, *, quiet):
            show(progress, advance, quiet=quiet)
            moments.append(progress.phase)
            if len(moments) - 1 == at:
                raise KeyboardInterrupt

        monkeypatch.setattr(command, "_show", moment)
        code = run(imagier, ["train", os.fspath(source), "--out", "m", "--quiet", *words])
        return code, moments, capsys.readouterr().err

    return go


def same_bits(folder):
    return {
        name: (folder / name).read_bytes()
        for name in ("model.onnx", "weights.safetensors", "split.csv")
    }


def check_every_moment(train, folder, words):
    train(*words)
    shutil.rmtree(folder)
    code, moments, _ = train(*words)  # the second time nothing is new to the cache
    assert code == 0
    assert {"export", "test"} <= set(moments)
    whole = same_bits(folder)
    firsts = {moments.index(phase) for phase in moments}
    for at in sorted(firsts | {moments.index("fit") + 1}):
        where = f"moment {at}, {moments[at]}"
        shutil.rmtree(folder)
        code, _, err = train(*words, at=at)
        assert code == 130, where
        state = folder_state(folder)
        assert state in {"nothing", "unfinished"}, where
        assert ("--resume" in err) == (state == "unfinished"), where
        if (folder / "model.json").is_file():
            load(folder).predict(np.zeros((28, 28), np.uint8))
        code, _, err = train(*words, "--resume")
        assert code == 0, (where, err)
        assert same_bits(folder) == whole, where
        assert not (folder / "checkpoints").exists(), where


@pytest.mark.parametrize("kind", RUNS)
def test_at_every_moment(train, tmp_path, kind):
    check_every_moment(train, tmp_path / "m", RUNS[kind])


@pytest.mark.slow
@pytest.mark.parametrize("kind", LONG)
def test_at_every_moment_of_longer_runs(train, tmp_path, kind):
    check_every_moment(train, tmp_path / "m", LONG[kind])


def test_a_kept_model_says_how_to_go_on(train, tmp_path):
    words = RUNS["network"]
    _, moments, _ = train(*words)
    shutil.rmtree(tmp_path / "m")
    code, _, err = train(*words, at=moments.index("fit") + 2)  # after the second epoch
    assert code == 130
    assert "the same command with --resume" in err
    assert (tmp_path / "m" / "model.json").is_file()
    assert read_object((tmp_path / "m" / "report.json").read_bytes(), most=10**7)
    code, _, err = train(*words)
    assert (code, "--resume" in err) == (2, True)
    code, _, err = train(*words, "--force")
    assert code == 0
    assert not (tmp_path / "m" / "checkpoints").exists()


def test_a_kept_model_that_was_changed_is_not_overwritten(train, tmp_path):
    words = RUNS["network"]
    _, moments, _ = train(*words)
    shutil.rmtree(tmp_path / "m")
    train(*words, at=moments.index("fit") + 2)
    (tmp_path / "m" / "notes.txt").write_text("mine")
    code, _, err = train(*words, "--resume")
    assert code == 2
    assert "notes.txt" in err
    assert (tmp_path / "m" / "notes.txt").read_text() == "mine"
