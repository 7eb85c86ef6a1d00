"""`python -m benchmarks`: measure this machine with the commands that users type."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import benchmarks
from benchmarks import FailedError, left_to_do, read_measurements, run_suite, summarise, table_lines
from benchmarks.environments import PEERS
from benchmarks.machine import BenchMachine
from benchmarks.rows import SUITES, Contender, Row
from imagier.errors import did_you_mean
from imagier.i18n import duration, use_language

__all__ = ["main"]

RESULTS = Path(__file__).with_name("results")
_GOES_ON = """Each measurement is one process and one line of a JSONL file; a suite that was stopped
goes on where it was."""


def main(words: Sequence[str] | None = None) -> None:
    """Choose rows, measure what is not measured yet, print the table."""
    with use_language("en"):
        asked = _parse(words)
        file = Path(asked.out or RESULTS / f"{asked.suite}.jsonl")
        machine = benchmarks.describe_bench_machine()
        if not asked.list:
            pace = f"{machine.gflops} GFLOP/s of matrix multiplication right now."
            _note(f"{machine.processor}: {pace}", quiet=asked.quiet)
            _install(asked.rows, quiet=asked.quiet)
            _measure(asked.rows, asked.seeds, file, machine, quiet=asked.quiet)
        summaries = summarise(asked.rows, read_measurements(file))
        if asked.json:
            place = {"suite": asked.suite, "file": str(file), "machine": machine.to_json()}
            print(json.dumps(place | {"rows": [summary.to_json() for summary in summaries]}))
        else:
            print("\n".join(table_lines(summaries)))


def _parse(words: Sequence[str] | None) -> argparse.Namespace:
    """Read the words; `rows` are those of the suite whose name contains what was asked."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__, epilog=_GOES_ON)
    parser.add_argument("--suite", default="main", help=f"{', '.join(SUITES)} (default: main)")
    parser.add_argument("--only", default="", help="only the rows whose name contains this")
    parser.add_argument("--seeds", type=int, help="the first so many seeds; others may follow")
    parser.add_argument("--out", help="file of measurements (default: results/SUITE.jsonl)")
    parser.add_argument("--list", action="store_true", help="measure nothing, show what is there")
    parser.add_argument("--json", action="store_true", help="the table as one JSON object")
    parser.add_argument("--quiet", action="store_true", help="no progress and no notes")
    asked = parser.parse_args(words)
    suite, only = asked.suite, asked.only
    if suite not in SUITES:
        hint = did_you_mean(suite, SUITES)
        parser.error(f"there is no suite “{suite}”.{hint} Choose one of: {', '.join(SUITES)}.")
    if asked.seeds is not None and asked.seeds < 1:
        parser.error("--seeds must be 1 or more.")
    asked.rows = tuple(row for row in SUITES[suite] if only.casefold() in row.name.casefold())
    if not asked.rows:
        parser.error(f"no row of “{suite}” has “{only}” in its name: --list shows them.")
    return asked


def _install(rows: Sequence[Row], *, quiet: bool) -> None:
    """Make the environments of the peers first; a row whose peer cannot come says so itself."""
    sides = (side for row in rows for side in row.contenders)
    scripts = (side.arguments[0] for side in sides if side.arguments and side.arguments[0] in PEERS)
    for name in benchmarks.missing(scripts):
        about = "of a program to compare with, once; this takes minutes."
        _note(f"Making the environment “{name}” {about}", quiet=quiet)
        try:
            benchmarks.install(name)
        except FailedError as failure:
            _note(str(failure), quiet=quiet)


def _measure(
    rows: tuple[Row, ...], seeds: int | None, file: Path, machine: BenchMachine, *, quiet: bool
) -> None:
    few = rows if seeds is None else tuple(row.of_seeds(seeds) for row in rows)
    left = left_to_do(few, file, machine)
    about = duration(60 * sum(contender.minutes for _, contender, _ in left))
    word = "measurement" if len(left) == 1 else "measurements"
    _note(f"{len(left)} {word} to do, about {about}.", quiet=quiet)

    def announce(row: Row, contender: Contender, seed: int) -> None:
        about = duration(60 * contender.minutes)
        _note(f"{row.name} · {contender.key} · seed {seed}, about {about}", quiet=quiet)

    for one in run_suite(few, file, machine, announce=announce):
        _note(f"  {one.error or one.figures}", quiet=quiet)


def _note(text: str, *, quiet: bool) -> None:
    if not quiet:
        print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
