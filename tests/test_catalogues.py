"""The two languages say the same things, and every sentence has a use."""

import ast
import json
import re
import string
from pathlib import Path

import pytest

from imagier.i18n import LANGUAGES, catalogue

SOURCE = Path(__file__).parents[1] / "src" / "imagier"
ROOMS = sorted(path.name for path in (SOURCE / "i18n" / "en").glob("*.json"))
TREE = {
    "DataError",
    "ImagierError",
    "MachineError",
    "ModelError",
    "PictureError",
    "UsageError",
}


def room(language, name):
    """Read one catalogue; a key written twice is an error."""

    def once(pairs):
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), f"{language}/{name}: a key stands twice"
        return dict(pairs)

    text = (SOURCE / "i18n" / language / name).read_text("utf-8")
    return json.loads(text, object_pairs_hook=once)


def placeholders(sentence):
    """Name what stands in the braces, with `attribute` and `[index]` cut off."""
    texts = sentence.values() if isinstance(sentence, dict) else [sentence]
    fields = [field for text in texts for _, field, _, _ in string.Formatter().parse(text)]
    return {re.split(r"[.\[]", field)[0] for field in fields if field is not None}


def sentences(language):
    for name in ROOMS:
        for key, sentence in room(language, name).items():
            forms = sentence.items() if isinstance(sentence, dict) else [("", sentence)]
            for form, text in forms:
                yield f"{key} {form}".strip(), text


# The same keys, the same values to fill in


def test_both_languages_have_the_same_rooms():
    assert [path.name for path in sorted((SOURCE / "i18n" / "fr").glob("*.json"))] == ROOMS


@pytest.mark.parametrize("name", ROOMS)
def test_both_languages_have_the_same_keys_in_the_same_order(name):
    assert list(room("en", name)) == list(room("fr", name))


@pytest.mark.parametrize("name", ROOMS)
def test_both_languages_fill_in_the_same_values(name):
    english, french = room("en", name), room("fr", name)
    for key, sentence in english.items():
        assert type(sentence) is type(french[key]), key
        assert placeholders(sentence) == placeholders(french[key]), key


@pytest.mark.parametrize("name", ROOMS)
def test_sentences_that_count_have_both_forms(name):
    for language in LANGUAGES:
        for key, sentence in room(language, name).items():
            if isinstance(sentence, dict):
                assert list(sentence) == ["one", "other"], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_stands_in_two_rooms(language):
    seen = {}
    for name in ROOMS:
        for key in room(language, name):
            assert key not in seen, f"{key} stands in {seen[key]} and in {name}"
            seen[key] = name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_its_next_step(language):
    keys = {key for key in catalogue(language) if key.startswith("error.")}
    codes = {key.split(".")[1] for key in keys}
    assert keys == {f"error.{code}" for code in codes} | {f"error.{code}.next" for code in codes}
    assert [code for code in codes if not re.fullmatch(r"[a-z][a-z0-9_]*", code)] == []


# What the source says exists, and what exists is said


class Speech(ast.NodeVisitor):
    """Collect the keys that a source file says: whole, or as a pattern where a part varies."""

    def __init__(self):
        self.said = {}  # key or pattern -> line
        self.words = set()  # every string constant: codes may travel in variables

    def visit_Call(self, node):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if node.args and name == "t":
            self.say("", node.args[0])
        if node.args and name in TREE:
            self.say(r"error\.", node.args[0])
        self.generic_visit(node)

    def visit_Constant(self, node):
        if isinstance(node.value, str):
            self.words.add(node.value)

    def say(self, prefix, node):
        for part in _choices(node):
            pattern = _pattern(part)
            if pattern is not None:
                self.said[prefix + pattern] = node.lineno


def _choices(node):
    """Follow `a if condition else b`."""
    if isinstance(node, ast.IfExp):
        return [*_choices(node.body), *_choices(node.orelse)]
    return [node]


def _pattern(node):
    if isinstance(node, ast.Constant):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        parts = [
            re.escape(part.value) if isinstance(part, ast.Constant) else r"[^.]+"
            for part in node.values
        ]
        return "".join(parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _pattern(node.left), _pattern(node.right)
        return f"{left or '.+'}{right or '.+'}" if left or right else None
    return None  # a name: its value is looked for among the file's words


def listen():
    """Listen to the whole source, docstrings left out."""
    said, words = {}, set()
    for path in sorted(SOURCE.rglob("*.py")):
        speech = Speech()
        speech.visit(ast.parse(path.read_text("utf-8")))
        said |= {pattern: f"{path.name}:{line}" for pattern, line in speech.said.items()}
        words |= speech.words
    for path in sorted(SOURCE.rglob("*.j2")):
        for quoted in re.findall(r"""['"]([a-z_]+(?:\.[\w-]+)*\.?)['"]""", path.read_text("utf-8")):
            words.add(quoted)
    return said, words


SAID, WORDS = listen()
TOO_WIDE = {r"error\.[^.]+", r"error\.[^.]+\.next"}  # in errors.py itself: they fit every error


def test_every_sentence_that_is_said_exists():
    keys = set(catalogue("en"))
    unknown = {
        pattern: place
        for pattern, place in SAID.items()
        if not any(re.fullmatch(pattern, key) for key in keys)
    }
    assert unknown == {}


@pytest.mark.parametrize("name", ROOMS)
def test_every_sentence_that_exists_is_said(name):
    patterns = [re.compile(pattern) for pattern in SAID if pattern not in TOO_WIDE]
    prefixes = tuple(word for word in WORDS if word.endswith("."))

    def is_said(key):
        if any(pattern.fullmatch(key) for pattern in patterns) or key in WORDS:
            return True
        if key.startswith("error."):
            return is_said_error(key.split(".")[1])
        return key.startswith(prefixes) if prefixes else False

    def is_said_error(code):
        error = f"error.{code}"
        return code in WORDS or any(pattern.fullmatch(error) for pattern in patterns)

    assert [key for key in room("en", name) if not is_said(key)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_have_no_stray_spaces(language):
    stray = [
        key
        for key, text in sentences(language)
        if text != text.rstrip(" \n") or "\t" in text or re.search(r"\S  +\S", text)
    ]
    assert stray == []
