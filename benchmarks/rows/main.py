"""The suite `main`: what a user sees first; and `quick`, which only shows that bench works."""

from benchmarks.rows.row import Row

__all__ = ["MAIN", "QUICK"]

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
