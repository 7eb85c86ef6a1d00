"""Peers are heard line by line; what they say too late counts for nothing."""

import json

import pytest

from benchmarks import peer_run, processes
from benchmarks.processes import FailedError, fill

LINES = [
    {"epoch": 1, "fit_seconds": 4.0, "process_seconds": 9.0, "accuracy": 0.97},
    {"epoch": 2, "fit_seconds": 8.0, "process_seconds": 13.0, "accuracy": 0.991},
]


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Let a script stand among the peers, in our own environment."""
    monkeypatch.setattr(peer_run, "SCRIPTS", tmp_path)
    monkeypatch.setitem(peer_run.PEERS, "fake", None)
    monkeypatch.setattr(peer_run, "available_cores", lambda: 2)

    def write(text):
        (tmp_path / "fake.py").write_text(text, "utf-8")

    return write


def test_the_epoch_that_reaches_the_threshold_gives_the_seconds():
    figures = peer_run.figures_of(LINES, limit=None, threshold=0.99)
    assert figures["seconds_to_threshold"] == 8.0
    assert figures["reached"] is True
    assert figures["accuracy"] == 0.991
    assert figures["course"] == [[4.0, 0.97], [8.0, 0.991]]


def test_a_threshold_never_reached_gives_the_seconds_of_all_epochs():
    figures = peer_run.figures_of(LINES, limit=None, threshold=0.995)
    assert figures["seconds_to_threshold"] == 8.0
    assert figures["reached"] is False


def test_epochs_beyond_the_time_count_for_nothing():
    assert peer_run.figures_of(LINES, limit=10, threshold=None)["accuracy"] == 0.97
    assert peer_run.figures_of(LINES, limit=12, threshold=None)["accuracy"] == 0.991  # a tenth
    assert peer_run.figures_of(LINES, limit=8, threshold=None) is None


def test_a_peer_is_given_its_words_and_threads(script, tmp_path):
    script(
        "import json, os, sys\n"
        "print('chatter', end='')\n"
        f"print({json.dumps(LINES[0])!r})\n"
        "sys.stderr.write('more chatter')\n"
        "facts = {'words': sys.argv[1:], 'omp': os.environ['OMP_NUM_THREADS']}\n"
        f"print(json.dumps({LINES[1]!r} | {{'parameters': facts}}))\n"
    )
    figures = peer_run.run_peer(("fake", "here", "--threshold", "0.99", "--seed", "{seed}"), 7, "")
    words = ["here", "--threshold", "0.99", "--seed", "7", "--threads", "2"]
    assert figures["parameters"]["words"] == words
    assert figures["parameters"]["omp"] == str(processes.available_cores())
    assert figures["epochs"] == 2
    assert figures["command"] == "fake.py here --threshold 0.99 --seed 7"


def test_a_peer_that_fails_says_why(script):
    script(f"print('{json.dumps(LINES[0])}', flush=True)\nraise SystemExit('out of luck')")
    with pytest.raises(FailedError, match="out of luck"):
        peer_run.run_peer(("fake", "here"), 0, "")


def test_a_peer_that_does_not_stop_is_ended_and_its_epochs_count(script, monkeypatch):
    monkeypatch.setattr(peer_run, "SLACK", 1.5)
    script(f"import time\nprint('{json.dumps(LINES[0])}', flush=True)\ntime.sleep(60)")
    with pytest.raises(FailedError, match="not one epoch in time"):
        peer_run.run_peer(("fake", "here", "--seconds", "0.5"), 0, "")
    monkeypatch.setattr(peer_run, "PATIENCE", 1.5)
    figures = peer_run.run_peer(("fake", "here"), 0, "")
    assert figures["accuracy"] == 0.97


def test_a_named_set_that_is_not_there_is_said(script, monkeypatch):
    script("")
    monkeypatch.setattr(peer_run, "find_named", lambda _: None)
    with pytest.raises(FailedError, match="mnist is nowhere"):
        peer_run.run_peer(("fake", "mnist"), 0, "")


def test_words_are_filled_in(monkeypatch):
    monkeypatch.setenv("IMAGIER_DATA", "/data")
    assert fill(("{data}/x", "--seed", "{seed}"), 3) == ["/data/x", "--seed", "3"]
    monkeypatch.delenv("IMAGIER_DATA")
    assert fill(("mnist", "{seed}"), 3) == ["mnist", "3"]
    with pytest.raises(FailedError, match="IMAGIER_DATA"):
        fill(("{data}/x",), 0)


def test_a_command_that_fails_leaves_its_last_words():
    with pytest.raises(FailedError, match="last words"):
        processes.run_timed((processes.IMAGIER[0], "-c", "raise SystemExit('last words')"))
    seconds, said, _ = processes.run_timed((processes.IMAGIER[0], "-c", "print('fine')"))
    assert said == "fine\n"
    assert seconds > 0
