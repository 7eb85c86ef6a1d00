"""A lesson from the first picture to the report: the pipeline, each stage with its clock."""

import dataclasses
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imagier.datasets import (
    Dataset,
    Listing,
    Split,
    check_classes,
    join_test,
    load,
    merge_classes,
    open_source,
    sample_prepare,
    split,
    split_rows,
)
from imagier.learning.companions import companions
from imagier.learning.fitting import TRAIN_SAMPLE, Fitting
from imagier.learning.steps import Step, Watch
from imagier.learning.wishes import Wishes
from imagier.recognizer import Recognizer
from imagier.recognizer import load as load_recognizer
from imagier.testing import Evaluation, Report, evaluate, make_report

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
) -> Lesson:
    """Learn from named pictures and test once on what was set aside.

    Args:
        source: The pictures.
        wishes: What the user asked.
        name: What the model will be called in its report.
        started: When the clock began, as `time.monotonic()`; now when not given.
        watch: Called at each step.

    Raises:
        KeyboardInterrupt: Interrupted before one epoch was finished.
        ImagierError: As the rooms that are passed through tell.
    """
    times = _Times(start=time.monotonic() if started is None else started)
    past = None if wishes.plan is None else load_recognizer(wishes.plan)
    with times.of("data"):
        dataset, parts = _data(source, wishes, past, watch)
    fitting = Fitting(dataset, parts, wishes, past)
    with times.of("fit"):
        fitting.run(times.start, watch)
    with times.of("export"):
        watch(Step(phase="export"))
        recognizer = fitting.export()
    with times.of("test"):
        evaluations = _answer(recognizer, dataset, parts, watch)
    course = dataclasses.replace(fitting.told(), seconds=times.all())
    report = make_report(
        recognizer,
        dataset,
        evaluations,
        model=name or dataset.name,
        split=parts,
        course=course,
        pictures=wishes.pictures,
        look=1,
    )
    report = dataclasses.replace(report, accept=wishes.accept)
    files = companions(recognizer, report, split_rows(dataset, parts))
    return Lesson(
        recognizer=recognizer.with_companions(files),
        report=report,
        interrupted=fitting.interrupted,
    )


def _data(
    source: str | os.PathLike[str], wishes: Wishes, past: Recognizer | None, watch: Watch
) -> tuple[Dataset, Split]:
    listing = merge_classes(open_source(source, group=wishes.group), wishes.classes, wishes.other)
    if wishes.test is not None:
        test = open_source(wishes.test, group=wishes.group)
        listing = join_test(listing, _same_classes(test, wishes), other=wishes.other)
    listing = check_classes(listing)
    prepare = past.prepare if past else sample_prepare(listing, ink=wishes.ink, fit=wishes.fit)
    dataset = load(
        listing,
        prepare,
        progress=lambda done, total: watch(Step(phase="data", done=done, total=total)),
    )
    parts = split(
        dataset,
        seed=wishes.seed if past is None else past.card.seed,
        drop_conflicts=wishes.drop_conflicts,
        reuse=None if wishes.split is None else Path(wishes.split),
    )
    return dataset, parts


def _same_classes(test: Listing, wishes: Wishes) -> Listing:
    """Leave out of the test what `--classes` left out of the source."""
    if not wishes.classes or wishes.other is not None:
        return test
    return test.take(row for row, label in enumerate(test.labels) if label in wishes.classes)


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


def _answer(
    recognizer: Recognizer, dataset: Dataset, parts: Split, watch: Watch
) -> dict[str, Evaluation]:
    """Answer all parts; nothing about the model is decided on what comes out."""
    sample = parts.train[:: -(-len(parts.train) // TRAIN_SAMPLE)]
    shown = {"train": sample, "validation": parts.validation, "test": parts.test}
    return {
        part: evaluate(
            recognizer,
            dataset,
            rows,
            progress=lambda done, total: watch(Step(phase="test", done=done, total=total)),
        )
        for part, rows in shown.items()
    }
