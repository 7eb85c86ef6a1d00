"""What is measured: each row is a command as a user would type it, and what to read from it."""

from dataclasses import dataclass

__all__ = ["SUITES", "Row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        name: Short name.
        task: Which measurement, a function of `imagier.bench.tasks`.
        arguments: What the task is given; `{seed}` is filled in.
        seeds: Repetitions, each with its own seed.
        figure: The measured value that the goal speaks of.
        goal: What it should be, as a comparison such as `>= 0.99`.
        over: How the goal is read over the seeds: `mean`, `max` or `min`.
    """

    name: str
    task: str
    arguments: tuple[str, ...]
    seeds: int
    figure: str
    goal: str
    over: str = "mean"


MAIN = (
    Row(
        name="mnist in 60 s",
        task="train",
        arguments=("mnist", "--budget", "60s", "--seed", "{seed}"),
        seeds=3,
        figure="accuracy",
        goal=">= 0.99",
    ),
    Row(
        name="mnist in 60 s, by the watch",
        task="train",
        arguments=("mnist", "--budget", "60s", "--seed", "{seed}"),
        seeds=3,
        figure="process_seconds",
        goal="<= 66",
        over="max",
    ),
    Row(
        name="digits",
        task="train",
        arguments=("digits", "--seed", "{seed}"),
        seeds=10,
        figure="accuracy",
        goal=">= 0.98",
    ),
    Row(
        name="digits, whole process",
        task="train",
        arguments=("digits", "--seed", "{seed}"),
        seeds=10,
        figure="process_seconds",
        goal="<= 15",
        over="max",
    ),
    Row(
        name="3,000 photos, second run: to the first step, torch's import apart",
        task="first_step",
        arguments=("photos", "3000"),
        seeds=3,
        figure="seconds_without_torch",
        goal="<= 4",
        over="max",
    ),
    Row(
        name="predict one picture, whole process",
        task="predict_one",
        arguments=(),
        seeds=7,
        figure="process_seconds",
        goal="<= 0.5",
        over="median",
    ),
    Row(
        name="predict 10,000 small PNGs: memory beyond that for 1,000, in MB",
        task="predict_many",
        arguments=("1000", "10000"),
        seeds=1,
        figure="extra_megabytes",
        goal="<= 20",
        over="max",
    ),
)

QUICK = (
    Row(
        name="digits, two epochs",
        task="train",
        arguments=("digits", "--epochs", "2", "--seed", "{seed}"),
        seeds=1,
        figure="accuracy",
        goal=">= 0.5",
    ),
    Row(
        name="predict one picture, whole process",
        task="predict_one",
        arguments=(),
        seeds=1,
        figure="process_seconds",
        goal="<= 5",
        over="median",
    ),
)

SUITES: dict[str, tuple[Row, ...]] = {"main": MAIN, "quick": QUICK}
