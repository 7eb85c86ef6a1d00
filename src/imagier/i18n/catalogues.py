"""The catalogues of sentences, and which language is spoken.

The folders `en/` and `fr/` hold one catalogue a room (`images.json`, `cli.json`...) with the same
keys in both. A value is one sentence, or `{"one": ..., "other": ...}` where it depends on `n`.
"""

import json
import locale
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from imagier.i18n.characters import printable
from imagier.i18n.shell_words import shell_path, shell_word

__all__ = ["LANGUAGES", "catalogue", "language", "t", "use_language"]

LANGUAGES = ("en", "fr")
_chosen: ContextVar[str | None] = ContextVar("language", default=None)


def t(key: str, **values: Any) -> str:
    """Say the sentence `key` in the user's language, with its values filled in.

    Args:
        key: Name of the sentence in the catalogues, such as `error.no_pictures`.
        values: What stands in the sentence's braces; `n` also chooses singular or plural. Texts
            come out on one line, whatever a stranger called his files (`printable`). In a command,
            `{path:path}` and `{name:word}` are words that can be pasted (`shell_words`).

    Raises:
        KeyError: When the catalogues have no such sentence: a bug, caught by the tests.
    """
    sentence = catalogue(language())[key]
    if isinstance(sentence, dict):
        sentence = sentence["one" if _is_singular(values["n"]) else "other"]
    return str(sentence.format(**{name: _shown(value) for name, value in values.items()}))


def language() -> str:
    """Tell the language in use: the one chosen, else `IMAGIER_LANG`, else the locale's."""
    wanted = _chosen.get() or os.environ.get("IMAGIER_LANG") or _locale_language()
    code = wanted[:2].lower()
    return code if code in LANGUAGES else "en"


@contextmanager
def use_language(code: str) -> Iterator[None]:
    """Speak `code` ("en" or "fr") inside a `with` block."""
    token = _chosen.set(code)
    try:
        yield
    finally:
        _chosen.reset(token)


@cache
def catalogue(code: str) -> dict[str, Any]:
    """Read all sentences of one language."""
    sentences: dict[str, Any] = {}
    # not importlib.resources, whose loading takes longer than reading all the catalogues
    for file in Path(__file__).with_name(code).glob("*.json"):
        sentences |= json.loads(file.read_text("utf-8"))
    return sentences


def _shown(value: Any) -> Any:
    return value if isinstance(value, int | float) else _Text(value)


class _Text(str):
    """A value of a sentence: on one line, or as a word of a command that can be pasted."""

    raw: str

    def __new__(cls, value: object) -> "_Text":
        raw = os.fspath(value) if isinstance(value, str | os.PathLike) else str(value)
        text = super().__new__(cls, printable(raw))
        text.raw = str(raw)
        return text

    def __format__(self, form: str) -> str:
        if form == "path":
            return shell_path(self.raw)
        if form == "word":
            return shell_word(self.raw)
        return super().__format__(form)


def _is_singular(n: float) -> bool:
    return abs(n) < 2 if language() == "fr" else n == 1


def _locale_language() -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(variable):
            return os.environ[variable]
    return locale.getlocale()[0] or "en"
