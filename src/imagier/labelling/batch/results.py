"""What `imagier label` answers: how many pictures were labelled, and where their names stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imagier.answers import AnswerFigure, AnswerTable, Shown
from imagier.files import printable
from imagier.i18n import duration, integer, t
from imagier.labelling.batch.uncertain import UncertainPictures

__all__ = ["LabelResult"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LabelResult(Shown):
    """What became of a batch.

    Attributes:
        out: The file that holds a row for each input.
        n: Rows in it.
        good: Pictures that could be read.
        unsaid: Pictures that are left to a person.
        errors: How many could not be read, by code.
        labelled: Inputs that this run labelled; the others were labelled before.
        changed: Inputs that were labelled before and had to be again, as they have changed.
        passed_over: Files that stood beside the pictures.
        model: Hash of the model.
        shard: The share of the inputs, such as `3/10`.
        seconds: How long this run took.
        was_finished: Whether there was nothing to do.
        merged: How many files of shards were laid together; 0 where pictures were labelled.
        uncertain: The pictures most worth naming; None where none were asked for.
    """

    out: Path
    n: int
    good: int
    unsaid: int
    errors: Mapping[str, int] = field(default_factory=dict)
    labelled: int
    changed: int
    passed_over: int
    model: str
    shard: str
    seconds: float
    was_finished: bool
    merged: int = 0
    uncertain: UncertainPictures | None = None

    @property
    def pace(self) -> float | None:
        """Inputs that this run labelled in a second, its start included; None where it was none."""
        return self.labelled / self.seconds if self.labelled and self.seconds > 0 else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What was labelled before, what had changed, what was passed over."""
        said = []
        before = self.n - self.labelled
        if before and not (self.was_finished or self.merged):
            said.append(t("labelling.batch.resumed", n=before, count=integer(before)))
        if self.changed:
            said.append(t("labelling.batch.changed", n=self.changed, count=integer(self.changed)))
        n = self.passed_over
        if n:
            said.append(t("labelling.passed_over", n=n, number=integer(n)))
        return tuple(said)

    def lines(self) -> Iterator[str]:
        """Say what was labelled, and what could not be."""
        path = printable(self.out)
        facts = {"n": self.n, "count": integer(self.n), "path": path}
        if self.was_finished:
            yield t("labelling.batch.finished", **facts)
        elif self.merged:
            yield t("labelling.batch.merged", shards=integer(self.merged), **facts)
        else:
            yield t("labelling.batch.done", **facts)
        if self.pace is not None:
            facts = {"pace": integer(round(self.pace)), "time": duration(self.seconds)}
            yield t("labelling.batch.pace", n=self.labelled, count=integer(self.labelled), **facts)
        if bad := self.n - self.good:
            codes = ", ".join(f"{code} × {integer(n)}" for code, n in self.errors.items())
            yield t("labelling.batch.bad", n=bad, count=integer(bad), codes=codes)
        if self.unsaid:
            yield t("labelling.batch.unsaid", n=self.unsaid, count=integer(self.unsaid))
        if self.uncertain is not None:
            yield from self.uncertain.lines()

    def to_json(self) -> dict[str, Any]:
        """Give all of it."""
        return {
            "out": printable(self.out),
            "n": self.n,
            "good": self.good,
            "bad": self.n - self.good,
            "unsaid": self.unsaid,
            "errors": dict(self.errors),
            "labelled": self.labelled,
            "changed": self.changed,
            "passed_over": self.passed_over,
            "model": self.model,
            "shard": self.shard,
            "finished_before": self.was_finished,
            "seconds": round(self.seconds, 3),
            "pictures_per_second": None if self.pace is None else round(self.pace, 1),
            "merged": self.merged,
            "uncertain": None if self.uncertain is None else self.uncertain.to_json(),
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give none."""
        return {}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give none: the rows stand in the file."""
        return {}
