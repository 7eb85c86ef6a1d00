"""From named pictures to a tested recogniser: the pipeline, each phase with its seconds."""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from imagier.cache import cache_folder
from imagier.cost import CostMeter
from imagier.datasets import OTHER_FOLDER, Listing, Signatures, split_rows
from imagier.errors import MachineError, UsageError
from imagier.files import content_hash, printable
from imagier.i18n import t
from imagier.learning.calibration import CalibratedModel, calibrate
from imagier.learning.data import DataSource, PreparedData
from imagier.learning.initial_model import InitialModel, check_plan, open_initial
from imagier.learning.model_selection import ModelSelection
from imagier.learning.options import TrainOptions
from imagier.learning.private_names import private_names
from imagier.learning.progress import Progress, ProgressCallback, silent
from imagier.learning.run_store import RunStore
from imagier.learning.trainers import Run, Trainer
from imagier.log import log
from imagier.machine import Deadline, share_cores
from imagier.recognizer import Recognizer
from imagier.recognizer import load as load_recognizer
from imagier.recognizer.engine import Answers
from imagier.testing import (
    Evaluation,
    Report,
    anonymous,
    evaluate,
    make_report,
    model_card,
    report_html,
    without_folders,
)
from imagier.testing.cost_report import prediction_cost
from imagier.testing.evaluation_log import set_hash
from imagier.testing.initial_comparison import InitialComparison, compare_with_initial
from imagier.testing.leakage import SIGNATURES
from imagier.testing.opened_sets import record_opening

__all__ = ["TrainResult", "train_recognizer"]

TRAIN_SAMPLE = 5_000  # pictures on which the learning error is measured once more at the end


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainResult:
    """What a run gave.

    Attributes:
        recognizer: Ready to predict and to be saved.
        report: Its test.
        interrupted: Whether the user stopped the learning; the best finished epoch was kept.
    """

    recognizer: Recognizer
    report: Report
    interrupted: bool


def train_recognizer(
    source: str | os.PathLike[str] | Listing,
    options: TrainOptions,
    *,
    name: str | None = None,
    started: float | None = None,
    progress: ProgressCallback = silent,
    folder: Path | None = None,
    resume: bool = False,
) -> TrainResult:
    """Learn from named pictures and test once on what was set aside.

    Args:
        source: The pictures, or a listing of them.
        options: What the user asked.
        name: What the model will be called in its report; of a path, its last part.
        started: When the clock began, as `time.monotonic()`; now when not given.
        progress: Called at each step.
        folder: Where the model will stand: what is learnt is kept there on the way, so that a
            run that was killed goes on where it was. The caller holds `training_lock(folder)`.
        resume: Whether to go on with what stands there.

    Raises:
        KeyboardInterrupt: Interrupted before anything was learnt.
        ImagierError: As the rooms that are passed through tell.
    """
    if options.is_reader:
        raise UsageError("reader_by_itself")
    began = time.monotonic() if started is None else started
    meter = CostMeter(of_process=started is not None, started=began)
    is_shared = share_cores()  # before torch is loaded
    named = source.name if isinstance(source, Listing) else os.fspath(source)
    log("train_begun", source=named, network=options.network, seed=options.seed)
    deadline = None
    if options.seconds is not None:
        deadline = Deadline(started=began, budget=options.seconds)
    past = None if options.plan is None else load_recognizer(options.plan)
    init = open_initial(options)
    check_plan(past, init)
    store = RunStore(folder, options, resume=resume)
    learning = time.monotonic()
    data_source = DataSource(source, options, past, progress, init)
    run = Run(deadline=deadline, progress=progress)
    trainer = ModelSelection(data_source, run, store).best()
    if not is_shared:
        log("torch_first")
        trainer.notes.append(t("learning.note.torch_first"))
    learnt = time.monotonic()
    progress(Progress(phase="export"))
    model = calibrate(trainer.export(), trainer)
    recognizer = model.recognizer
    exported = time.monotonic()
    evaluations = _evaluations(model, trainer)
    tested = time.monotonic()
    seconds = {
        "data": data_source.seconds,
        "fit": learnt - learning - data_source.seconds,
        "export": exported - learnt,
        "test": tested - exported,
        "total": tested - began,
    }
    data = trainer.data
    report = make_report(
        recognizer,
        data.dataset,
        evaluations,
        model=Path(name or "").name or data.dataset.name,
        split=data.split,
        history=replace(
            trainer.history(),
            seconds={part: round(spent, 3) for part, spent in seconds.items()},
            cost=meter.cost(),
        ),
        pictures=options.pictures,
        evaluation_count=1,
    )
    report = replace(
        report,
        accept=options.accept,
        overlap=data.overlap,
        models_tested=record_opening(
            set_hash(data.dataset.hashes[data.split.test]), content_hash(recognizer.onnx)
        ),
        initial=_initial(init, recognizer, data, evaluations["test"]),
        prediction_cost=prediction_cost(recognizer, data.dataset.pixels, data.split.test),
    )
    _log_end(report, trainer, seconds["total"])
    folders = list(_folders(source, folder))
    kept = without_folders(report, folders)
    if not options.pictures:
        names = private_names(source, options, data_source.listing, report.skipped)
        numbers = {printable(one): number for number, one in enumerate(data.dataset.names, 1)}
        notes = without_folders(replace(report, data_notes=data.dataset.notes), folders).data_notes
        kept = anonymous(kept, numbers=numbers, private=names, of_source=notes)
    split_csv = split_rows(data.dataset, data.split, key=recognizer.card.key)
    files = _artifacts(recognizer, kept, split_csv) | _signatures(data)
    return TrainResult(
        recognizer=recognizer.with_artifacts(files),
        report=report,
        interrupted=trainer.interrupted,
    )


def _evaluations(model: CalibratedModel, trainer: Trainer) -> dict[str, Evaluation]:
    """Answer all parts; nothing about the model is decided on what comes out.

    Training and test pictures are answered by the recogniser, through the features that are known
    already where there are some; those that judged by what had not learnt from them.
    """
    data, run = trainer.data, trainer.run
    learnt, recognizer = trainer.learnt, model.recognizer

    def show(done: int, total: int) -> None:
        run.progress(Progress(phase="test", done=done, total=total))

    def known(rows: np.ndarray) -> Answers | None:
        return model.of_trainer(trainer, rows)

    def asked(
        rows: np.ndarray, answers: Callable[[np.ndarray], Answers | None] = known
    ) -> Evaluation:
        return evaluate(recognizer, data.dataset, rows, answers=answers, progress=show)

    test, others = _parted(data, data.split.test)
    sample = learnt[:: -(-len(learnt) // TRAIN_SAMPLE)]
    found = {
        "train": asked(_parted(data, sample)[0]),
        "validation": asked(_parted(data, model.judged)[0], model.known),
        "test": asked(test),
    }
    return found | ({"others": asked(others)} if len(others) else {})


def _initial(
    init: InitialModel | None, recognizer: Recognizer, data: PreparedData, test: Evaluation
) -> InitialComparison | None:
    """Compare with the model that learning went on from, where it says what it learnt from."""
    if init is None or init.known is None or init.prepare != recognizer.prepare:
        return None
    learnt = np.isin(init.parts_of(data.dataset), ("train", "validation"))
    return compare_with_initial(init.recognizer, data.dataset, test, learnt=learnt)


def _parted(data: PreparedData, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Part the pictures whose names are to be told from those of anything else."""
    if data.options.other_from is None:
        return rows, rows[:0]
    names = data.dataset.names
    is_other = np.array([names[row].startswith(f"{OTHER_FOLDER}/") for row in rows], bool)
    return rows[~is_other], rows[is_other]


def _log_end(report: Report, trainer: Trainer, seconds: float) -> None:
    for note in report.data_notes:
        log("train_note", note=note)
    figures = {"accuracy": round(report.accuracy, 4), "seconds": round(seconds, 1)}
    log("train_done", network=trainer.network, interrupted=trainer.interrupted, **figures)


def _folders(source: str | os.PathLike[str] | Listing, folder: Path | None) -> Iterator[str]:
    """Name the folders that an error or a remark may speak of: they are nobody else's business."""
    places = [
        Path() if isinstance(source, Listing) else Path(source).parent,
        Path.cwd(),
        Path("~").expanduser() if os.environ.get("HOME") else Path(),
        Path(tempfile.gettempdir()),
    ]
    with suppress(MachineError):
        places.append(cache_folder())
    if folder is not None:
        places.append(folder.parent)
    for place in places:
        if place != Path():
            yield from {printable(place), printable(os.path.realpath(place))}


def _signatures(data: PreparedData) -> dict[str, bytes]:
    """Keep what copies of the pictures learnt from are known by, unless no picture may be kept."""
    thumbnails = data.dataset.thumbnails
    if thumbnails is None or not data.options.pictures:
        return {}
    learnt = np.union1d(data.split.train, data.split.validation)
    return {SIGNATURES: Signatures.of(thumbnails[learnt]).to_bytes()}


def _artifacts(recognizer: Recognizer, report: Report, split_csv: str) -> dict[str, bytes]:
    """Give the files of a model folder that people read, the golden pictures among them."""
    text = json.dumps(report.stored_json(), ensure_ascii=False, allow_nan=False) + "\n"
    return {
        **recognizer.artifacts,
        "split.csv": split_csv.encode("utf-8", "surrogateescape"),
        "report.json": text.encode(),
        "report.html": report_html(report).encode(),
        "MODEL_CARD.md": model_card(report, recognizer.card).encode(),
    }
