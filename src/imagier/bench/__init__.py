"""Measurements on this machine: whole commands as a user types them, many seeds, all rows kept.

Each measurement is one process and becomes one line of a JSONL file as soon as it is done; a suite
that was stopped goes on where it was. Nothing is left out: a run that failed is a line too.
"""

from imagier.bench.environments import install, missing
from imagier.bench.machine import BenchMachine, describe_bench_machine
from imagier.bench.printing import row_title, table_lines
from imagier.bench.processes import FailedError
from imagier.bench.rows import SUITES, Contender, Row
from imagier.bench.running import (
    Measurement,
    contenders_in_turn,
    left_to_do,
    read_measurements,
    run_suite,
)
from imagier.bench.table import Summary, summarise

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
    "row_title",
    "run_suite",
    "summarise",
    "table_lines",
]
