"""Measurements on this machine: whole commands as a user types them, many seeds, all rows kept.

Each measurement is one process and becomes one line of a JSONL file as soon as it is done; a suite
that was stopped goes on where it was. Nothing is left out: a run that failed is a line too.
"""

from imagier.bench.machine import BenchMachine, describe_bench_machine
from imagier.bench.rows import SUITES, Row
from imagier.bench.running import Measurement, read_measurements, run_suite
from imagier.bench.table import summarise, table_lines

__all__ = [
    "SUITES",
    "BenchMachine",
    "Measurement",
    "Row",
    "describe_bench_machine",
    "read_measurements",
    "run_suite",
    "summarise",
    "table_lines",
]
