"""Files stay small enough to be read in one sitting, and are named after what they hold."""

import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "imagier"
FILES = sorted([*SOURCE.rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])
LONGEST = 400
MEDIAN = (120, 200)  # shorter: one thing is told in too many places
MEANINGLESS = {"utils", "util", "common", "helpers", "helper", "base", "manager", "misc", "core"}


def lines_of(path):
    return len(path.read_text("utf-8").splitlines())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_too_long(path):
    assert lines_of(path) <= LONGEST


def test_the_median_file_is_read_in_one_sitting(record_property):
    median = statistics.median(lines_of(path) for path in FILES if path.is_relative_to(SOURCE))
    record_property("median lines of a source file", median)
    assert MEDIAN[0] <= median <= MEDIAN[1], f"the median source file has {median} lines"


def test_names_say_what_a_file_holds():
    assert [path for path in FILES if path.stem.strip("_") in MEANINGLESS] == []
