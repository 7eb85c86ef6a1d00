"""MODEL_CARD.md: what the next person should know who finds this model in a folder.

It stands there in English and in French, whoever made the model: the next person may read one of
them only. The same learning gives the same card but for what it cost: no date, no path is in it.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from imagier.files import printable
from imagier.i18n import integer, shell_path, t
from imagier.testing.card_text import (
    bullets,
    card_page,
    data_lines,
    in_both_languages,
    made,
    plain,
    prose,
)
from imagier.testing.cost_report import cost_sentences
from imagier.testing.findings import PARTS, Findings
from imagier.testing.initial_comparison import initial_sentence
from imagier.testing.membership import membership_sentence
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


def model_card(report: Findings, card: "ModelCard") -> str:
    """Write what the model recognises, how well, from what, and where it ends, as Markdown.

    All of it stands there twice: in the user's language, then in the other one.

    Args:
        report: The test of the model.
        card: What the model says about itself.
    """
    remarks = len(report.part_notes) + len(report.data_notes)
    bare = replace(report, part_notes=(), data_notes=())  # they are worded already
    return in_both_languages(
        lambda other: (
            _page(report, card, other)
            if other == "below"
            else _page(bare, card, other, without=remarks)
        )
    )


def _page(report: Findings, card: "ModelCard", other: str, *, without: int = 0) -> str:
    limits = [*_limits(report, card), *gaps(report)]
    if without:
        limits.append(t("testing.card.remarks", n=without, count=integer(without)))
    sections = [
        _recognises(report, card),
        ("figure", _figure(report)),
        ("intended", bullets(t(f"testing.card.intended_{one}") for one in INTENDED)),
        ("refused", bullets(t(f"testing.card.refused_{one}") for one in REFUSED)),
        ("limits", bullets(limits)),
        ("data", _data(report, card)),
        ("use", _use(report)),
        ("cost", bullets(cost_sentences(report)) or t("cost.unknown")),
        ("made", made(card)),
    ]
    return card_page(report.model, sections, other)


def gaps(report: Findings) -> Iterator[str]:
    """Say by name what the test does not show."""
    few = [row.name for row in report.rows if row.n and row.few]
    if few:
        yield t("testing.card.gap_few", names=plain(listed(few, MOST_NAMES)))
    if report.robustness is None:
        yield t("testing.card.gap_robustness")
    yield t("testing.card.gap_people")


def _recognises(report: Findings, card: "ModelCard") -> tuple[str, str]:
    names = ", ".join(plain(name) for name in report.classes[:MOST_NAMES])
    more = len(report.classes) - MOST_NAMES
    if more > 0:
        names += " " + t("testing.card.more", n=more, count=integer(more))
    text = t("testing.card.names", n=len(report.classes), count=integer(len(report.classes)))
    parts = [f"{text} {names}."]
    if card.other is not None:
        parts.append(t("testing.card.other", name=plain(printable(card.other))))
    prepare = card.prepare
    size = t("testing.input", height=prepare.height, width=prepare.width, channels=prepare.channels)
    kind = "grey" if prepare.channels == 1 else "colour"
    parts.append(t(f"testing.card.input_{kind}", size=size))
    return "recognises", "\n\n".join(parts)


def _figure(report: Findings) -> str:
    sentences = [headline(report) + ".", versus_baseline(report), gap_sentence(report)]
    if report.initial:
        sentences.append(initial_sentence(report.initial))
    text = "\n\n".join(prose(sentence) for sentence in sentences if sentence)
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
        limits = [prose(stranger_sentence(report.strangers))]
    if report.others is not None:
        limits.append(prose(others_sentence(report.others)))
    if report.membership is not None:
        limits.append(prose(membership_sentence(report.membership)))
    if card.temperature == 1:
        limits.append(t("testing.card.not_calibrated"))
    limits.append(t("testing.card.other_pictures"))
    said = few_caution(report)  # by their names, among the gaps
    return [*limits, *(prose(one) for one in cautions(report) if one != said)]


def _data(report: Findings, card: "ModelCard") -> str:
    facts = {t(f"testing.fact.size_{part}"): report.sizes.get(part) for part in PARTS}
    lines = [
        t("testing.card.fact", name=name, value=integer(size))
        for name, size in facts.items()
        if size is not None
    ]
    tested = [f"{plain(row.name)} ({integer(row.n)})" for row in report.rows[:MOST_NAMES]]
    more = len(report.rows) - MOST_NAMES
    if more > 0:
        tested.append(t("testing.card.more", n=more, count=integer(more)))
    lines.append(t("testing.card.counts", counts=", ".join(tested)))
    lines += data_lines(card.data)
    if report.skipped:
        n = len(report.skipped)
        lines.append(t("testing.card.skipped", n=n, count=integer(n)))
    notes = [leak_sentence(report), *report.data_notes]
    return bullets([*lines, *map(prose, notes)])


def _use(report: Findings) -> str:
    name = json.dumps(report.model, ensure_ascii=False)
    shell = f"```sh\nimagier predict {shell_path(report.model)} photo.jpg\n```"
    python = (
        f"```python\nimport imagier\n\nrecognizer = imagier.load({name})\n"
        'recognizer.predict("photo.jpg").label\n```'
    )
    return f"{shell}\n\n{python}"
