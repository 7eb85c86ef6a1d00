"""All error sentences, looked at as an interface: one golden file a language.

A change of wording shows in the golden files, to be read as a user would read it. To write them
again: `python tests/test_error_messages.py`.
"""

import ast
import re
from pathlib import Path

import pytest

import imagier.errors
from imagier.i18n import LANGUAGES, catalogue

SOURCE = Path(__file__).parents[1] / "src" / "imagier"
GOLDEN = Path(__file__).parent / "golden"
TREE = {
    name: kind
    for name, kind in vars(imagier.errors).items()
    if isinstance(kind, type) and issubclass(kind, imagier.errors.ImagierError)
}


def codes(language):
    keys = [key for key in catalogue(language) if re.fullmatch(r"error\.[^.]+", key)]
    return sorted(key.removeprefix("error.") for key in keys)


def kinds():
    """Map each code to the classes it is raised with, where the source says both in one place."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TREE and node.args:
                for code in _constants(node.args[0]):
                    found.setdefault(code, set()).add(node.func.id)
    return found


def _constants(node):
    if isinstance(node, ast.IfExp):
        return [*_constants(node.body), *_constants(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) else []


def forms(sentence):
    return list(sentence.values()) if isinstance(sentence, dict) else [sentence]


def page(language):
    """Write all errors of a language as one text."""
    said, raised = catalogue(language), kinds()
    blocks = []
    for code in codes(language):
        names = sorted(raised.get(code, ()))
        kind = "".join(f" · {name}, exit {TREE[name].exit_code}" for name in names)
        lines = [code + kind]
        lines += [f"    {text}" for text in forms(said[f"error.{code}"])]
        lines += [f"    → {text}" for text in forms(said[f"error.{code}.next"])]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_errors_are_those_of_the_golden_file(language):
    assert page(language) == (GOLDEN / f"errors.{language}.txt").read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", codes("en"))
def test_an_error_says_what_was_wrong_and_what_to_do(code, language):
    said = catalogue(language)
    for text in forms(said[f"error.{code}"]):
        assert text.rstrip("”»\u00a0").endswith((".", "?", "!", "}")), text
        assert len(text) <= 300
    for text in forms(said[f"error.{code}.next"]):
        assert text.endswith((".", "?", "!", "}", "…", "`", ")")), text
        assert text not in forms(said[f"error.{code}"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_of_one_picture_names_it(language):
    said = catalogue(language)
    pictures = [code for code, names in kinds().items() if "PictureError" in names]
    for code in pictures:
        assert all("{path}" in text for text in forms(said[f"error.{code}"])), code


def write():
    GOLDEN.mkdir(exist_ok=True)
    for language in LANGUAGES:
        (GOLDEN / f"errors.{language}.txt").write_text(page(language), "utf-8")


if __name__ == "__main__":
    write()
