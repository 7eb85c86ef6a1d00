"""`python -m benchmarks`: rows are chosen, peers installed first, what is left and found shown."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

import benchmarks
from benchmarks import FailedError, Measurement
from benchmarks.__main__ import RESULTS, main


@pytest.fixture
def measured(monkeypatch):
    """Measure nothing: every measurement gives the same figures at once."""
    installed = []
    machine = benchmarks.BenchMachine(
        system="s", processor="p", cores=2, memory=1, gflops=1.0, versions={}
    )

    def install(name):
        installed.append(name)
        raise FailedError("no matching distribution")

    def measure(contender, seed, work, where):
        return Measurement(
            task=contender.key,
            seed=seed,
            figures={"accuracy": 0.991, "fit_seconds": 10.0, "seconds_to_threshold": 300.0},
            error="",
            date="",
            machine=where.to_json(),
        )

    monkeypatch.setattr(benchmarks, "describe_bench_machine", lambda: machine)
    monkeypatch.setattr(benchmarks, "missing", dict.fromkeys)
    monkeypatch.setattr(benchmarks, "install", install)
    monkeypatch.setattr(benchmarks.suite, "_measure", measure)
    return installed


@pytest.fixture
def run(capsys):
    """Run the command in this process and give what it printed."""

    def run(*words):
        main(words)
        return capsys.readouterr()

    return run


def test_rows_are_chosen_measured_and_shown(measured, run, tmp_path):
    file = str(tmp_path / "rows.jsonl")
    done = run("--suite", "train", "--only", "MNIST to 99", "--out", file)
    assert measured == ["keras_convnet"]
    assert "no matching distribution" in done.err
    assert "13 measurements to do, about 29 min 00 s." in done.err
    head, _, *rows = done.out.splitlines()
    assert head.startswith("| measurement | goal |")
    assert len(rows) == 2
    assert "| 30 | 30 – 30 | 10 + 3 | yes |" in rows[0]
    assert (
        "0 measurements to do"
        in run("--suite", "train", "--only", "mnist to 99", "--out", file).err
    )


def test_a_table_as_json(measured, run, tmp_path):
    file = str(tmp_path / "rows.jsonl")
    words = ("--suite", "train", "--only", "mnist to 99", "--out", file, "--json")
    first, _ = json.loads(run(*words, "--quiet").out)["rows"]
    assert first["value"] == 30
    assert first["reached"] is True
    assert first["wanted"] is False
    assert first["own"]["n"] == 10
    assert first["peer"]["values"] == [300.0] * 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--suite", "tain"), "there is no suite “tain”. Did you mean “train”?"),
        (("--only", "nothing like it"), "no row of “main” has “nothing like it” in its name"),
        (("--seeds", "0"), "--seeds must be 1 or more"),
        (("--seeds", "some"), "invalid int value"),
    ],
)
def test_what_is_not_there_is_refused(measured, capsys, words, said):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err
    assert measured == []


def test_a_listing_measures_nothing(measured, run, tmp_path):
    file = tmp_path / "rows.jsonl"
    run("--list", "--out", str(file))
    assert measured == []
    assert not file.exists()


def test_fewer_seeds_leave_the_others_for_later(measured, run, tmp_path):
    words = ("--suite", "train", "--only", "mnist to 99", "--out", str(tmp_path / "rows.jsonl"))
    assert "2 measurements to do" in run(*words, "--seeds", "1").err
    assert "11 measurements to do" in run(*words).err


@pytest.mark.parametrize("name", ["main", "train", "studies"])
def test_kept_results_are_shown(run, name):
    assert (RESULTS / f"{name}.jsonl").exists()
    lines = run("--suite", name, "--list").out.splitlines()
    assert len(lines) == 2 + len(benchmarks.SUITES[name])
    assert any("| yes" in line for line in lines)


def test_it_is_run_as_a_package():
    words = [sys.executable, "-m", "benchmarks", "--suite", "quick", "--list"]
    root = RESULTS.parents[1]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("| measurement | goal |")
    assert done.stderr == ""


def test_minutes_are_those_of_each_side():
    row = benchmarks.SUITES["train"][0]
    assert row.own.minutes < row.peer.minutes
    assert replace(row, minutes=3).own.minutes == 3
