"""Run a suite: one process a measurement, one line of JSON each, going on where it stopped."""

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.machine import BenchMachine, observe, probe_gflops
from benchmarks.processes import FailedError
from benchmarks.rows import Contender, Row
from benchmarks.tasks import TASKS
from imagier.files import storage_errors

__all__ = ["Measurement", "contenders_in_turn", "left_to_do", "read_measurements", "run_suite"]


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
        conditions: Speed and load of the machine right before and after; empty in old files.
    """

    task: str
    seed: int
    figures: dict[str, Any]
    error: str
    date: str
    machine: dict[str, Any]
    conditions: dict[str, Any] = field(default_factory=dict)

    def belongs_to(self, contender: Contender) -> bool:
        """Tell whether it is one of a contender's; several rows may read the same measurement."""
        return self.task == contender.key and self.seed < contender.seeds


def run_suite(
    rows: tuple[Row, ...],
    file: Path,
    machine: BenchMachine,
    *,
    announce: Callable[[Row, Contender, int], None] | None = None,
) -> Iterator[Measurement]:
    """Measure what is not measured yet.

    Args:
        rows: The suite, or those of its rows that are wanted.
        file: JSONL to read what is there from and to append to.
        machine: Where we are; measurements of other versions or machines are left and made anew.
        announce: Told what begins: the row, which of its sides, the seed.

    Yields:
        Each new measurement, already written.
    """
    with tempfile.TemporaryDirectory(prefix="imagier-bench-") as work:
        for row, contender, seed in left_to_do(rows, file, machine):
            if announce:
                announce(row, contender, seed)
            measurement = _measure(contender, seed, Path(work), machine)
            _append(file, measurement)
            yield measurement


def left_to_do(
    rows: tuple[Row, ...], file: Path, machine: BenchMachine
) -> list[tuple[Row, Contender, int]]:
    """List what is not measured yet, in its order: the row, which of its sides, the seed."""
    done = {(one.task, one.seed) for one in read_measurements(file) if _is_same(one, machine)}
    left = []
    for row in rows:
        for contender, seed in contenders_in_turn(row):
            if (contender.key, seed) not in done:
                done.add((contender.key, seed))
                left.append((row, contender, seed))
    return left


def contenders_in_turn(row: Row) -> Iterator[tuple[Contender, int]]:
    """Give what a row measures, the two sides in turn, so that drift of the machine hits both.

    The side with fewer runs stands in the middle of the other's: ten of ours with one of a peer's
    are five, the peer, five.
    """
    turns = [
        ((seed + 0.5) / one.seeds, place, one, seed)
        for place, one in enumerate(row.contenders)
        for seed in range(one.seeds)
    ]
    for _, _, contender, seed in sorted(turns, key=lambda turn: turn[:2]):
        yield contender, seed


def read_measurements(file: Path) -> list[Measurement]:
    """Read all measurements of a file; a line torn by a crash is passed over, it is made anew."""
    if not file.exists():
        return []
    return [one for one in map(_parse, _lines(file)) if one is not None]


def _lines(file: Path) -> Iterable[str]:
    return file.read_text("utf-8").splitlines()


def _parse(line: str) -> Measurement | None:
    try:
        return Measurement(**json.loads(line))
    except (ValueError, TypeError):
        return None


def _measure(contender: Contender, seed: int, work: Path, machine: BenchMachine) -> Measurement:
    figures: dict[str, Any] = {}
    error = ""
    before = (probe_gflops(), round(os.getloadavg()[0], 2))
    try:
        figures = TASKS[contender.task](contender.arguments, seed, work)
    except FailedError as failure:
        error = str(failure)
    return Measurement(
        task=contender.key,
        seed=seed,
        figures=figures,
        error=error,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=machine.to_json(),
        conditions=observe(before).to_json(),
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
