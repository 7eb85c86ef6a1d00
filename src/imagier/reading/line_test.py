"""The test of a saved reader on lines of your own: one function from two names to a report.

Lines are those of the source's test part where it has one, else all. Where the source holds single
characters, lines are composed of those of its test part, the same ones each time.
"""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from imagier.datasets import Dataset, Listing, load, sample
from imagier.errors import DataError, ModelError
from imagier.files import content_hash, printable
from imagier.i18n import t
from imagier.learning import TrainOptions
from imagier.learning.progress import Progress, ProgressCallback, silent
from imagier.reading.alphabet import BLANK, Alphabet
from imagier.reading.line_data import LineSet
from imagier.reading.line_evaluation import LineEvaluation
from imagier.reading.line_reader import LineReader
from imagier.reading.line_report import LineReport, make_line_report
from imagier.reading.line_source import are_characters, compose_from, line_set, open_lines
from imagier.reading.reader_options import ReaderOptions
from imagier.recognizer import Recognizer
from imagier.recognizer import load as load_recognizer
from imagier.recognizer.history import History, StoredHistory, read_history
from imagier.testing.cost_report import prediction_cost
from imagier.testing.evaluation_log import record_evaluation, set_hash
from imagier.testing.leakage import KnownPictures, known_pictures, rows_to_test
from imagier.testing.opened_sets import record_opening
from imagier.testing.pipeline import check_accept, checked_changes, chosen_part, evaluation_number

__all__ = ["evaluate_lines", "evaluate_reader"]


def evaluate_reader(
    model: str | os.PathLike[str],
    source: str | os.PathLike[str],
    options: TrainOptions | None = None,
    reader: ReaderOptions | None = None,
    *,
    part: str | None = None,
    accept: float | None = None,
    allow_overlap: bool = False,
    progress: ProgressCallback = silent,
) -> LineReport:
    """Test a saved reader on lines whose texts are known, and write it down in its folder.

    Args:
        model: The model's folder, or its single ONNX file.
        source: Lines with their texts, or single characters.
        options: What is said about tables and names of files.
        reader: The format and style of lines that are composed.
        part: As `imagier.testing.evaluate_model` takes it.
        accept: The share of lines to read right that is wanted, 0..1.
        allow_overlap: Whether lines that the model learnt from are tested too.
        progress: Called while lines are read.

    Raises:
        ModelError: `not_a_reader`, or as `load`.
        DataError: `characters_unknown`, when texts hold characters that the reader does not know;
            `nothing_to_test`, `overlap` or `all_seen`.
    """
    check_accept(accept)
    options, reader = options or TrainOptions(), reader or ReaderOptions()
    recognizer = load_recognizer(model)
    if recognizer.columns is None:
        raise ModelError("not_a_reader", blank=BLANK)
    changes = checked_changes(Path(model))
    listing = chosen_part(open_lines(source, options), part)
    known = known_pictures(recognizer.artifacts, key=recognizer.card.key)
    found = _lines(listing, recognizer, known, options, reader, allow_overlap, progress)
    lines, dataset, rows, learnt = found
    if not len(lines):
        raise DataError("nothing_to_test", source=printable(listing.name))
    evaluation = evaluate_lines(recognizer, lines, progress=progress)
    stored, folder = read_history(recognizer.artifacts), Path(model)
    tested = set_hash(np.asarray(dataset.hashes)[rows], key=recognizer.card.key)
    count = evaluation_number(folder, tested, stored)
    report = make_line_report(
        recognizer.card,
        {"test": evaluation},
        model=folder.name,
        source=listing.name,
        history=stored.history if stored else History(),
        sizes=_sizes(stored, len(lines)),
        evaluation_count=count,
        notes=dataset.notes,
    )
    plain = set_hash(np.asarray(dataset.hashes)[rows])
    report = replace(
        report,
        accept=accept,
        models_tested=record_opening(plain, content_hash(recognizer.onnx)),
        leaked=None if known is None else len(dataset) - len(rows),
        overlap=learnt,
        prediction_cost=prediction_cost(recognizer, lines.pixels, np.arange(len(lines))),
        skipped=dataset.skipped,
        files=changes,
    )
    if changes and not changes.is_whole:
        note = t("testing.files_changed", changes=changes.sentence())
        report = replace(report, data_notes=(*report.data_notes, note))
    if count is not None:
        record_evaluation(
            folder,
            fingerprint=tested,
            source=None if recognizer.card.key else report.source,
            n=report.test.n,
            accuracy=report.accuracy,
        )
    return report


def evaluate_lines(
    recognizer: Recognizer,
    lines: LineSet,
    *,
    progress: ProgressCallback = silent,
) -> LineEvaluation:
    """Read lines whose texts are known.

    Args:
        recognizer: A reader.
        lines: What is read.
        progress: Called while they are.
    """
    found = LineReader(recognizer).read_prepared(
        lines.pixels,
        told=lambda done: progress(Progress(phase="test", done=done, total=len(lines))),
    )
    return LineEvaluation(
        true=lines.texts,
        read=[one.text for one in found],
        probability=np.array([one.probability for one in found]),
        is_rejected=np.zeros(len(found), bool),
        paths=lines.names,
        documents=lines.documents if any(lines.documents) else (),
        pictures=lines.pixels,
    )


def _lines(
    listing: Listing,
    recognizer: Recognizer,
    known: KnownPictures | None,
    options: TrainOptions,
    reader: ReaderOptions,
    allow_overlap: bool,
    progress: ProgressCallback,
) -> tuple[LineSet, Dataset, np.ndarray, int]:
    """Give the lines to test, what they stand on, its rows, and how many were learnt from."""
    alphabet = Alphabet.from_classes(recognizer.classes)

    def told(done: int, total: int) -> None:
        progress(Progress(phase="data", done=done, total=total))

    is_base = are_characters(listing)
    if is_base:
        kept = set(alphabet.characters)
        listing = listing.take(row for row, one in enumerate(listing.labels) if one in kept)
        settings = sample(listing).choose(limit=64, ink=False, fit="pad")
    else:
        for text in dict.fromkeys(listing.labels):
            alphabet.encode(text)
        settings = recognizer.prepare
    dataset = load(listing, settings, progress=told)
    rows, are_learnt = rows_to_test(dataset, known, allow_overlap=allow_overlap)
    learnt = int(are_learnt[rows].sum())
    if is_base:
        lines = compose_from(dataset, rows, reader, settings=recognizer.prepare, seed=options.seed)
    else:
        lines = line_set(dataset).take(rows)
    return lines, dataset, rows, learnt


def _sizes(stored: StoredHistory | None, n: int) -> dict[str, int | None]:
    return {**(stored.sizes if stored else {}), "test": n}
