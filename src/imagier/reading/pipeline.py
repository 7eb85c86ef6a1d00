"""From lines with their texts to a tested reader: the pipeline, each phase with its seconds."""

import json
import os
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagier.cost import CostMeter
from imagier.errors import ModelError
from imagier.files import content_hash, printable
from imagier.learning import TrainOptions
from imagier.learning.progress import Progress, ProgressCallback, silent
from imagier.learning.run_store import RunStore
from imagier.learning.trainers import Run
from imagier.log import log
from imagier.machine import Deadline, share_cores
from imagier.reading.alphabet import BLANK
from imagier.reading.line_card import line_model_card
from imagier.reading.line_data import PreparedLines
from imagier.reading.line_page import line_report_html
from imagier.reading.line_privacy import anonymous_lines
from imagier.reading.line_report import LineReport, make_line_report
from imagier.reading.line_source import prepare_lines
from imagier.reading.line_test import evaluate_lines
from imagier.reading.reader_options import ReaderOptions, check_reader_options
from imagier.reading.reader_trainer import ReaderTrainer
from imagier.recognizer import Recognizer
from imagier.recognizer import load as load_recognizer
from imagier.recognizer.abstention import threshold_rows
from imagier.recognizer.calibrated import calibrated
from imagier.recognizer.history import History
from imagier.testing.cost_report import prediction_cost
from imagier.testing.evaluation_log import set_hash
from imagier.testing.opened_sets import record_opening
from imagier.training import Plan

__all__ = ["ReaderResult", "train_reader"]

TRAIN_SAMPLE = 1000  # lines on which the learning error is measured once more at the end


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReaderResult:
    """What a run gave.

    Attributes:
        recognizer: Ready to read and to be saved.
        report: Its test.
        interrupted: Whether the user stopped the learning; the best finished epoch was kept.
    """

    recognizer: Recognizer
    report: LineReport
    interrupted: bool


def train_reader(
    source: str | os.PathLike[str],
    options: TrainOptions,
    reader: ReaderOptions | None = None,
    *,
    name: str | None = None,
    started: float | None = None,
    progress: ProgressCallback = silent,
    folder: Path | None = None,
    resume: bool = False,
) -> ReaderResult:
    """Learn to read lines and test once on what was set aside.

    Args:
        source: Lines with their texts, or single characters of which lines are composed.
        options: What the user asked.
        reader: What a reader is told beside.
        name: What the model will be called in its report; of a path, its last part.
        started: When the clock began, as `time.monotonic()`; now when not given.
        progress: Called at each step.
        folder: Where the model will stand: what is learnt is kept there on the way.
        resume: Whether to go on with what stands there.

    Raises:
        KeyboardInterrupt: Interrupted before anything was learnt.
        ImagierError: As the rooms that are passed through tell.
    """
    began = time.monotonic() if started is None else started
    reader = reader or ReaderOptions()
    check_reader_options(options)
    meter = CostMeter(of_process=started is not None, started=began)
    share_cores()
    log("train_begun", source=os.fspath(source), network=options.network, seed=options.seed)
    deadline = None
    if options.seconds is not None:
        deadline = Deadline(started=began, budget=options.seconds)
    plan = _plan_of(options)
    store = RunStore(folder, options, resume=resume)
    reading = time.monotonic()
    lines = prepare_lines(source, options, reader, progress)
    learning = time.monotonic()
    record = store.record("", lines.fingerprint)
    run = Run(deadline=deadline, progress=progress, record=record)
    trainer = ReaderTrainer(lines, options, run, plan)
    trainer.fit()
    learnt = time.monotonic()
    progress(Progress(phase="export"))
    recognizer = _judged(trainer.export(), lines, trainer.golden())
    exported = time.monotonic()
    evaluations = {
        part: evaluate_lines(recognizer, some, progress=progress)
        for part, some in (
            ("train", lines.train.take(np.arange(min(TRAIN_SAMPLE, len(lines.train))))),
            ("validation", lines.validation),
            ("test", lines.test),
        )
        if len(some)
    }
    tested = time.monotonic()
    seconds = {
        "data": learning - reading,
        "fit": learnt - learning,
        "export": exported - learnt,
        "test": tested - exported,
        "total": tested - began,
    }
    history = History(
        epochs=tuple(trainer.rows),
        budget=None if options.seconds is None else f"{options.seconds:g}s",
        notes=(*trainer.notes, *trainer.remarks()),
        seconds={part: round(spent, 3) for part, spent in seconds.items()},
        cost=meter.cost(),
    )
    report = make_line_report(
        recognizer.card,
        evaluations,
        model=Path(name or "").name or lines.name,
        source=lines.name,
        history=history,
        sizes=_sizes(lines, trainer),
        learnt=_characters(lines),
        evaluation_count=1,
        notes=lines.notes,
    )
    rows = np.arange(len(lines.test))
    opened = set_hash(lines.tested)  # plain: this machine alone counts openings under it
    report = replace(
        report,
        skipped=lines.skipped,
        accept=options.accept,
        fingerprint=opened,
        models_tested=record_opening(opened, content_hash(recognizer.onnx)),
        prediction_cost=prediction_cost(recognizer, lines.test.pixels, rows),
    )
    log("train_done", network=trainer.network, accuracy=round(report.accuracy, 4))
    kept = report
    if not options.pictures:
        names = (*map(printable, lines.test.names), printable(lines.name))
        kept = anonymous_lines(report, private=names, of_source=lines.notes)
    return ReaderResult(
        recognizer=recognizer.with_artifacts(_artifacts(recognizer, kept, lines)),
        report=report,
        interrupted=trainer.interrupted,
    )


def _plan_of(options: TrainOptions) -> Plan | None:
    """Read the plan that is to be carried out again.

    Raises:
        ModelError: `not_a_reader`, where it is that of another kind of network.
    """
    if options.plan is None:
        return None
    past = load_recognizer(options.plan)
    if past.columns is None:
        raise ModelError("not_a_reader", blank=BLANK)
    return Plan.from_json(past.card.plan)


def _judged(recognizer: Recognizer, lines: PreparedLines, golden: NDArray[np.uint8]) -> Recognizer:
    """Try thresholds on lines that were not learnt from, and keep what each gave."""
    found = evaluate_lines(recognizer, lines.validation)
    rows = threshold_rows(found.normal().probability, found.is_right)
    return calibrated(recognizer, temperature=1.0, rows=rows, golden=golden)


def _sizes(lines: PreparedLines, trainer: ReaderTrainer) -> dict[str, int | None]:
    return {
        "train": len(lines.train),
        "validation": len(lines.validation),
        "test": len(lines.test),
        "composed": trainer.composed,
    }


def _characters(lines: PreparedLines) -> dict[str, int] | None:
    """Count how often each character is written on real lines to learn from."""
    return dict(Counter("".join(lines.train.texts))) if len(lines.train) else None


def _artifacts(
    recognizer: Recognizer, report: LineReport, lines: PreparedLines
) -> dict[str, bytes]:
    """Give the files of a model folder that people read, the golden pictures among them."""
    text = json.dumps(report.stored_json(), ensure_ascii=False, allow_nan=False) + "\n"
    return {
        **recognizer.artifacts,
        "split.csv": lines.split_csv.encode("utf-8", "surrogateescape"),
        "report.json": text.encode(),
        "report.html": line_report_html(report).encode(),
        "MODEL_CARD.md": line_model_card(report).encode(),
    }
