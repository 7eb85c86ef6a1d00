"""A row of the table: what is measured, what it is compared with, what it should be."""

from dataclasses import dataclass, replace

__all__ = ["Contender", "Row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One side of a row: a measurement, repeated.

    Attributes:
        task: Which measurement, a function of `benchmarks.tasks`.
        arguments: What the task is given; `{seed}` and `{data}` are filled in.
        seeds: Repetitions, each with its own seed.
        figure: The measured value that counts.
        minutes: How long one takes on the machine of `docs/measurements.md`.
    """

    task: str
    arguments: tuple[str, ...]
    seeds: int
    figure: str
    minutes: float = 1.0

    @property
    def key(self) -> str:
        """Name what is measured; contenders of several rows with the same name share it."""
        return " ".join((self.task, *self.arguments))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        name: Short name, unlike those of the other rows of its suite.
        task: Which measurement, a function of `benchmarks.tasks`.
        arguments: What the task is given; `{seed}` and `{data}` are filled in.
        seeds: Repetitions, each with its own seed.
        figure: The measured value that the goal speaks of.
        goal: What it must be, as a comparison such as `>= 0.99`; empty: it is only reported.
        want: What we should like it to be.
        over: How the goal is read over the seeds: `mean`, `median`, `max` or `min`.
        peer: What it is compared with.
        compare: `ratio` (the peer's figure divided by ours) or `points` (ours less the peer's, both
            shares, in hundredths).
        least_accuracy: Our mean accuracy without which a comparison counts for nothing.
        minutes: How long one measurement of ours takes on the machine of `docs/measurements.md`.
    """

    name: str
    task: str
    arguments: tuple[str, ...]
    seeds: int
    figure: str
    goal: str
    want: str = ""
    over: str = "mean"
    peer: Contender | None = None
    compare: str = ""
    least_accuracy: float | None = None
    minutes: float = 1.0

    @property
    def own(self) -> Contender:
        """Give imagier's side."""
        return Contender(
            task=self.task,
            arguments=self.arguments,
            seeds=self.seeds,
            figure=self.figure,
            minutes=self.minutes,
        )

    @property
    def contenders(self) -> tuple[Contender, ...]:
        """Give both sides, or the only one."""
        return (self.own,) if self.peer is None else (self.own, self.peer)

    def of_seeds(self, most: int) -> "Row":
        """Give the row with so many repetitions of each side at most."""
        peer = self.peer and replace(self.peer, seeds=min(self.peer.seeds, most))
        return replace(self, seeds=min(self.seeds, most), peer=peer)
