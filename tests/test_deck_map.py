"""Every slide of the deck has its line, in both languages, and what the line names exists."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

from imagier.cli import COMMANDS

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {"deck.md": "not built yet", "deck.fr.md": "pas encore construit"}
TITLES = (DOCS / "deck-titles.txt").read_text("utf-8").splitlines()


def rows(page):
    """Give the cells of the table: number, slide, tool, module, example."""
    lines = [line for line in (DOCS / page).read_text("utf-8").splitlines() if line[:2] == "| "]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[0].isdigit()]


def plain(text):
    """Level spaces and marks that typography changes."""
    return re.sub(r"[\s`]+", " ", text.replace("\u202f", " ").replace("\u00a0", " ")).strip()


def code(cell):
    return re.findall(r"`([^`]+)`", cell)


def commands(text):
    return [words.split()[1] for words in code(text) if words.startswith("imagier ")]


def named(page, column):
    return [(row[1], name) for row in rows(page) for name in code(row[column])]


@pytest.mark.parametrize("page", PAGES)
def test_the_map_has_every_slide_in_order(page):
    found = rows(page)
    assert [plain(row[1]) for row in found] == [plain(title) for title in TITLES]
    assert [row[0] for row in found] == [str(number) for number in range(1, len(TITLES) + 1)]


@pytest.mark.parametrize("page", PAGES)
def test_every_slide_has_a_tool_or_says_why_not(page):
    assert [row[1] for row in rows(page) if len(row[2]) < 8] == []


@pytest.mark.parametrize(("page", "later"), PAGES.items())
def test_every_command_named_exists_and_no_later_one_does(page, later):
    for _, slide, tool, _, _ in rows(page):
        now, _, then = tool.replace("\u00a0", " ").partition(later)
        assert set(commands(now)) <= set(COMMANDS), slide
        assert not set(commands(then)) & set(COMMANDS), f"{slide}: it is built now"


@pytest.mark.parametrize("name", sorted({name for _, name in named("deck.md", 3)}))
def test_every_module_named_exists(name):
    importlib.import_module(name)


@pytest.mark.parametrize("name", sorted({name for _, name in named("deck.md", 4)}))
def test_every_example_named_runs_with_the_tests(name):
    thing = _find(name)
    assert doctest.DocTestParser().get_examples(thing.__doc__ or ""), f"{name} has no example"


def test_both_languages_name_the_same_things():
    english, french = (rows(page) for page in PAGES)
    for left, right in zip(english, french, strict=True):
        assert (left[3], left[4]) == (right[3], right[4]), left[1]
        assert commands(left[2]) == commands(right[2]), left[1]


@pytest.mark.parametrize("page", PAGES)
def test_the_errata_they_point_to_exist(page):
    errata = (DOCS / page.replace("deck", "errata")).read_text("utf-8")
    for text in re.findall(
        r"\[[^\]]*(?:errata|coquilles?)[^\]]*\]", (DOCS / page).read_text("utf-8")
    ):
        for number in re.findall(r"\d\.\d", text):
            assert f"### {number} " in errata


def _find(name):
    """Find a module, or a function of one."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, attribute = name.rpartition(".")
        return getattr(importlib.import_module(module), attribute)
