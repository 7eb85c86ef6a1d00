"""The frame of every peer: its arguments, its clock, one line of JSON an epoch.

The clock stands still while the test pictures are answered: that time is given to the peer.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Contest", "read_arguments"]


def read_arguments(started: float) -> "Contest":
    """Read what the measurement asks of a peer.

    Args:
        started: The first thing that the script did, `time.perf_counter()`.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument(
        "--seconds", type=float, help="learn for so long, start of process included"
    )
    parser.add_argument("--threshold", type=float, help="stop after the epoch that reaches this")
    parser.add_argument("--epochs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--side", type=int, help="pixels a side that pictures are brought to")
    parser.add_argument("--pictures", type=int, help="learn from so many only: to try it out")
    parser.add_argument("--split", help="a `split.csv` that tells the parts of the pictures")
    parser.add_argument("--threads", type=int, default=1)
    return Contest(parser.parse_args(), started)


class Contest:
    """What is asked, and the clock.

    Args:
        arguments: The arguments.
        started: When the process began.
    """

    def __init__(self, arguments: argparse.Namespace, started: float) -> None:
        self.arguments = arguments
        self.number = 0
        self._started = started
        self._stopped = 0.0  # seconds that do not count
        self._fit = 0.0  # seconds of learning alone

    @property
    def seconds(self) -> float:
        """Give the seconds since the process began, answers to the test pictures left out."""
        return time.perf_counter() - self._started - self._stopped

    @property
    def share(self) -> float:
        """Give the share of the allowed time that is gone."""
        return self.seconds / float(self.arguments.seconds)

    @contextmanager
    def learning(self) -> Iterator[None]:
        """Count what happens inside as learning."""
        began = self.seconds
        yield
        self._fit += self.seconds - began

    def tell(self, answer: Callable[[], float], **facts: Any) -> bool:
        """End an epoch: measure the test accuracy, print the line; true when it was the last.

        Args:
            answer: Gives the share of test pictures named right; its time does not count.
            facts: What else to say, such as the number of parameters.
        """
        self.number += 1
        seconds = self.seconds  # one reading: what is printed is what decides
        line = {
            "epoch": self.number,
            "fit_seconds": round(self._fit, 3),
            "process_seconds": round(seconds, 3),
        }
        began = time.perf_counter()
        accuracy = float(answer())
        self._stopped += time.perf_counter() - began
        print(json.dumps(line | {"accuracy": accuracy} | facts), flush=True)
        arguments = self.arguments
        return bool(
            (arguments.threshold is not None and accuracy >= arguments.threshold)
            or (arguments.seconds is not None and seconds >= arguments.seconds)
            or self.number >= arguments.epochs
        )
