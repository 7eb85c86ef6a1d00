"""The processes that are measured: started as a user starts them, timed whole."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from imagier.machine import available_cores

__all__ = ["IMAGIER", "FailedError", "Figures", "fill", "run_timed", "thread_settings"]

IMAGIER = (sys.executable, "-m", "imagier")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
LAST_WORDS = 2000  # characters

Figures = dict[str, Any]


class FailedError(Exception):
    """A measured command did not succeed; its last words are kept in the row."""


def run_timed(
    command: Sequence[str], *, settings: Mapping[str, str] | None = None
) -> tuple[float, str, str]:
    """Run a command to its end.

    Args:
        command: The words.
        settings: Environment variables to set beside those that are there.

    Returns:
        Seconds of the whole process, what it wrote on stdout and on stderr.

    Raises:
        FailedError: With its last words, when it did not succeed.
    """
    started = time.perf_counter()
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=os.environ | {"IMAGIER_LANG": "en"} | dict(settings or {}),
        check=False,
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise FailedError(done.stderr[-LAST_WORDS:])
    return seconds, done.stdout, done.stderr


def fill(arguments: Sequence[str], seed: int) -> list[str]:
    """Put the seed and the data folder into the words of a row.

    Raises:
        FailedError: The row needs `IMAGIER_DATA`, which is not set.
    """
    data = os.environ.get("IMAGIER_DATA", "")
    if not data and any("{data}" in word for word in arguments):
        raise FailedError("IMAGIER_DATA does not name a folder of data sets")
    folder = str(Path(data).absolute())
    return [word.replace("{seed}", str(seed)).replace("{data}", folder) for word in arguments]


def thread_settings() -> dict[str, str]:
    """Give the environment variables by which both sides of a comparison use the same threads."""
    return dict.fromkeys(THREAD_VARIABLES, str(available_cores()))
