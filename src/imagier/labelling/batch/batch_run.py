"""Labels a batch: takes over what is finished, labels the rest, lays all of it into one file."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

from imagier.errors import PictureError, UsageError
from imagier.files import content_hash, printable, version
from imagier.labelling.batch.labelled_part import LabelledPart, PartFacts, inputs_fingerprint
from imagier.labelling.batch.local_engine import label_here
from imagier.labelling.batch.part_store import Job, PartStore, open_store
from imagier.labelling.batch.results import LabelResult
from imagier.labelling.batch.rows import kind_of, lay
from imagier.labelling.batch.shares import Share, shard_path
from imagier.labelling.batch.uncertain import choose_uncertain, uncertain_folder
from imagier.labelling.batch.worker_process import LabelOptions
from imagier.labelling.batch.worklist import Worklist, WorkPart
from imagier.recognizer import Recognizer

__all__ = ["BatchOptions", "label_batch"]

_Progress: TypeAlias = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOptions:
    """How a batch is labelled.

    Attributes:
        top: Choices that a row has.
        max_error: The largest share of wrong answers among those given; None for any.
        share: Which stretch of the inputs; all of them unless said.
        force: Whether what was labelled before is forgotten.
        workers: How many processes; None for one a core.
        engine: What runs them.
        address: The Ray cluster; None for one on this machine.
        uncertain: How many pictures most worth naming to choose; None for none.
    """

    top: int = 2
    max_error: float | None = None
    share: Share = field(default_factory=Share)
    force: bool = False
    workers: int | None = None
    engine: Literal["local", "ray"] = "local"
    address: str | None = None
    uncertain: int | None = None


def label_batch(
    recognizer: Recognizer,
    words: Sequence[str],
    out: Path,
    options: BatchOptions,
    *,
    paths: Iterable[str | PictureError] | None = None,
    progress: _Progress | None = None,
) -> LabelResult:
    """Label pictures by the million: a row for each input, in the order of the listing.

    A run that was killed leaves its finished parts beside the file; the same call goes on from
    them, and does nothing when the file is finished and the inputs are as they were.

    Args:
        recognizer: Who names them.
        words: Files, folders, patterns, tables of paths, tar shards, zip archives.
        out: The file, by its ending CSV, JSON lines or Parquet; of a shard, its name is made longer
            (`shares.shard_path`).
        options: How.
        paths: A list of paths instead of words.
        progress: Called with the inputs labelled so far, and all as far as is known.

    Raises:
        UsageError: `table_ending`, `model_reads_lines`, `label_busy`, `label_model_changed`,
            `label_job_changed`, `label_not_ours`, `label_uncertain_top`,
            `label_uncertain_exists`, and what `Worklist` and `threshold` refuse.
        MachineError: `reader_missing`, `disk_full`, `cannot_write`, `label_worker_died`,
            `ray_missing`.
    """
    began = time.monotonic()
    kind = kind_of(out)
    recognizer.check_names()
    recognizer.threshold(options.max_error)
    target = shard_path(out, options.share)
    top = min(options.top, len(recognizer.classes))
    _check_uncertain(options, target, top)
    job = Job(
        model=content_hash(recognizer.onnx),
        version=version(),
        top=top,
        max_error=options.max_error,
        shard=str(options.share),
    )
    asked = LabelOptions(top=top, max_error=options.max_error, kind=kind)
    with ExitStack() as stack:
        store = stack.enter_context(open_store(target, job))
        work = stack.enter_context(closing(Worklist(words, paths=paths)))
        tally = None if options.force else _finished(store, work, options.share)
        was_finished = tally is not None
        if tally is None:
            store.begin(force=options.force)
            tally = _label(store, work, options, recognizer.onnx, asked, progress or _silent)
            _finish(store, work, tally, asked)
    chosen = None if options.uncertain is None else choose_uncertain(target, options.uncertain)
    return LabelResult(
        out=target,
        n=tally.n,
        good=tally.good,
        unsaid=tally.unsaid,
        errors=dict(sorted(tally.errors.items())),
        labelled=tally.labelled,
        changed=tally.changed,
        passed_over=work.passed_over,
        model=job.model,
        shard=job.shard,
        seconds=time.monotonic() - began,
        was_finished=was_finished,
        uncertain=chosen,
    )


class _Tally:
    """What the parts hold, together.

    Args:
        n: Rows.
        good: Pictures that could be read.
        unsaid: Pictures that are left to a person.
        errors: How many could not be read, by code.
    """

    def __init__(
        self,
        *,
        n: int = 0,
        good: int = 0,
        unsaid: int = 0,
        errors: Mapping[str, int] | None = None,
    ) -> None:
        self.n = n
        self.good = good
        self.unsaid = unsaid
        self.errors = Counter(errors)
        self.labelled = 0
        self.changed = 0
        self.inputs: dict[str, str] = {}

    def add(self, name: str, facts: PartFacts, *, is_new: bool) -> None:
        """Count a part."""
        self.n += facts.n
        self.good += facts.good
        self.unsaid += facts.unsaid
        self.errors.update(facts.errors)
        self.labelled += facts.n * is_new
        self.inputs[name] = facts.inputs

    def to_json(self) -> dict[str, Any]:
        """Give what the constructor takes."""
        errors = dict(sorted(self.errors.items()))
        return {"n": self.n, "good": self.good, "unsaid": self.unsaid, "errors": errors}


def _silent(done: int, total: int | None) -> None:
    """Show nothing."""


def _check_uncertain(options: BatchOptions, target: Path, top: int) -> None:
    """Refuse at once what would be refused when all is labelled."""
    if options.uncertain is None:
        return
    if top < 2:
        raise UsageError("label_uncertain_top")
    folder = uncertain_folder(target)
    if os.path.lexists(folder):
        raise UsageError("label_uncertain_exists", path=printable(folder))


def _finished(store: PartStore, work: Worklist, share: Share) -> _Tally | None:
    """Give what the finished file holds; None where it is not there or the inputs changed."""
    said = store.finished()
    if said is None:
        return None
    inputs = _named(inputs_fingerprint(part.entries) for part in work.parts(share))
    if said.get("inputs") != inputs:
        return None
    store.clear()
    return _Tally(**said["tally"])


def _finish(store: PartStore, work: Worklist, tally: _Tally, asked: LabelOptions) -> None:
    """Lay the parts into one file, in the order of the listing."""
    names = sorted(tally.inputs)
    inputs = _named(tally.inputs[name] for name in names)
    facts = {"inputs": inputs, "listing": work.fingerprint, "tally": tally.to_json()}
    with store.finishing(facts) as file:
        lay(store.rows(names), file, asked.kind, top=asked.top, model=store.job.model)


def _label(
    store: PartStore,
    work: Worklist,
    options: BatchOptions,
    onnx: bytes,
    asked: LabelOptions,
    progress: _Progress,
) -> _Tally:
    """Label what is not finished; give what all parts hold."""
    tally = _Tally()

    def tell(part: WorkPart) -> None:
        known = None if work.has_archives else len(options.share.stretch(len(work)))
        progress(tally.n, known or max(tally.n, round(tally.n / part.done)))

    def unfinished() -> Iterator[WorkPart]:
        for part in work.parts(options.share):
            there = store.read(part.name)
            if there is None:
                yield part
            elif there.facts.inputs == inputs_fingerprint(part.entries):
                tally.add(part.name, there.facts, is_new=False)
                tell(part)
            else:
                tally.changed += there.facts.n
                yield part

    for part, labelled in _engine(options)(unfinished(), onnx, asked):
        store.write(part.name, labelled)
        tally.add(part.name, labelled.facts, is_new=True)
        tell(part)
    return tally


_Engine: TypeAlias = Callable[
    [Iterator[WorkPart], bytes, LabelOptions], Iterator[tuple[WorkPart, LabelledPart]]
]


def _engine(options: BatchOptions) -> _Engine:
    if options.engine == "ray":
        from imagier.labelling.batch.ray_engine import label_on_ray

        return partial(label_on_ray, address=options.address, workers=options.workers)
    return partial(label_here, workers=options.workers)


def _named(fingerprints: Iterable[str]) -> str:
    return content_hash("\n".join(fingerprints).encode())
