"""Measurements are appended, resumed, gathered, and a failure is never hidden."""

import json

import pytest

from imagier.bench import SUITES, read_measurements, run_suite, summarise, table_lines, tasks
from imagier.bench.machine import BenchMachine
from imagier.bench.rows import Row

HERE = BenchMachine(
    system="Linux", processor="p", cores=2, memory=1, gflops=1.0, versions={"imagier": "0"}
)
ROWS = (
    Row(name="a", task="fake", arguments=("x",), seeds=3, figure="score", goal=">= 0.5"),
    Row(
        name="b", task="fake", arguments=("x",), seeds=2, figure="seconds", goal="<= 1", over="max"
    ),
)


@pytest.fixture
def calls(monkeypatch):
    seen = []

    def fake(arguments, seed, work):
        seen.append(seed)
        if seed == 2:
            raise tasks.FailedError("it broke")
        return {"score": 0.4 + seed / 10, "seconds": seed * 2.0}

    monkeypatch.setitem(tasks.TASKS, "fake", fake)
    return seen


def test_a_suite_goes_on_where_it_stopped(tmp_path, calls):
    file = tmp_path / "new" / "rows.jsonl"
    next(iter(run_suite(ROWS, file, HERE)))
    assert len(read_measurements(file)) == 1
    list(run_suite(ROWS, file, HERE))
    assert calls == [0, 1, 2]  # both rows read the same measurements
    list(run_suite(ROWS, file, HERE))
    assert calls == [0, 1, 2, 2]  # what failed is tried again


def test_other_versions_are_measured_anew(tmp_path, calls):
    file = tmp_path / "rows.jsonl"
    list(run_suite(ROWS[1:], file, HERE))
    newer = BenchMachine(**{**HERE.to_json(), "versions": {"imagier": "1"}})
    list(run_suite(ROWS[1:], file, newer))
    assert calls == [0, 1, 0, 1]


def test_a_torn_line_is_made_anew(tmp_path, calls):
    file = tmp_path / "rows.jsonl"
    list(run_suite(ROWS[1:], file, HERE))
    lines = file.read_text().splitlines()
    file.write_text(lines[0] + "\n" + lines[1][:40] + "\n")
    list(run_suite(ROWS[1:], file, HERE))
    assert calls == [0, 1, 1]


def test_the_table_tells_mean_spread_and_failures(tmp_path, calls):
    file = tmp_path / "rows.jsonl"
    list(run_suite(ROWS, file, HERE))
    first, second = summarise(ROWS, read_measurements(file))
    assert first.value == pytest.approx(0.45)
    assert first.failures == 1
    assert first.is_reached is False
    assert second.value == 2.0
    assert second.is_reached is False
    assert "| 0.4 – 0.5 |" in table_lines([first, second])[2]
    assert json.dumps([one.to_json() for one in (first, second)])


def test_a_row_not_measured_says_so():
    (summary,) = summarise(ROWS[:1], [])
    assert summary.is_reached is None
    assert "not measured" in table_lines([summary])[-1]


@pytest.mark.parametrize("row", [row for suite in SUITES.values() for row in suite])
def test_every_row_names_a_task(row):
    assert row.task in tasks.TASKS
    sign, goal = row.goal.split()
    assert sign in (">=", "<=")
    float(goal)
