"""Killing and resuming, and the watch on memory, tried on small fakes of `imagier train`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import kill_and_resume, memory
from benchmarks.processes import FailedError

# Counts to 20 with a note of each number on disk, then writes its weights.
LEARNER = """
import os, pathlib, sys, time
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
out.mkdir(exist_ok=True)
note, lives = out / "note", out / "lives"
lives.write_text(lives.read_text() + "x" if lives.exists() else "x")
number = int(note.read_text()) if "--resume" in sys.argv and note.exists() else 0
while number < 20:
    time.sleep(0.02)
    number += 1
    (out / "new").write_text(str(number))
    os.replace(out / "new", note)
weights = b"weights"
"""
FAITHFUL = LEARNER + '(out / "weights.safetensors").write_bytes(weights)'
FORGETFUL = LEARNER + '(out / "weights.safetensors").write_bytes(weights + lives.read_bytes())'
DYING = LEARNER + 'raise SystemExit("cannot resume")'


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Put a script in the place of `imagier`."""

    def write(text):
        script = tmp_path / "fake.py"
        script.write_text(text, "utf-8")
        command = (sys.executable, "-S", str(script))
        monkeypatch.setattr(kill_and_resume, "IMAGIER", command)
        monkeypatch.setattr(memory, "IMAGIER", command)

    return write


def test_a_faithful_learner_gives_the_same_weights(fake, tmp_path):
    fake(FAITHFUL)
    figures = kill_and_resume.kill_and_resume(("6", "digits", "--seed", "{seed}"), 0, tmp_path)
    assert figures["kills"] == 6
    assert figures["runs"] >= 1
    assert figures["different"] == 0
    assert figures["command"] == "imagier train digits --seed 0 --resume"


def test_a_forgetful_learner_is_found_out(fake, tmp_path):
    fake(FORGETFUL)
    assert kill_and_resume.kill_and_resume(("4", "digits"), 0, tmp_path)["different"] > 0


def test_a_learner_that_fails_is_told(fake, tmp_path):
    fake(DYING)
    with pytest.raises(FailedError, match="cannot resume"):
        kill_and_resume.kill_and_resume(("4", "digits"), 0, tmp_path)


def test_a_finished_run_without_weights_is_told(fake, tmp_path):
    fake(LEARNER)
    with pytest.raises(FailedError, match="left no weights"):
        kill_and_resume.kill_and_resume(("1", "digits"), 0, tmp_path)


HUNGRY = """
import time
block = bytearray(60_000_000)
time.sleep(0.9)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize(
    "text",
    [HUNGRY, f"import subprocess, sys\nsubprocess.run([sys.executable, '-S', '-c', {HUNGRY!r}])"],
    ids=["itself", "its child"],
)
def test_the_peak_of_memory_is_seen(fake, tmp_path, text):
    fake(text)
    figures = memory.learn_watched(("20", "16", "--budget", "10m"), 0, tmp_path)
    assert 0.06 <= figures["peak_gigabytes"] < 0.2
    assert figures["pictures"] == 20
    assert figures["bytes_on_disk"] > 0
    assert figures["command"] == "imagier train photos20 --budget 10m"


def test_a_failure_under_watch_is_told(fake, tmp_path):
    fake("raise SystemExit('no memory left')")
    with pytest.raises(FailedError, match="no memory left"):
        memory.learn_watched(("2", "16"), 0, tmp_path)


def test_nobody_has_no_memory():
    gone = subprocess.run(
        [sys.executable, "-S", "-c", "import os; print(os.getpid())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert memory.anonymous_bytes(json.loads(gone.stdout)) == 0
