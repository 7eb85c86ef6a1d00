"""Measurements on this machine: whole commands as a user types them, many seeds, all rows kept.

    python -m benchmarks --suite train --only mnist --seeds 1

Each measurement is one process and becomes one line of a JSONL file as soon as it is done; a suite
that was stopped goes on where it was. Nothing is left out: a run that failed is a line too. This
package stands beside imagier, not in it: `make bench` runs it, nobody who installs imagier has it.
"""

from benchmarks.environments import install, missing
from benchmarks.machine import BenchMachine, describe_bench_machine
from benchmarks.processes import FailedError
from benchmarks.report import table_lines
from benchmarks.rows import SUITES, Contender, Row
from benchmarks.suite import (
    Measurement,
    contenders_in_turn,
    left_to_do,
    read_measurements,
    run_suite,
)
from benchmarks.summary import Summary, summarise

__all__ = [
    "SUITES",
    "BenchMachine",
    "Contender",
    "FailedError",
    "Measurement",
    "Row",
    "Summary",
    "contenders_in_turn",
    "describe_bench_machine",
    "install",
    "left_to_do",
    "missing",
    "read_measurements",
    "run_suite",
    "summarise",
    "table_lines",
]
