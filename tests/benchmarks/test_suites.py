"""Measurements are appended, resumed, gathered, and a failure is never hidden."""

import json
from dataclasses import replace

import pytest

from benchmarks import (
    SUITES,
    Contender,
    contenders_in_turn,
    read_measurements,
    report,
    run_suite,
    suite,
    summarise,
    table_lines,
    tasks,
)
from benchmarks.machine import BenchMachine
from benchmarks.rows import Row

HERE = BenchMachine(
    system="Linux", processor="p", cores=2, memory=1, gflops=1.0, versions={"imagier": "0"}
)
FAKE = Row(name="digits", task="fake", arguments=("x",), seeds=3, figure="score", goal=">= 0.5")
ROWS = (FAKE, replace(FAKE, seeds=2, figure="seconds", goal="<= 1", over="max"))
PEER = Contender(task="fake", arguments=("peer",), seeds=1, figure="seconds")
RATIO = replace(FAKE, seeds=2, figure="seconds", goal=">= 4", peer=PEER, compare="ratio")


@pytest.fixture(autouse=True)
def quick_probe(monkeypatch):
    monkeypatch.setattr(suite, "probe_gflops", lambda: 100.0)
    monkeypatch.setattr("benchmarks.machine.probe_gflops", lambda: 110.0)


@pytest.fixture
def calls(monkeypatch):
    seen = []

    def fake(arguments, seed, work):
        seen.append(seed if arguments == ("x",) else "peer")
        if seed == 2:
            raise tasks.FailedError("first words\nit broke\n")
        seconds = seed * 2.0 + 1 if arguments == ("x",) else 10.0
        return {"score": 0.4 + seed / 10, "seconds": seconds, "accuracy": 0.9}

    monkeypatch.setitem(tasks.TASKS, "fake", fake)
    return seen


def measured(rows, tmp_path):
    file = tmp_path / "rows.jsonl"
    list(run_suite(rows, file, HERE))
    return summarise(rows, read_measurements(file))


# Lines of the file


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


def test_a_line_without_conditions_is_still_read(tmp_path, calls):
    file = tmp_path / "rows.jsonl"
    (one,) = run_suite((replace(FAKE, seeds=1),), file, HERE)
    assert one.conditions["gflops_before"] == 100.0
    assert one.conditions["gflops_after"] == 110.0
    old = json.loads(file.read_text())
    del old["conditions"]
    file.write_text(json.dumps(old) + "\n")
    (read,) = read_measurements(file)
    assert read.figures == one.figures
    assert read.conditions == {}


def test_what_begins_is_announced(tmp_path, calls):
    told = []
    file = tmp_path / "rows.jsonl"
    run = run_suite((RATIO,), file, HERE, announce=lambda *what: told.append(what))
    list(run)
    assert [(one.key, seed) for _, one, seed in told] == [
        ("fake x", 0),
        ("fake peer", 0),
        ("fake x", 1),
    ]


# Two sides


def test_two_sides_are_measured_in_turn(tmp_path, calls):
    list(run_suite((RATIO,), tmp_path / "rows.jsonl", HERE))
    assert calls == [0, "peer", 1]


def test_few_runs_stand_in_the_middle_of_many():
    row = replace(RATIO, seeds=6, peer=replace(PEER, seeds=2))
    letters = ("p" if one == row.peer else "o" for one, _ in contenders_in_turn(row))
    assert "".join(letters) == "oopooopo"


def test_a_ratio_is_the_peers_figure_by_ours(tmp_path, calls):
    (summary,) = measured((RATIO,), tmp_path)
    assert summary.value == 10.0 / 2.0
    assert summary.spread == (10.0 / 3.0, 10.0)
    assert summary.is_reached is True
    (line,) = table_lines([summary])[2:]
    assert "ours 2.0 s at 90.00%, theirs 10.0 s at 90.00%" in line
    assert "| 2 + 1 |" in line


def test_a_ratio_at_too_low_an_accuracy_counts_for_nothing(tmp_path, calls):
    (summary,) = measured((replace(RATIO, least_accuracy=0.95),), tmp_path)
    assert summary.value == 5.0
    assert summary.is_reached is False
    assert "does not count: our accuracy is below 95.00%" in table_lines([summary])[-1]


def test_points_are_our_accuracy_less_theirs(tmp_path, calls):
    row = replace(RATIO, figure="score", goal="> 0", compare="points")
    row = replace(row, peer=replace(PEER, figure="score"))
    (summary,) = measured((row,), tmp_path)
    assert summary.value == pytest.approx(5.0)
    assert summary.is_reached is True
    equal = replace(row, seeds=1)
    (summary,) = measured((equal,), tmp_path)
    assert summary.value == 0.0
    assert summary.is_reached is False


def test_a_peer_that_never_gets_there_gives_a_bound(tmp_path, calls, monkeypatch):
    fake = tasks.TASKS["fake"]
    slow = {"reached": False}
    monkeypatch.setitem(tasks.TASKS, "fake", lambda *what: fake(*what) | slow)
    (summary,) = measured((RATIO,), tmp_path)
    assert summary.is_bound
    assert "| at least 5 |" in table_lines([summary])[-1]


def test_a_machine_that_lost_its_pace_is_remarked(tmp_path, calls):
    (summary,) = measured((RATIO,), tmp_path)
    slower = [replace(one, conditions={"gflops_before": 50.0}) for one in summary.own.runs]
    uneven = replace(summary, own=replace(summary.own, runs=tuple(slower)))
    assert "did not keep its pace: 50 GFLOP/s" in table_lines([uneven])[-1]
    assert "did not keep" not in table_lines([summary])[-1]


# The table


def test_the_table_tells_mean_spread_and_failures(tmp_path, calls):
    first, second = measured(ROWS, tmp_path)
    assert first.value == pytest.approx(0.45)
    assert first.failures == 1
    assert first.is_reached is False
    assert second.value == 3.0
    assert second.is_reached is False
    line = table_lines([replace(first, row=replace(first.row, figure="accuracy"))])[2]
    assert "failed: it broke" in line
    assert json.dumps([one.to_json() for one in (first, second)])


def test_goal_and_wish(tmp_path, calls):
    row = replace(FAKE, seeds=2, goal=">= 0.4", want=">= 0.45", figure="score")
    (summary,) = measured((row,), tmp_path)
    assert (summary.is_reached, summary.is_wanted) == (True, True)
    (summary,) = measured((replace(row, want=">= 0.9"),), tmp_path)
    assert (summary.is_reached, summary.is_wanted) == (True, False)
    (summary,) = measured((replace(row, goal="", want=""),), tmp_path)
    assert (summary.value, summary.is_reached) == (pytest.approx(0.45), None)


def test_a_row_not_measured_says_so():
    row = SUITES["train"][0]
    (summary,) = summarise((row,), [])
    assert summary.is_reached is None
    assert "not measured" in table_lines([summary])[-1]


def test_a_row_whose_peer_failed_says_why(tmp_path, calls, monkeypatch):
    fake = tasks.TASKS["fake"]

    def broken(arguments, seed, work):
        if arguments == ("peer",):
            raise tasks.FailedError("ERROR: no matching distribution")
        return fake(arguments, seed, work)

    monkeypatch.setitem(tasks.TASKS, "fake", broken)
    (summary,) = measured((RATIO,), tmp_path)
    assert summary.value is None
    (line,) = table_lines([summary])[2:]
    assert "| failed |" in line
    assert "no matching distribution" in line


# The rows


@pytest.mark.parametrize("row", [row for suite in SUITES.values() for row in suite])
def test_every_row_can_be_measured_and_shown(row):
    for contender in row.contenders:
        assert contender.task in tasks.TASKS
        assert contender.seeds > 0
        assert any("{seed}" in word for word in contender.arguments) or contender.task not in (
            "train",
            "peer",
        )
    for goal in filter(None, (row.goal, row.want)):
        sign, number = goal.split()
        assert sign in (">=", "<=", ">", "<")
        float(number)
    assert (row.peer is None) == (row.compare == "")
    (line,) = table_lines(summarise((row,), []))[2:]
    assert row.name in line


@pytest.mark.parametrize("name", SUITES)
def test_no_two_rows_share_a_name(name):
    names = [row.name for row in SUITES[name]]
    assert len(set(names)) == len(names)


def test_every_figure_of_a_goal_has_a_name():
    shown = {row.compare or row.figure for rows in SUITES.values() for row in rows}
    assert shown == set(report.FIGURES)
