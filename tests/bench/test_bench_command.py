"""`imagier bench`: chooses rows, installs peers first, says what is left, shows the table."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

import imagier.bench
from imagier.bench import FailedError, Measurement
from imagier.cli.bench import bench
from imagier.errors import UsageError


@pytest.fixture
def measured(monkeypatch):
    """Measure nothing: every measurement gives the same figures at once."""
    installed = []
    machine = imagier.bench.BenchMachine(
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

    monkeypatch.setattr(imagier.bench, "describe_bench_machine", lambda: machine)
    monkeypatch.setattr(imagier.bench, "missing", dict.fromkeys)
    monkeypatch.setattr(imagier.bench, "install", install)
    monkeypatch.setattr(imagier.bench.running, "_measure", measure)
    return installed


def run(*words):
    done = CliRunner().invoke(bench, words)
    if done.exception:
        raise done.exception
    return done


def test_rows_are_chosen_measured_and_shown(measured, tmp_path):
    file = str(tmp_path / "rows.jsonl")
    done = run("--suite", "train", "--only", "MNIST to 99", "--out", file)
    assert measured == ["keras_convnet"]
    assert "no matching distribution" in done.stderr
    assert "13 measurements to do, about 29 min 00 s." in done.stderr
    head, _, *rows = done.stdout.splitlines()
    assert head.startswith("| measurement | goal |")
    assert len(rows) == 2
    assert "| 30 | 30 – 30 | 10 + 3 | yes |" in rows[0]
    assert (
        "0 measurements to do"
        in run("--suite", "train", "--only", "mnist to 99", "--out", file).stderr
    )


def test_a_table_as_json(measured, tmp_path):
    file = str(tmp_path / "rows.jsonl")
    words = ("--suite", "train", "--only", "mnist to 99", "--out", file, "--json")
    first, _ = json.loads(run(*words, "--quiet").stdout)["rows"]
    assert first["value"] == 30
    assert first["reached"] is True
    assert first["wanted"] is False
    assert first["own"]["n"] == 10
    assert first["peer"]["values"] == [300.0] * 3


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--suite", "tain"), "unknown_suite"), (("--only", "nothing like it"), "no_such_row")],
)
def test_what_is_not_there_is_refused(measured, words, code):
    with pytest.raises(UsageError) as caught:
        run(*words)
    assert caught.value.code == code


def test_a_listing_measures_nothing(measured, tmp_path):
    file = tmp_path / "rows.jsonl"
    run("--list", "--out", str(file))
    assert measured == []
    assert not file.exists()


def test_minutes_are_those_of_each_side():
    row = imagier.bench.SUITES["train"][0]
    assert row.own.minutes < row.peer.minutes
    assert replace(row, minutes=3).own.minutes == 3
