"""The test of a saved model on pictures of your own: one function from two names to a report.

The source's own test part is taken where it has one, else all its pictures. After
`imagier train photos/`, `imagier test photos.imagier photos/` looks at the pictures that were set
aside, and at those that came since; any other test set with pictures that the model learnt from is
refused (`imagier.testing.leakage`).
"""

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from imagier.datasets import Listing, TableOptions, load, open_source, with_known_numbers
from imagier.errors import DataError, ModelError, UsageError
from imagier.files import content_hash, printable
from imagier.i18n import t
from imagier.recognizer import FolderChanges, folder_changes, read_card
from imagier.recognizer import load as load_recognizer
from imagier.recognizer.history import StoredHistory, read_history
from imagier.testing.cost_report import prediction_cost
from imagier.testing.evaluation import evaluate
from imagier.testing.evaluation_log import count_evaluations, record_evaluation, set_hash
from imagier.testing.findings import PARTS
from imagier.testing.leakage import SIGNATURES, known_pictures, rows_to_test
from imagier.testing.metrics import stored_score
from imagier.testing.opened_sets import record_opening
from imagier.testing.report import Report, make_report
from imagier.testing.robustness import measure_robustness

__all__ = ["check_accept", "checked_changes", "chosen_part", "evaluate_model", "evaluation_number"]

READ = ("split.csv", "report.json", SIGNATURES)  # of the model's files that a test rests on
Progress = Callable[[int, int], None]


def evaluate_model(  # noqa: PLR0913 - it has the options of `imagier test`
    model: str | os.PathLike[str],
    source: str | os.PathLike[str],
    *,
    part: str | None = None,
    group: str | None = None,
    table: TableOptions | None = None,
    label_from: str | None = None,
    follow_links: bool = False,
    accept: float | None = None,
    robustness: bool = False,
    allow_overlap: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Test a saved model on labelled pictures, and write the evaluation down in its folder.

    Args:
        model: The model's folder, or its single ONNX file.
        source: The pictures with their names: anything that `imagier train` accepts.
        part: `train`, `validation`, `test` or `all`; with none, the test part, else everything.
        group: The table's column that says who wrote or took each picture.
        table: What is said about the other columns and the paths of a table.
        label_from: A regular expression that finds the class in a file's name.
        follow_links: Whether links that lead out of the source are followed.
        accept: The accuracy that is wanted, 0..1.
        robustness: Whether the pictures, 1,000 at most, are also shown spoilt in many ways.
        allow_overlap: Whether pictures that the model learnt from are tested too; every figure of
            the report then says so.
        progress: Called with the pictures done and the pictures in all, reading and naming alike.

    Raises:
        UsageError: `accept_range`, when `accept` is not a share; `model_reads_lines`, when the
            model names no pictures.
        DataError: `no_such_part`, `nothing_to_test`, `unknown_labels`, `overlap` or `all_seen`.
        ModelError: The model cannot be used; `model_files_changed`, when what the test rests on,
            its `split.csv`, `report.json` or signatures, is not as it was written.
    """
    check_accept(accept)
    recognizer = load_recognizer(model)
    recognizer.check_names()
    changes = checked_changes(Path(model))
    listing = open_source(
        source, group=group, table=table, label_from=label_from, follow_links=follow_links
    )
    listing = with_known_numbers(chosen_part(listing, part), recognizer.classes)
    dataset = load(listing, recognizer.prepare, progress=progress)
    if not len(dataset):
        raise DataError("nothing_to_test", source=printable(dataset.name))
    known = known_pictures(recognizer.artifacts, key=recognizer.card.key)
    rows, are_learnt = rows_to_test(dataset, known, allow_overlap=allow_overlap)
    evaluation = evaluate(recognizer, dataset, rows, progress=progress)
    stored, folder = read_history(recognizer.artifacts), Path(model)
    key = recognizer.card.key
    tested = set_hash(np.asarray(dataset.hashes)[rows], key=key)
    count = evaluation_number(folder, tested, stored)
    report = make_report(
        recognizer, dataset, {"test": evaluation}, model=folder.name, evaluation_count=count
    )
    plain = set_hash(np.asarray(dataset.hashes)[rows])
    report = dataclasses.replace(
        report,
        models_tested=record_opening(plain, content_hash(recognizer.onnx)),
        accept=accept,
        leaked=None if known is None else len(dataset) - len(rows),
        compared=None if known is None else known.compared(dataset),
        overlap=int(are_learnt[rows].sum()),
        prediction_cost=prediction_cost(recognizer, dataset.pixels, rows),
        files=changes,
    )
    if robustness:
        spoilt = measure_robustness(recognizer, dataset, evaluation, progress=progress)
        report = dataclasses.replace(report, robustness=spoilt)
    report = _with_history(report, stored, is_there="report.json" in recognizer.artifacts)
    if count is not None:
        record_evaluation(
            folder,
            fingerprint=report.fingerprint,
            source=None if key else report.source,
            n=report.test.n,
            accuracy=report.accuracy,
        )
    return report


def check_accept(accept: float | None) -> None:
    """Refuse what is no share (`accept_range`)."""
    if accept is not None and not 0 < accept <= 1:
        near = accept / 100 if 1 < accept <= 100 else 0.97
        raise UsageError("accept_range", received=f"{accept:g}", near=f"{near:g}")


def chosen_part(listing: Listing, part: str | None) -> Listing:
    """Keep the part that is tested.

    Args:
        listing: What the source holds.
        part: `train`, `validation`, `test` or `all`; with none, the test part, else everything.

    Raises:
        DataError: `no_such_part`.
    """
    if part == "all" or (part is None and "test" not in listing.parts):
        return listing
    wanted = part or "test"
    kept = [row for row, one in enumerate(listing.parts) if one == wanted]
    if not kept:
        there = [one for one in PARTS if one in listing.parts]
        shown = ", ".join(there) or t("testing.no_parts")
        raise DataError("no_such_part", source=printable(listing.name), part=wanted, parts=shown)
    return listing.take(kept)


def checked_changes(model: Path) -> FolderChanges | None:
    """Compare a model folder with what it announces; None for a single file.

    Raises:
        ModelError: `model_files_changed`, when what a test rests on is not as it was written.
    """
    if not model.is_dir():
        return None
    changes = folder_changes(model, read_card(model)[1])
    if set(READ) & {*changes.changed, *changes.missing}:
        said = changes.sentence()
        raise ModelError("model_files_changed", path=model, changes=said)
    return changes


def evaluation_number(folder: Path, fingerprint: str, stored: StoredHistory | None) -> int | None:
    """Count this evaluation of a model on a set, before it is written down.

    The test at the end of the learning was one too.

    Args:
        folder: The model's folder.
        fingerprint: Names the set of pictures.
        stored: What the folder remembers of the learning.

    Returns:
        The number, 1 for the first; None where evaluations cannot be written down.
    """
    before = count_evaluations(folder, fingerprint)
    if before is None:
        return None
    return before + 1 + (stored is not None and stored.fingerprint == fingerprint)


def _with_history(report: Report, stored: StoredHistory | None, *, is_there: bool) -> Report:
    """Add what the model folder remembers of its learning, and what was changed in it since."""
    if report.files and not report.files.is_whole:
        note = t("testing.files_changed", changes=report.files.sentence())
        report = dataclasses.replace(report, data_notes=(*report.data_notes, note))
    if stored is None:
        notes = (t("testing.history_unreadable"),) if is_there else ()
        return dataclasses.replace(report, data_notes=(*report.data_notes, *notes))
    scores = {part: stored_score(one) if one else None for part, one in stored.scores.items()}
    return dataclasses.replace(
        report,
        sizes={**report.sizes, **stored.sizes},
        scores={**report.scores, **scores},
        history=stored.history,
    )
