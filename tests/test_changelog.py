"""The changelog speaks of the version that is installed."""

import re
from pathlib import Path

from imagier.files import version

CHANGELOG = Path(__file__).parents[1] / "CHANGELOG.md"


def test_the_newest_entry_is_the_version_of_the_project():
    entries = re.findall(r"^## \[(.+?)\] - (.+)$", CHANGELOG.read_text("utf-8"), flags=re.MULTILINE)
    assert entries[0][0] == version()
    assert all(re.fullmatch(r"unreleased|\d{4}-\d\d-\d\d", date) for _, date in entries)
