"""MODEL_CARD.md: what the next person should know who finds this model in a folder.

The same model gives the same card: no date, no duration, no path stands in it.
"""

import json
import shlex
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from imagier.files import printable
from imagier.i18n import integer, t
from imagier.testing.findings import PARTS, Findings
from imagier.testing.sentences import (
    cautions,
    gap_sentence,
    headline,
    interval_text,
    leak_sentence,
    share,
    versus_baseline,
)

if TYPE_CHECKING:
    from imagier.recognizer import ModelCard

__all__ = ["model_card"]

MOST_NAMES = 60
MARKUP = str.maketrans({letter: f"\\{letter}" for letter in "\\`*_{}[]<>#|~"})


def model_card(report: Findings, card: "ModelCard") -> str:
    """Write what the model recognises, how well, from what, and where it ends, as Markdown.

    Args:
        report: The test of the model.
        card: What the model says about itself.
    """
    sections = [
        _recognises(report, card),
        ("figure", _figure(report)),
        ("limits", _bullets(_limits(report, card))),
        ("data", _data(report, card)),
        ("use", _use(report)),
        ("made", _made(card)),
    ]
    pages = [f"## {t(f'testing.card.{name}')}\n\n{text}" for name, text in sections]
    return "\n\n".join([f"# {_plain(report.model)}", *pages]) + "\n"


def _recognises(report: Findings, card: "ModelCard") -> tuple[str, str]:
    names = ", ".join(_plain(name) for name in report.classes[:MOST_NAMES])
    more = len(report.classes) - MOST_NAMES
    if more > 0:
        names += " " + t("testing.card.more", n=more, count=integer(more))
    text = t("testing.card.names", n=len(report.classes), count=integer(len(report.classes)))
    parts = [f"{text} {names}."]
    if card.other is not None:
        parts.append(t("testing.card.other", name=_plain(printable(card.other))))
    prepare = card.prepare
    size = t("testing.input", height=prepare.height, width=prepare.width, channels=prepare.channels)
    kind = "grey" if prepare.channels == 1 else "colour"
    parts.append(t(f"testing.card.input_{kind}", size=size))
    return "recognises", "\n\n".join(parts)


def _figure(report: Findings) -> str:
    sentences = [headline(report) + ".", versus_baseline(report), gap_sentence(report)]
    text = "\n\n".join(_plain(sentence) for sentence in sentences if sentence)
    columns = ("part", "pictures", "error", "interval")
    head = [t(f"testing.column.{name}") for name in columns]
    rows = [head, ["---", "---:", "---:", "---"]]
    for part in PARTS:
        score = report.scores.get(part)
        if score:
            interval = interval_text((1 - score.interval[1], 1 - score.interval[0]), score.n)
            error = share(score.error, score.n)
            rows.append([t(f"testing.part.{part}"), integer(score.n), error, interval])
    return text + "\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _limits(report: Findings, card: "ModelCard") -> list[str]:
    limits = [t("testing.card.always_answers")]
    if card.temperature == 1:
        limits.append(t("testing.card.not_calibrated"))
    limits.append(t("testing.card.other_pictures"))
    return [*limits, *map(_plain, cautions(report))]


def _data(report: Findings, card: "ModelCard") -> str:
    facts = {t(f"testing.fact.size_{part}"): report.sizes.get(part) for part in PARTS}
    lines = [
        t("testing.card.fact", name=name, value=integer(size))
        for name, size in facts.items()
        if size is not None
    ]
    lines += _listed(card.data)
    if report.skipped:
        n = len(report.skipped)
        lines.append(t("testing.card.skipped", n=n, count=integer(n)))
    notes = [leak_sentence(report), *report.data_notes]
    return _bullets([*lines, *map(_plain, notes)])


def _use(report: Findings) -> str:
    name = json.dumps(report.model, ensure_ascii=False)
    shell = f"```sh\nimagier predict {shlex.quote(report.model)} photo.jpg\n```"
    python = (
        f"```python\nimport imagier\n\nrecognizer = imagier.load({name})\n"
        'recognizer.predict("photo.jpg").label\n```'
    )
    return f"{shell}\n\n{python}"


def _made(card: "ModelCard") -> str:
    facts = {
        t("testing.fact.network"): card.network,
        t("testing.fact.parameters"): integer(card.parameters),
        t("testing.fact.seed"): str(card.seed),
    }
    return _bullets(_listed(facts) + _listed(card.plan) + _listed(card.versions))


def _listed(facts: Mapping[str, Any]) -> list[str]:
    return [
        t("testing.card.fact", name=_plain(name), value=_plain(_value(facts[name])))
        for name in sorted(facts)
    ]


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _plain(text: str) -> str:
    """Keep names and values from being read as Markdown or HTML."""
    return printable(text).translate(MARKUP)
