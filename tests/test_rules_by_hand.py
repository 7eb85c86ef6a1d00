"""The rules by hand are short, run, and score what their page says, on the parts of `train`."""

import ast
import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).parents[1] / "docs"
PROGRAM = DOCS / "rules_by_hand.py"


@pytest.fixture(scope="module")
def rules():
    spec = importlib.util.spec_from_file_location("rules_by_hand", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def right_on(rules, part):
    pictures = rules.part_of_digits(part)
    answers = [rules.read_digit(pixels[:, :, 0].astype(float)) for pixels in pictures.pixels]
    return int(np.sum(np.array(answers) == pictures.labels)), len(pictures)


def test_the_program_is_about_thirty_lines():
    tree = ast.parse(PROGRAM.read_text("utf-8"))
    lengths = {
        node.name: node.end_lineno - node.lineno + 1
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    assert lengths["read_digit"] + lengths["find_holes"] <= 36


def test_holes_are_counted_by_their_pixels(rules):
    ring = np.ones((8, 8), bool)
    ring[2:6, 2:5] = False
    assert rules.find_holes(ring) == [12]
    assert rules.find_holes(np.zeros((8, 8), bool)) == []
    ring[3, 2:5] = True
    assert sorted(rules.find_holes(ring)) == [3, 6]


def test_the_deck_zero_is_read(rules):
    digits = rules.all_digits()
    assert (digits.names[0], digits.classes[digits.labels[0]]) == ("digits/0", "0")
    assert rules.read_digit(digits.pixels[0, :, :, 0].astype(float)) == 0


def test_every_digit_has_its_rule(rules):
    tree = ast.parse(PROGRAM.read_text("utf-8"))
    reading = next(node for node in tree.body if getattr(node, "name", "") == "read_digit")
    answers = {
        node.value
        for statement in ast.walk(reading)
        if isinstance(statement, ast.Return)
        for node in ast.walk(statement.value)
        if isinstance(node, ast.Constant) and isinstance(node.value, int)
    }
    assert answers == set(range(10))


@pytest.mark.parametrize("page", ["rules.md", "rules.fr.md"])
def test_the_page_tells_what_they_score(rules, page):
    text = re.sub(r"[\u202f\u00a0]", " ", (DOCS / page).read_text("utf-8"))
    for part in ("train", "validation", "test"):
        right, count = right_on(rules, part)
        share = f"{100 * right / count:.1f}"
        written = f"{right:,}".replace(",", " ") if page == "rules.fr.md" else f"{right:,}"
        whole = f"{count:,}".replace(",", " ") if page == "rules.fr.md" else f"{count:,}"
        share = share.replace(".", ",") if page == "rules.fr.md" else share
        assert re.search(rf"{share} ?% \({written} (of|sur) {whole}", text), (part, share)


@pytest.mark.parametrize("page", ["rules.md", "rules.fr.md"])
def test_the_page_shows_the_program_as_it_is(page):
    shown = re.search(r"```py\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    source = PROGRAM.read_text("utf-8")
    start, end = source.index("def read_digit"), source.index("def main")
    assert shown[1].strip() == source[start:end].strip()
