"""The suite `serve`: how much later than bare computation, and what twice too many requests do.

The server has the first core, the generator of requests another; the bare process has the core of
the server and takes turns with it. It wants a machine that does nothing else.
"""

from benchmarks.rows.row import Row

__all__ = ["SERVE"]

MANY = "10000"  # requests


def _latency(name: str, arguments: tuple[str, ...], figure: str, goal: str, want: str) -> Row:
    return Row(
        name=name,
        task="serve_latency",
        arguments=arguments,
        seeds=5,
        figure=figure,
        goal=goal,
        want=want,
        over="median",
        minutes=8,
    )


def _overload(name: str, figure: str, goal: str) -> Row:
    return Row(
        name=name,
        task="serve_overload",
        arguments=("photo", "60"),
        seeds=1,
        figure=figure,
        goal=goal,
        minutes=2,
    )


SERVE = (
    _latency("photo, p50 by bare p50", ("photo", MANY), "p50_ratio", "<= 1.3", "<= 1.15"),
    _latency("photo, p99 by bare p99", ("photo", MANY), "p99_ratio", "<= 2.0", "<= 1.5"),
    _latency("digit, p50 by bare p50", ("digit", MANY), "p50_ratio", "", ""),
    _latency("digit, p99 by bare p99", ("digit", MANY), "p99_ratio", "", ""),
    _overload("twice too many photos: answered 200, 429 or 503", "foreseen_share", ">= 1"),
    _overload("twice too many photos: answers by those possible", "goodput_share", ">= 0.9"),
    _overload("twice too many photos: growth of memory in MB", "growth_mb", "<= 64"),
)
