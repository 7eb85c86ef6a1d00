"""French is well set: no-break spaces, apostrophes and guillemets, in sentences and in pages."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = sorted((ROOT / "src" / "imagier" / "i18n" / "fr").glob("*.json"))
PAGES = sorted([ROOT / "LISEZMOI.md", *(ROOT / "docs").rglob("*.fr.md")])
CODE = re.compile(r"`[^`\n]*`|pip install \S+|https?://\S+|\{[^}]*\}")
SLIPS = {
    "a straight apostrophe": re.compile(r"\w'\w"),
    "a breaking space before ; : ! ? » or %": re.compile(r" [;:!?»%](?!\))"),
    "no space before ; ! ?": re.compile(r"[\w)»”’`x][;!?](?=\s|$)"),
    "no space before :": re.compile(r"[\w)»”’][:](?=\s|$)"),
    "a breaking space after «": re.compile(r"«[ \n]"),
    "no space inside « »": re.compile(r"«(?![\u00a0\u202f])|(?<![\u00a0\u202f\s])»"),
    "two spaces": re.compile(r"\S  +\S"),
    "straight quotes": re.compile(r"\"\w|\w\""),
    "a breaking space in a number": re.compile(
        r"(?<![\d,.×=+·/-])(?<![\d,×=+·/-] )\b\d{1,3} \d{3}\b(?! [×x])"
    ),
    "a decimal point": re.compile(r"(?<![\d.-])\d+\.\d+(?![\d.])(?=\s?%)"),
}


def french_slips(text):
    """List the slips of French typography in a sentence; code and addresses are left out."""
    prose = CODE.sub("x", text)
    return {name: found[0] for name, slip in SLIPS.items() if (found := slip.search(prose))}


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: path.name)
def test_french_sentences_are_well_set(path):
    slips = {
        key: french_slips(text)
        for key, sentence in json.loads(path.read_text("utf-8")).items()
        for text in (sentence.values() if isinstance(sentence, dict) else [sentence])
        if french_slips(text)
    }
    assert slips == {}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_french_pages_are_well_set(path):
    slips = {number: french_slips(line) for number, line in prose_of(path) if french_slips(line)}
    assert slips == {}


def prose_of(path):
    """Give the numbered lines of a page without its code, comments, tables' rules and links."""
    text = path.read_text("utf-8")
    for pattern in (r"^```.*?^```$", r"<!--.*?-->", r"(?<=\])\([^)\s]*\)"):
        text = re.sub(
            pattern,
            lambda found: "\n" * found[0].count("\n"),
            text,
            flags=re.DOTALL | re.MULTILINE,
        )
    return list(enumerate(text.splitlines(), start=1))


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("l'image", "a straight apostrophe"),
        ("Quoi ?", "a breaking space before ; : ! ? » or %"),
        ("Quoi?", "no space before ; ! ?"),
        ("Voici: un", "no space before :"),
        ("« mot »", "a breaking space after «"),
        ("«mot»", "no space inside « »"),
        ("un  mot", "two spaces"),
        ('un "mot"', "straight quotes"),
        ("60 000 images", "a breaking space in a number"),
        ("une part de 98.4\u202f%", "a decimal point"),
    ],
)
def test_slips_are_seen(text, slip):
    assert slip in french_slips(text)


@pytest.mark.parametrize(
    "text",
    [
        "Vouliez-vous dire «\u00a0mot\u00a0»\u202f?",
        "Impossible d’écrire {path}\u00a0: {reason}.",
        "Tapez `imagier network dense:8,8 --input 28x28x1`.",
        "784 × 8 + 8 × 8 = 60\u202f000, soit 98,4\u202f%.",
        "Version 0.1.0 (https://example.org/a?b:c).",
    ],
)
def test_good_french_passes(text):
    assert french_slips(text) == {}
