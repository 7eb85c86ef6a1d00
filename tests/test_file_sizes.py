"""Files stay small enough to be read in one sitting, and are named after what they hold."""

import statistics
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "imagier"
FILES = sorted(SOURCE.rglob("*.py"))
LONGEST = 400
MEANINGLESS = {"utils", "util", "common", "helpers", "helper", "base", "manager", "misc", "core"}


def lines_of(path):
    return len(path.read_text("utf-8").splitlines())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_file_is_too_long(path):
    assert lines_of(path) <= LONGEST


def test_the_median_file_is_short(record_property):
    median = statistics.median(map(lines_of, FILES))
    record_property("median lines of a source file", median)
    assert median <= 250, f"the median source file has {median} lines"


def test_names_say_what_a_file_holds():
    assert [path for path in FILES if path.stem.strip("_") in MEANINGLESS] == []
