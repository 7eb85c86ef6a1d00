"""How MODEL_CARD.md is set: twice, in both languages, without a name that could become markup."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from imagier.files import printable
from imagier.i18n import LANGUAGES, integer, language, t, use_language

if TYPE_CHECKING:
    from imagier.recognizer import ModelCard

__all__ = ["bullets", "card_page", "fact_lines", "in_both_languages", "made", "plain"]

MARKUP = str.maketrans({letter: f"\\{letter}" for letter in "\\`*_{}[]<>#|~"})


def in_both_languages(write: Callable[[bool], str]) -> str:
    """Write a card in the user's language, then in the other one.

    Args:
        write: Writes it in the language that is spoken; told whether it is the first one.
    """
    pages = [write(True)]
    for code in LANGUAGES:
        if code != language():
            with use_language(code):
                pages.append(write(False))
    return "\n\n---\n\n".join(pages) + "\n"


def card_page(model: str, sections: Iterable[tuple[str, str]]) -> str:
    """Set the sections of a card under its title, each under `testing.card.NAME`.

    Args:
        model: Name of the model.
        sections: Name and text of each.
    """
    pages = [f"## {t(f'testing.card.{name}')}\n\n{text}" for name, text in sections]
    return "\n\n".join([f"# {plain(model)}", t("testing.card.language"), *pages])


def bullets(lines: Iterable[str]) -> str:
    """Set lines as a list."""
    return "\n".join(f"- {line}" for line in lines)


def fact_lines(facts: Mapping[str, Any]) -> list[str]:
    """Write facts as “name: value”, in the order of their names."""
    return [
        t("testing.card.fact", name=plain(name), value=plain(_value(facts[name])))
        for name in sorted(facts)
    ]


def made(card: "ModelCard") -> str:
    """Say with what network, seed, plan and versions a model was made."""
    facts = {
        t("testing.fact.network"): card.network,
        t("testing.fact.parameters"): integer(card.parameters),
        t("testing.fact.seed"): str(card.seed),
    }
    return bullets(fact_lines(facts) + fact_lines(card.plan) + fact_lines(card.versions))


def plain(text: str) -> str:
    """Keep names and values from being read as Markdown or HTML."""
    return printable(text).translate(MARKUP)


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
