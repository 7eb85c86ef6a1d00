"""MODEL_CARD.md: what the next person should know who finds this model in a folder.

It stands there in English and in French, whoever made the model: the next person may read one of
them only. The same learning gives the same card but for what it cost: no date, no path is in it.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from imagier.files import printable
from imagier.i18n import LANGUAGES, catalogue, integer, language, shell_path, t, use_language
from imagier.testing.cost_report import cost_sentences
from imagier.testing.findings import PARTS, Findings
from imagier.testing.membership import membership_sentence
from imagier.testing.plan_words import plan_facts
from imagier.testing.sentences import (
    cautions,
    few_caution,
    gap_sentence,
    headline,
    interval_text,
    leak_sentence,
    share,
    versus_baseline,
)
from imagier.testing.set_cautions import listed
from imagier.testing.strangers import others_sentence, stranger_sentence

if TYPE_CHECKING:
    from imagier.recognizer import ModelCard

__all__ = ["gaps", "model_card"]

INTENDED = ("pictures", "help", "again")
REFUSED = ("weapons", "medicine", "people")

MOST_NAMES = 60
COMMAND = re.compile(r"(`[^`]+`)")
MARKUP = str.maketrans({letter: f"\\{letter}" for letter in "\\`*_{}[]<>#|~"})


def model_card(report: Findings, card: "ModelCard") -> str:
    """Write what the model recognises, how well, from what, and where it ends, as Markdown.

    All of it stands there twice: in the user's language, then in the other one.

    Args:
        report: The test of the model.
        card: What the model says about itself.
    """
    pages = [_page(report, card, "below")]
    remarks = (*report.part_notes, *report.data_notes)
    bare = replace(report, part_notes=(), data_notes=())  # they are worded already
    for code in LANGUAGES:
        if code != language():
            with use_language(code):
                pages.append(_page(bare, card, "above", without=len(remarks)))
    return "\n\n---\n\n".join(pages) + "\n"


def _page(report: Findings, card: "ModelCard", other: str, *, without: int = 0) -> str:
    limits = [*_limits(report, card), *gaps(report)]
    if without:
        limits.append(t("testing.card.remarks", n=without, count=integer(without)))
    sections = [
        _recognises(report, card),
        ("figure", _figure(report)),
        ("intended", _bullets(t(f"testing.card.intended_{one}") for one in INTENDED)),
        ("refused", _bullets(t(f"testing.card.refused_{one}") for one in REFUSED)),
        ("limits", _bullets(limits)),
        ("data", _data(report, card)),
        ("use", _use(report)),
        ("cost", _bullets(cost_sentences(report)) or t("cost.unknown")),
        ("made", _made(card)),
    ]
    pages = [f"## {t(f'testing.card.{name}')}\n\n{text}" for name, text in sections]
    return "\n\n".join([f"# {_plain(report.model)}", t(f"testing.card.other_{other}"), *pages])


def gaps(report: Findings) -> Iterator[str]:
    """Say by name what the test does not show."""
    few = [row.name for row in report.rows if row.n and row.few]
    if few:
        yield t("testing.card.gap_few", names=_plain(listed(few, MOST_NAMES)))
    if report.robustness is None:
        yield t("testing.card.gap_robustness")
    yield t("testing.card.gap_people")


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
    text = "\n\n".join(_prose(sentence) for sentence in sentences if sentence)
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
    if report.strangers is None:
        limits = [t("testing.card.always_answers")]
    else:
        limits = [_prose(stranger_sentence(report.strangers))]
    if report.others is not None:
        limits.append(_prose(others_sentence(report.others)))
    if report.membership is not None:
        limits.append(_prose(membership_sentence(report.membership)))
    if card.temperature == 1:
        limits.append(t("testing.card.not_calibrated"))
    limits.append(t("testing.card.other_pictures"))
    said = few_caution(report)  # by their names, among the gaps
    return [*limits, *(_prose(one) for one in cautions(report) if one != said)]


def _data(report: Findings, card: "ModelCard") -> str:
    facts = {t(f"testing.fact.size_{part}"): report.sizes.get(part) for part in PARTS}
    lines = [
        t("testing.card.fact", name=name, value=integer(size))
        for name, size in facts.items()
        if size is not None
    ]
    tested = [f"{_plain(row.name)} ({integer(row.n)})" for row in report.rows[:MOST_NAMES]]
    more = len(report.rows) - MOST_NAMES
    if more > 0:
        tested.append(t("testing.card.more", n=more, count=integer(more)))
    lines.append(t("testing.card.counts", counts=", ".join(tested)))
    lines += _facts((_data_label(name), _value(card.data[name])) for name in sorted(card.data))
    if report.skipped:
        n = len(report.skipped)
        lines.append(t("testing.card.skipped", n=n, count=integer(n)))
    notes = [leak_sentence(report), *report.data_notes]
    return _bullets([*lines, *map(_prose, notes)])


def _use(report: Findings) -> str:
    name = json.dumps(report.model, ensure_ascii=False)
    shell = f"```sh\nimagier predict {shell_path(report.model)} photo.jpg\n```"
    python = (
        f"```python\nimport imagier\n\nrecognizer = imagier.load({name})\n"
        'recognizer.predict("photo.jpg").label\n```'
    )
    return f"{shell}\n\n{python}"


def _made(card: "ModelCard") -> str:
    plan = {name: value for name, value in card.plan.items() if name not in ("network", "seed")}
    facts = [
        (t("testing.fact.network"), card.network),
        (t("testing.fact.parameters"), integer(card.parameters)),
        (t("testing.fact.seed"), str(card.seed)),
        *plan_facts(plan, card.classes),
        *((name, str(card.versions[name])) for name in sorted(card.versions)),
    ]
    return _bullets([*_facts(facts), t("testing.card.whole_plan")])


def _facts(facts: Iterable[tuple[str, str]]) -> list[str]:
    return [t("testing.card.fact", name=_plain(name), value=_plain(text)) for name, text in facts]


def _data_label(name: str) -> str:
    key = f"testing.card.data_{name}"
    return t(key) if key in catalogue(language()) else printable(name)


def _value(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return integer(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _prose(text: str) -> str:
    """Keep a sentence from being read as Markdown, but for the commands in it."""
    parts = COMMAND.split(printable(text))
    return "".join(one if place % 2 else _plain(one) for place, one in enumerate(parts))


def _plain(text: str) -> str:
    """Keep names and values from being read as Markdown or HTML."""
    return printable(text).translate(MARKUP)
