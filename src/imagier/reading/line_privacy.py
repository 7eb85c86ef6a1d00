"""The report of a reader that shows no line: what a model made without pictures keeps.

The user sees the report with all lines while the model is made; the model keeps this one. Of lines,
texts are as telling as pictures: an amount, a name. So neither pictures nor texts nor files are in
it; the counts stay, and so do the characters that were misread, without the lines they stood on.
"""

from collections.abc import Collection
from dataclasses import replace

from imagier.i18n import integer, t
from imagier.reading.line_report import LineReport
from imagier.testing.anonymous import MODEL, numbered_skipped, sentences_without

__all__ = ["anonymous_lines"]


def anonymous_lines(
    report: LineReport, *, private: Collection[str], of_source: Collection[str] = ()
) -> LineReport:
    """Take lines, texts, and the names of files and folders out of a report.

    A sentence that holds such a name is left out, and so is all that was said of the source, which
    may name anything in it; how many there were is said.

    Args:
        report: The report with its lines.
        private: What no sentence may hold: names of files and folders, of the source and others.
        of_source: What was said of the source while it was read.
    """
    said = [note for note in report.data_notes if note not in of_source]
    notes = list(sentences_without(said, private))
    n = len(report.data_notes) - len(notes)
    if n:
        notes.append(t("testing.notes_left_out", n=n, count=integer(n)))
    return replace(
        report,
        model=MODEL,
        source=t("testing.unnamed_source"),
        evaluation=None,
        most_frequent=None,
        worst=(),
        examples=(),
        skipped=numbered_skipped(report.skipped),
        data_notes=tuple(notes),
        history=replace(report.history, notes=()),
    )
