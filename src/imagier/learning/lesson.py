"""A lesson from the first picture to the report: the pipeline, each stage with its clock."""

import dataclasses
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imagier.datasets import split_rows
from imagier.learning.companions import companions
from imagier.learning.comparing import learn_best
from imagier.learning.learner import Learner
from imagier.learning.material import Material
from imagier.learning.resuming import Journal
from imagier.learning.steps import Step, Watch
from imagier.learning.task import TRAIN_SAMPLE
from imagier.learning.wishes import Wishes
from imagier.recognizer import Recognizer
from imagier.recognizer import load as load_recognizer
from imagier.testing import Evaluation, Report, evaluate, make_report
from imagier.training import Clock

__all__ = ["Lesson", "teach"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lesson:
    """What a lesson gave.

    Attributes:
        recognizer: Ready to predict and to be saved.
        report: Its test.
        interrupted: Whether the user stopped the learning; the best finished epoch was kept.
    """

    recognizer: Recognizer
    report: Report
    interrupted: bool


def _unwatched(_: Step) -> None:
    """Show nothing."""


def teach(
    source: str | os.PathLike[str],
    wishes: Wishes,
    *,
    name: str | None = None,
    started: float | None = None,
    watch: Watch = _unwatched,
    folder: Path | None = None,
    resume: bool = False,
) -> Lesson:
    """Learn from named pictures and test once on what was set aside.

    Args:
        source: The pictures.
        wishes: What the user asked.
        name: What the model will be called in its report.
        started: When the clock began, as `time.monotonic()`; now when not given.
        watch: Called at each step.
        folder: Where the model will stand: what is learnt is kept there on the way, so that a
            lesson that was killed goes on where it was. The caller holds `sole_learner(folder)`.
        resume: Whether to go on with what stands there.

    Raises:
        KeyboardInterrupt: Interrupted before one epoch was finished.
        ImagierError: As the rooms that are passed through tell.
    """
    times = _Times(start=time.monotonic() if started is None else started)
    clock = None if wishes.seconds is None else Clock(started=times.start, budget=wishes.seconds)
    past = None if wishes.plan is None else load_recognizer(wishes.plan)
    journal = Journal(folder, wishes, resume=resume)
    with times.of("data"):
        material = Material(source, wishes, past, watch)
        material.read(past.card.network if past else wishes.networks[0])
    with times.of("fit"):
        learner = learn_best(material, past, clock, watch, journal)
    with times.of("export"):
        watch(Step(phase="export"))
        recognizer = learner.export()
    task = learner.task
    with times.of("test"):
        evaluations = _answer(recognizer, learner, watch)
    report = make_report(
        recognizer,
        task.dataset,
        evaluations,
        model=name or task.dataset.name,
        split=task.parts,
        history=dataclasses.replace(learner.history(), seconds=times.all()),
        pictures=wishes.pictures,
        evaluation_count=1,
    )
    report = dataclasses.replace(report, accept=wishes.accept)
    files = companions(recognizer, report, split_rows(task.dataset, task.parts))
    return Lesson(
        recognizer=recognizer.with_artifacts(files),
        report=report,
        interrupted=learner.interrupted,
    )


class _Times:
    """Seconds spent in each stage."""

    def __init__(self, *, start: float) -> None:
        self.start = start
        self.spent: dict[str, float] = {}

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.spent[stage] = round(time.monotonic() - began, 3)

    def all(self) -> dict[str, float]:
        return self.spent | {"total": round(time.monotonic() - self.start, 3)}


def _answer(recognizer: Recognizer, learner: Learner, watch: Watch) -> dict[str, Evaluation]:
    """Answer all parts; nothing about the model is decided on what comes out."""
    task, parts = learner.task, learner.task.parts
    sample = parts.train[:: -(-len(parts.train) // TRAIN_SAMPLE)]
    shown = {"train": sample, "validation": parts.validation, "test": parts.test}
    return {
        part: evaluate(
            recognizer,
            task.dataset,
            rows,
            answers=None if part == "test" else learner.known_answers,
            progress=lambda done, total: watch(Step(phase="test", done=done, total=total)),
        )
        for part, rows in shown.items()
    }
