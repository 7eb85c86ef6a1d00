"""The JSON of readers has exactly the keys that docs/json.md shows."""

import json
import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs"
FREE = {"by_difference", "plan"}  # their keys are counts, or facts that differ


def shown(page, command):
    section = (PAGES / page).read_text("utf-8").split(f"## `{command}`", 1)[1].split("\n## ", 1)[0]
    return json.loads(re.findall(r"```json\n(.*?)```", section, re.DOTALL)[1])


def keys(value, name=""):
    if isinstance(value, dict) and name not in FREE:
        return {key: keys(below, key) for key, below in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [keys(value[0])]
    return "…"


def missing(documented, given, path=""):
    """Name what is on one side only; null or an empty list on a side proves nothing."""
    if isinstance(documented, dict) and isinstance(given, dict):
        names = [f"{path}.{key}" for key in documented.keys() ^ given.keys()]
        for key in documented.keys() & given.keys():
            names += missing(documented[key], given[key], f"{path}.{key}")
        return names
    if isinstance(documented, list) and isinstance(given, list):
        return missing(documented[0], given[0], f"{path}[]")
    return []


@pytest.mark.parametrize("page", ["json.md", "json.fr.md"])
def test_both_answers_are_documented(full_line_report, page):
    report = full_line_report(accept=None)
    assert missing(keys(shown(page, "imagier test")), keys(report.to_json())) == []
    assert missing(keys(shown(page, "imagier train")), keys(report.train_json())) == []


def test_the_codes_of_the_steps_are_documented():
    source = PAGES.parent / "src" / "imagier" / "i18n" / "en" / "reading-report.json"
    prefix = "line_report.advice.step."
    names = [key.removeprefix(prefix) for key in json.loads(source.read_text("utf-8"))
             if key.startswith(prefix)]  # fmt: skip
    text = (PAGES / "json.md").read_text("utf-8").split("The codes of the steps are ")[1]
    told = set(re.findall(r"`(\w+)`", text.split(". ")[0]))
    assert told == {name.partition("_")[0] for name in names}
