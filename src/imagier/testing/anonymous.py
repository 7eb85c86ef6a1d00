"""A report that names no picture, file or folder: what a model made without pictures keeps.

The user sees the report with all names while the model is made; the model keeps this one. Pictures
are called by their number in `split.csv`. The names of the classes stay: a recogniser that did not
give them would be none.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from imagier.datasets import Skipped
from imagier.i18n import integer, t
from imagier.testing.gallery import Mistake
from imagier.testing.report import Report

__all__ = ["MODEL", "anonymous", "numbered_skipped", "sentences_without", "without_folders"]

MODEL = "model.imagier"  # what the model is called in its own files
LEAST = 3  # letters of a name that is looked for in sentences


def anonymous(
    report: Report,
    *,
    numbers: Mapping[str, int],
    private: Collection[str],
    of_source: Collection[str] = (),
) -> Report:
    """Take the names of pictures, files and folders out of a report.

    A sentence that holds one is left out, and so is all that was said of the source, which may name
    anything in it; how many there were is said.

    Args:
        report: The report with its names.
        numbers: The number of each picture, by its name as the report shows it.
        private: What no sentence may hold: names of files and folders, of the source and others.
        of_source: What was said of the source while it was read.
    """
    part_notes = list(sentences_without(report.part_notes, private))
    said = (note for note in report.data_notes if note not in of_source)
    data_notes = list(sentences_without(said, private))
    n = len(report.part_notes) + len(report.data_notes) - len(part_notes) - len(data_notes)
    if n:
        data_notes.append(t("testing.notes_left_out", n=n, count=integer(n)))
    return replace(
        report,
        model=MODEL,
        source=t("testing.unnamed_source"),
        mistakes=_numbered(report.mistakes, numbers),
        pairs=tuple(
            replace(pair, pictures=_numbered(pair.pictures, numbers)) for pair in report.pairs
        ),
        skipped=numbered_skipped(report.skipped),
        part_notes=tuple(part_notes),
        data_notes=tuple(data_notes),
        history=replace(report.history, notes=()),
    )


def numbered_skipped(skipped: Iterable[Skipped]) -> tuple[Skipped, ...]:
    """Call files that were left out by numbers, from 1."""
    return tuple(
        Skipped(
            path=t("testing.skipped_number", number=number),
            code=one.code,
            message=t("testing.skipped_number_text", number=number, code=one.code),
        )
        for number, one in enumerate(skipped, start=1)
    )


def sentences_without(sentences: Iterable[str], private: Collection[str]) -> Iterator[str]:
    """Leave out the sentences in which a private name stands.

    Args:
        sentences: What was said.
        private: Names of files and folders, of the source and others.
    """
    for sentence in sentences:
        if not any(_stands_in(name, sentence) for name in private):
            yield sentence


def without_folders(report: Report, folders: Iterable[str]) -> Report:
    """Take the places of folders out of a report's sentences: what stands in them keeps its name.

    Args:
        report: The report.
        folders: Absolute paths.
    """
    places = sorted({place.rstrip("/\\") for place in folders}, key=len, reverse=True)
    known = [place for place in places if place]

    def shortened(sentence: str) -> str:
        for place in known:
            sentence = re.sub(rf"{re.escape(place)}[/\\]?", "", sentence)
        return sentence

    return replace(
        report,
        skipped=tuple(replace(one, message=shortened(one.message)) for one in report.skipped),
        part_notes=tuple(map(shortened, report.part_notes)),
        data_notes=tuple(map(shortened, report.data_notes)),
    )


def _numbered(mistakes: Iterable[Mistake], numbers: Mapping[str, int]) -> tuple[Mistake, ...]:
    return tuple(
        replace(mistake, name=t("testing.picture_number", number=numbers.get(mistake.name, 0)))
        for mistake in mistakes
    )


def _stands_in(name: str, sentence: str) -> bool:
    """Tell whether a name stands in a sentence, not only within one of its words."""
    if len(name) < LEAST or name not in sentence:
        return False
    return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sentence))
