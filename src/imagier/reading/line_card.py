"""MODEL_CARD.md of a reader: what the next person should know who finds it in a folder.

As every model card of ours it stands there in English and in French (`imagier.testing.card_text`).
Beside what a card of pictures says, it names the characters: those that the reader knows, those
that were written too seldom to tell how well they are read, those that are misread most often.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from imagier.i18n import integer, shell_path, t
from imagier.reading.line_findings import CharacterRow, LineFindings
from imagier.reading.line_sentences import (
    baseline_sentence,
    cautions,
    confusion_cells,
    documents_sentence,
    error_rate_sentence,
    gap_sentence,
    headline,
    length_sentence,
    promise_sentence,
    refusal_sentence,
    weak_place_sentence,
)
from imagier.reading.worst_lines import shown_character
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
from imagier.testing.findings import PARTS
from imagier.testing.metrics import FEW
from imagier.testing.sentences import interval_text, leak_sentence, share

__all__ = ["character_gaps", "line_model_card"]

INTENDED = ("lines", "help", "again")
REFUSED = ("weapons", "medicine", "people")  # by every card
REFUSED_LINES = ("guards", "money")
SIZES = ("train", "composed", "validation", "test")
MOST_CONFUSIONS = 8
MOST_CHARACTERS = 200


def line_model_card(report: LineFindings) -> str:
    """Write what a reader reads, how well, from what, and where it ends, as Markdown.

    All of it stands there twice: in the user's language, then in the other one.

    Args:
        report: The test of the reader.
    """
    bare = replace(report, data_notes=())  # they are worded already
    remarks = len(report.data_notes)
    return in_both_languages(
        lambda other: (
            _page(report, other) if other == "below" else _page(bare, other, without=remarks)
        )
    )


def character_gaps(report: LineFindings) -> Iterator[str]:
    """Say by name of which characters the test or the learning tells too little."""
    known = set(report.card.classes[1:])
    strange = [row for row in report.characters if row.character not in known]
    own = [row for row in report.characters if row.character in known]
    kinds = {
        "unknown": strange,
        "untested": [row for row in own if not row.tested],
        "few": [row for row in own if row.tested and row.few],
        "learnt": [row for row in own if row.learnt is not None and row.learnt < FEW],
    }
    for kind, rows in kinds.items():
        if rows:
            yield t(f"line_report.card.gap_{kind}", few=FEW, names=_named(rows))


def _page(report: LineFindings, other: str, *, without: int = 0) -> str:
    limits = [
        t("line_report.card.known_only"),
        *map(prose, _found_limits(report)),
        t("line_report.card.other_lines"),
        *map(prose, cautions(report)),
        *map(prose, character_gaps(report)),
        t("line_report.card.gap_robustness"),
        t("testing.card.gap_people"),
    ]
    if without:
        limits.append(t("testing.card.remarks", n=without, count=integer(without)))
    refused = [t(f"testing.card.refused_{one}") for one in REFUSED]
    refused += [t(f"line_report.card.refused_{one}") for one in REFUSED_LINES]
    sections = [
        ("recognises", _reads(report)),
        ("figure", _figure(report)),
        ("intended", bullets(t(f"line_report.card.intended_{one}") for one in INTENDED)),
        ("refused", bullets(refused)),
        ("limits", bullets(limits)),
        ("data", _data(report)),
        ("use", _use(report)),
        ("cost", bullets(cost_sentences(report, "lines")) or t("cost.unknown")),
        ("made", made(report.card)),
    ]
    return card_page(report.model, sections, other)


def _reads(report: LineFindings) -> str:
    names = report.card.classes[1:]
    shown = " ".join(_name(one) for one in names[:MOST_CHARACTERS])
    if len(names) > MOST_CHARACTERS:
        more = len(names) - MOST_CHARACTERS
        shown += " " + t("testing.card.more", n=more, count=integer(more))
    text = t("line_report.card.reads", n=len(names), count=integer(len(names)))
    prepare = report.card.prepare
    size = t("line_report.card.input", height=prepare.height, width=prepare.width)
    return f"{text} {shown}\n\n{size}"


def _figure(report: LineFindings) -> str:
    sentences = [
        headline(report) + ".",
        error_rate_sentence(report),
        promise_sentence(report),
        baseline_sentence(report),
        gap_sentence(report),
    ]
    text = "\n\n".join(prose(sentence) for sentence in sentences if sentence)
    titles = ("testing.column.part", "line_report.lines", "testing.column.error")
    head = [*map(t, titles), t("testing.column.interval"), t("line_report.cer_short")]
    rows = [head, ["---", "---:", "---:", "---", "---:"]]
    for part in PARTS:
        score = report.scores.get(part)
        if score:
            bounds = interval_text((1 - score.interval[1], 1 - score.interval[0]), score.n)
            rate = "–" if score.cer is None else share(score.cer, score.characters)
            error = share(score.error, score.n)
            rows.append([t(f"testing.part.{part}"), integer(score.n), error, bounds, rate])
    return text + "\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _found_limits(report: LineFindings) -> Iterator[str]:
    """Say what is misread most, and what the lines of one document do to the figure."""
    found = report.metrics.confusions[:MOST_CONFUSIONS]
    if found:
        pairs = (f"{' → '.join(confusion_cells(one))} ({integer(one.count)})" for one in found)
        yield t("line_report.card.misread", pairs=", ".join(pairs))
        yield length_sentence(report)
    said = (weak_place_sentence(report), documents_sentence(report), refusal_sentence(report))
    yield from (sentence for sentence in said if sentence)


def _data(report: LineFindings) -> str:
    lines = [
        t(
            "testing.card.fact",
            name=t(f"line_report.fact.size_{part}"),
            value=integer(report.sizes[part] or 0),
        )
        for part in SIZES
        if report.sizes.get(part) is not None
    ]
    counted = report.characters[:MOST_CHARACTERS]
    counts = ", ".join(f"{_name(row.character)} ({integer(row.tested)})" for row in counted)
    lines.append(t("line_report.card.counts", counts=counts))
    lines += data_lines(report.card.data)
    if report.skipped:
        n = len(report.skipped)
        lines.append(t("testing.card.skipped", n=n, count=integer(n)))
    return bullets([*lines, *map(prose, (leak_sentence(report), *report.data_notes))])


def _use(report: LineFindings) -> str:
    model = shell_path(report.model)
    return (
        f"```sh\nimagier read {model} line.png\nimagier read {model} lines/ --max-error 0.01\n```"
    )


def _named(rows: Iterable[CharacterRow]) -> str:
    return " ".join(shown_character(row.character) for row in rows)


def _name(character: str) -> str:
    if character == " ":
        return t("line_report.card.blank_character")
    return plain(shown_character(character))
