"""The peers' environments are made once, proved, and a failure is told."""

import json

import pytest

from benchmarks import environments
from benchmarks.environments import ENVIRONMENTS, PEERS, install, missing, python_of, versions_of
from benchmarks.processes import FailedError

SCRIPTS = environments.Path(environments.__file__).with_name("peers")


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Carry out nothing; note each command, and break at the words in `broken`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    seen = []

    def run(name, *command):
        seen.append(command)
        if run.broken and run.broken in command:
            raise FailedError(": ".join((name, run.broken)))
        return json.dumps([{"name": "keras", "version": "3.99"}])

    run.broken = ""
    monkeypatch.setattr(environments, "_run", run)
    return seen, run


def test_an_environment_is_made_once(commands):
    seen, _ = commands
    assert list(missing(["keras_convnet", "sklearn_mlp"])) == ["keras"]
    python = python_of("keras")
    assert python.parent.parent.name == "keras"
    assert [word for command in seen for word in command if word == "venv"] == ["venv"]
    assert any("tensorflow-cpu==2.21.*" in command for command in seen)
    assert seen[2][-1] == ENVIRONMENTS["keras"].proof
    assert python_of("keras") == python
    assert len(seen) == 4
    assert versions_of("keras") == {"keras": "3.99"}
    assert list(missing(["keras_convnet"])) == []


def test_torch_is_the_one_imagier_is_measured_with(commands, tmp_path):
    install("torch")
    constraints = tmp_path / "imagier" / "bench" / "torch" / "constraints.txt"
    assert constraints.read_text() == "torch==2.13.*"


def test_what_cannot_be_installed_is_told_and_not_ready(commands):
    _, run = commands
    run.broken = "install"
    with pytest.raises(FailedError, match="fastai: install"):
        python_of("fastai")
    assert list(missing(["fastai_learner"])) == ["fastai"]
    run.broken = ENVIRONMENTS["fastai"].proof
    with pytest.raises(FailedError):
        python_of("fastai")
    assert list(missing(["fastai_learner"])) == ["fastai"]


def test_new_requirements_make_it_anew(commands, tmp_path):
    install("keras")
    stamp = tmp_path / "imagier" / "bench" / "keras" / environments.STAMP
    stamp.write_text(stamp.read_text().replace("2.21", "2.20"))
    assert list(missing(["keras_convnet"])) == ["keras"]
    stamp.write_text("torn")
    assert list(missing(["keras_convnet"])) == ["keras"]


def test_the_last_words_of_pip_are_kept():
    with pytest.raises(FailedError, match=r"could not be made: b \| c \| d"):
        environments._run("x", str(python_of(None)), "-c", "raise SystemExit('a\\n\\nb\\nc\\nd')")


def test_every_script_has_its_environment():
    frames = {"__init__", "contest", "lines", "pictures"}
    stand = {path.stem for path in SCRIPTS.glob("*.py")} - frames
    assert stand == set(PEERS)
    assert set(PEERS.values()) <= {None, *ENVIRONMENTS}
