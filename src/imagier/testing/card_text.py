"""How MODEL_CARD.md is set: twice, in both languages, without a name that could become markup."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from imagier.files import printable
from imagier.i18n import LANGUAGES, catalogue, integer, language, t, use_language
from imagier.testing.plan_words import plan_facts

if TYPE_CHECKING:
    from imagier.recognizer import ModelCard

__all__ = [
    "bullets",
    "card_page",
    "data_lines",
    "in_both_languages",
    "made",
    "plain",
    "prose",
]

COMMAND = re.compile(r"(`[^`]+`)")
MARKUP = str.maketrans({letter: f"\\{letter}" for letter in "\\`*_{}[]<>#|~"})


def in_both_languages(write: Callable[[str], str]) -> str:
    """Write a card in the user's language, then in the other one.

    Args:
        write: Writes it in the language that is spoken; told where the other one stands, `below`
            or `above`.
    """
    pages = [write("below")]
    for code in LANGUAGES:
        if code != language():
            with use_language(code):
                pages.append(write("above"))
    return "\n\n---\n\n".join(pages) + "\n"


def card_page(model: str, sections: Iterable[tuple[str, str]], other: str) -> str:
    """Set the sections of a card under its title, each under `testing.card.NAME`.

    Args:
        model: Name of the model.
        sections: Name and text of each.
        other: Where the other language stands, `below` or `above`.
    """
    pages = [f"## {t(f'testing.card.{name}')}\n\n{text}" for name, text in sections]
    return "\n\n".join([f"# {plain(model)}", t(f"testing.card.other_{other}"), *pages])


def bullets(lines: Iterable[str]) -> str:
    """Set lines as a list."""
    return "\n".join(f"- {line}" for line in lines)


def data_lines(facts: Mapping[str, Any]) -> list[str]:
    """Write what a card knows of its data, in the order of the names."""
    return _facts((_data_label(name), _value(facts[name])) for name in sorted(facts))


def made(card: "ModelCard") -> str:
    """Say with what network, seed, plan and versions a model was made."""
    plan = {name: value for name, value in card.plan.items() if name not in ("network", "seed")}
    facts = [
        (t("testing.fact.network"), card.network),
        (t("testing.fact.parameters"), integer(card.parameters)),
        (t("testing.fact.seed"), str(card.seed)),
        *plan_facts(plan, card.classes),
        *((name, str(card.versions[name])) for name in sorted(card.versions)),
    ]
    return bullets([*_facts(facts), t("testing.card.whole_plan")])


def prose(text: str) -> str:
    """Keep a sentence from being read as Markdown, but for the commands in it."""
    parts = COMMAND.split(printable(text))
    return "".join(one if place % 2 else plain(one) for place, one in enumerate(parts))


def plain(text: str) -> str:
    """Keep names and values from being read as Markdown or HTML."""
    return printable(text).translate(MARKUP)


def _facts(facts: Iterable[tuple[str, str]]) -> list[str]:
    return [t("testing.card.fact", name=plain(name), value=plain(text)) for name, text in facts]


def _data_label(name: str) -> str:
    key = f"testing.card.data_{name}"
    return t(key) if key in catalogue(language()) else printable(name)


def _value(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return integer(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
