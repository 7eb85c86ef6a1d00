"""Run a suite: one process a measurement, one line of JSON each, going on where it stopped."""

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from imagier.bench.machine import BenchMachine
from imagier.bench.rows import Row
from imagier.bench.tasks import TASKS, FailedError
from imagier.files import storage_errors

__all__ = ["Measurement", "read_measurements", "run_suite", "task_name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One line of the file.

    Attributes:
        task: The measurement and its arguments, by which rows find it.
        seed: Its seed.
        figures: What was measured; empty when it failed.
        error: The last words of a command that failed.
        date: When, in UTC.
        machine: Where.
    """

    task: str
    seed: int
    figures: dict[str, Any]
    error: str
    date: str
    machine: dict[str, Any]

    def belongs_to(self, row: Row) -> bool:
        """Tell whether a row speaks of this measurement; several rows may read the same one."""
        return self.task == task_name(row) and self.seed < row.seeds


def run_suite(
    rows: tuple[Row, ...], file: Path, machine: BenchMachine, *, only: str = ""
) -> Iterator[Measurement]:
    """Measure what is not measured yet.

    Args:
        rows: The suite.
        file: JSONL to read what is there from and to append to.
        machine: Where we are; measurements of other versions or machines are left and made anew.
        only: Measure only the rows whose name contains this.

    Yields:
        Each new measurement, already written.
    """
    done = {(one.task, one.seed) for one in read_measurements(file) if _is_same(one, machine)}
    with tempfile.TemporaryDirectory(prefix="imagier-bench-") as work:
        for row in rows:
            for seed in range(row.seeds if only in row.name else 0):
                if (task_name(row), seed) in done:
                    continue
                done.add((task_name(row), seed))
                measurement = _measure(row, seed, Path(work), machine)
                _append(file, measurement)
                yield measurement


def read_measurements(file: Path) -> list[Measurement]:
    """Read all measurements of a file; a line torn by a crash is passed over, it is made anew."""
    if not file.exists():
        return []
    found = []
    for line in file.read_text("utf-8").splitlines():
        try:
            found.append(Measurement(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def task_name(row: Row) -> str:
    """Name what a row measures."""
    return " ".join((row.task, *row.arguments))


def _measure(row: Row, seed: int, work: Path, machine: BenchMachine) -> Measurement:
    figures: dict[str, Any] = {}
    error = ""
    try:
        figures = TASKS[row.task](row.arguments, seed, work)
    except FailedError as failure:
        error = str(failure)
    return Measurement(
        task=task_name(row),
        seed=seed,
        figures=figures,
        error=error,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=machine.to_json(),
    )


def _append(file: Path, measurement: Measurement) -> None:
    line = json.dumps(asdict(measurement), ensure_ascii=False) + "\n"
    with storage_errors(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as stream:
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())


def _is_same(measurement: Measurement, machine: BenchMachine) -> bool:
    here, there = machine.to_json(), measurement.machine
    names = ("system", "processor", "cores", "versions")
    return not measurement.error and all(there.get(name) == here[name] for name in names)
