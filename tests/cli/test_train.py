"""`imagier train` as its user meets it: answers, refusals, exit codes, nothing lost."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from imagier.cli import imagier
from imagier.cli.running import run

QUICK = ("--epochs", "1", "--network", "linear")


@pytest.fixture
def train(tmp_path, monkeypatch, capsys):
    """Run `imagier train` in an empty folder; give exit code, answer and what was said."""
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)

    def go(*words):
        code = run(imagier, ["train", *map(str, words)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return go


def test_a_first_run(train, stripes_folder):
    code, out, err = train(stripes_folder, *QUICK)
    assert code == 0
    assert "unseen pictures named right" in out
    assert "imagier predict stripes.imagier" in err
    assert Path("stripes.imagier/report.html").is_file()
    assert sorted(path.name for path in Path().iterdir()) == ["stripes.imagier"]


def test_json_is_one_object_with_every_key(train, stripes_folder):
    code, out, err = train(stripes_folder, *QUICK, "--json", "--quiet", "--out", "m.imagier")
    answer = json.loads(out)
    assert (code, err) == (0, "")
    expected = (
        "model network parameters classes split leak_rate skipped test validation seconds epochs"
        " plan budget seed"
    )
    assert set(expected.split()) <= set(answer)
    assert set(answer["seconds"]) == {"data", "fit", "export", "test", "total"}
    assert set(answer["split"]) == {"train", "validation", "test"}
    assert {"accuracy", "interval", "n", "baseline"} <= set(answer["test"])
    assert answer["epochs"] == 1


def test_a_model_already_there_is_kept_unless_forced(train, stripes_folder):
    assert train(stripes_folder, *QUICK)[0] == 0
    before = Path("stripes.imagier/model.onnx").read_bytes()
    code, _, err = train(stripes_folder, *QUICK, "--seed", "4")
    assert code == 2
    assert "--force" in err
    assert Path("stripes.imagier/model.onnx").read_bytes() == before
    assert train(stripes_folder, *QUICK, "--seed", "4", "--force")[0] == 0
    assert Path("stripes.imagier/model.onnx").read_bytes() != before


def test_nothing_is_written_among_the_pictures(train, stripes_folder):
    code, _, err = train(stripes_folder, *QUICK, "--out", stripes_folder / "model")
    assert code == 2
    assert "--out" in err
    before = sorted(stripes_folder.rglob("*"))
    assert train(stripes_folder, *QUICK)[0] == 0
    assert sorted(stripes_folder.rglob("*")) == before


def test_bad_pictures_are_named_and_left_out(train, stripes_folder):
    (stripes_folder / "lying" / "bad\nname.png").write_bytes(b"")
    code, out, _ = train(stripes_folder, *QUICK, "--json", "--quiet")
    (skipped,) = json.loads(out)["skipped"]
    assert code == 0
    assert skipped["code"] == "empty_file"
    assert "\n" not in skipped["path"]
    assert "empty_file" in Path("stripes.imagier/report.html").read_text()
    assert train(stripes_folder, *QUICK, "--force", "--strict")[0] == 3


@pytest.mark.parametrize(("accept", "expected"), [("0.01", 0), ("0.99999", 3)])
def test_the_accuracy_that_is_needed(train, stripes_folder, accept, expected):
    code, out, _ = train(stripes_folder, "--epochs", "3", "--network", "cnn:4", "--accept", accept)
    assert code == expected
    assert "cceptable" in out or "not proven" in out.lower()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--budget", "soon"), 2),
        (("--budget", "10s", "--epochs", "3"), 2),
        (("--network", "lineer"), 2),
        (("--epochs", "0"), 2),
        (("--classes", "lyng"), 2),
        (("--classes", "lying"), 4),
        (("--other", "rest"), 2),
        (("--plan", "nowhere.imagier"), 4),
        (("--split", "nowhere.csv"), 2),
        (("--test", "nowhere"), 4),
        (("--loss", "love"), 2),
    ],
)
def test_wishes_that_cannot_be(train, stripes_folder, words, code):
    answered, _, err = train(stripes_folder, *words)
    assert answered == code, err
    assert "→" in err
    assert not list(Path().iterdir())


def test_same_picture_in_two_classes(train, stripes_folder, monkeypatch):
    picture = sorted((stripes_folder / "lying").iterdir())[0]
    shutil.copy(picture, stripes_folder / "standing" / "again.png")
    code, _, err = train(stripes_folder, *QUICK, "--strict")
    assert code == 4
    assert "--strict" in err
    monkeypatch.setattr("imagier.datasets.splitting.conflicts.MOST_LEFT_OUT", 0.1)  # a small set
    code, out, _ = train(stripes_folder, *QUICK, "--json", "--quiet")
    assert code == 0
    assert len(json.loads(out)["skipped"]) == 2


def test_in_french(train, stripes_folder, monkeypatch):
    monkeypatch.setenv("IMAGIER_LANG", "fr")
    code, out, err = train(stripes_folder, *QUICK)
    assert code == 0
    assert "images jamais vues" in out or "inconnues" in out or "images" in out
    assert "Rapport" in err
    assert 'lang="fr"' in Path("stripes.imagier/report.html").read_text()


def test_a_plan_is_carried_out_again(train, stripes_folder):
    assert train(stripes_folder, "--epochs", "2", "--network", "cnn:4", "--seed", "3")[0] == 0
    assert train(stripes_folder, "--plan", "stripes.imagier", "--out", "again.imagier")[0] == 0
    first, again = (
        Path(name, "weights.safetensors").read_bytes()
        for name in ("stripes.imagier", "again.imagier")
    )
    assert first == again


def test_the_picture_zoo_can_be_learnt_from(train, tmp_path, picture_zoo, stripes_folder):
    """Every odd file is used or named; none ends the run."""
    zoo = tmp_path / "zoo"
    entries = picture_zoo(zoo / "odd")
    shutil.copytree(stripes_folder / "lying", zoo / "lying")
    code, out, err = train(zoo, *QUICK, "--json", "--quiet")
    assert code == 0, err
    answer = json.loads(out)
    kinds = {entry.kind for entry in entries}
    assert len(kinds) >= 40
    named = {row["code"] for row in answer["skipped"]}
    assert named <= {entry.code for entry in entries if entry.code} | {"constant_picture"}
    assert "Traceback" not in err


def _hear_ctrl_c():
    """Undo what a job in the background inherits: there, Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _start(*words, cwd, **settings):
    environment = os.environ | {"IMAGIER_LANG": "en", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "imagier", "train", *map(str, words)],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **settings,
    )


def test_ctrl_c_keeps_the_best_finished_epoch(stripes_folder, tmp_path):
    place = tmp_path / "work"
    place.mkdir()
    words = ("--epochs", "100000", "--network", "linear")
    process = _start(stripes_folder, *words, cwd=place, preexec_fn=_hear_ctrl_c)
    line = process.stderr.readline()
    assert line.startswith("epoch 1/"), line
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert (place / "stripes.imagier" / "model.onnx").is_file()
    assert "interrupted" in err


def test_a_full_disk_is_named_and_leaves_nothing(stripes_folder, tmp_path):
    place = tmp_path / "work"
    place.mkdir()

    def small_files_only():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))

    words = ("--epochs", "1", "--network", "dense:64")
    process = _start(stripes_folder, *words, cwd=place, preexec_fn=small_files_only)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 5, err
    assert "no space left" in err
    assert "Traceback" not in err
    assert not list(place.iterdir())


@pytest.mark.parametrize("option", ["--optimizer", "--optimiser"])
def test_both_spellings_of_the_optimizer_are_understood(option):
    from imagier.cli.train import train

    with train.make_context("train", ["digits", option, "sgd"]) as context:
        assert context.params["optimizer"] == "sgd"
