"""Counting the evaluations on a test set, because each one uses it up a little.

Choose the best of ten equal models by their score on the same 1,000 pictures, and its score is too
high by a point and a half: the choice itself has looked at the test. So each test of a model is
written down, in `evaluations.jsonl` in its folder: which set (a hash of its pictures, whatever
their order and their labels), when, how many, how well. The report says how many evaluations on
this set there were; the test at the end of `imagier train` is the first one on its test part.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from imagier.files import read_regular, storage_errors

__all__ = ["EVALUATIONS", "count_evaluations", "record_evaluation", "set_hash"]

EVALUATIONS = "evaluations.jsonl"
MAX_BYTES = 64 * 2**20
_NEW_LINE = os.O_WRONLY | os.O_APPEND | os.O_CREAT
_NO_TRAP = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # a link, a pipe


def set_hash(hashes: Iterable[str]) -> str:
    """Name a set of pictures by their hashes, in any order.

    >>> set_hash(["b", "a"]) == set_hash(["a", "b"])
    True
    """
    return hashlib.sha256("\n".join(sorted(map(str, hashes))).encode()).hexdigest()[:32]


def count_evaluations(folder: Path, fingerprint: str) -> int | None:
    """Count the evaluations on a set that are written down; None where no new one can be.

    A line that cannot be read counts too: whoever damaged it had looked.
    """
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return None
    file = folder / EVALUATIONS
    if not file.exists():
        return 0
    with storage_errors(file):
        lines = read_regular(file, limit=MAX_BYTES).decode("utf-8", "replace").splitlines()
    return sum(_is_about(line, fingerprint) for line in lines if line.strip())


def record_evaluation(
    folder: Path, *, fingerprint: str, source: str, n: int, accuracy: float
) -> None:
    """Write down that a model was tested.

    Args:
        folder: The model's folder.
        fingerprint: Names the set of pictures (`set_hash`).
        source: What the user calls it.
        n: How many pictures were tested.
        accuracy: Share of them named right, 0..1.

    Raises:
        MachineError: `disk_full` or `cannot_write`.
    """
    time = datetime.now(UTC).isoformat(timespec="seconds")
    line = {"set": fingerprint, "source": source, "n": n, "accuracy": accuracy, "time": time}
    file = folder / EVALUATIONS
    with storage_errors(file):
        handle = os.open(file, _NEW_LINE | _NO_TRAP, 0o666)
        try:
            os.write(handle, (json.dumps(line) + "\n").encode())  # one write: two tests may race
        finally:
            os.close(handle)


def _is_about(line: str, fingerprint: str) -> bool:
    try:
        return bool(json.loads(line)["set"] == fingerprint)
    except (ValueError, KeyError, TypeError, RecursionError):
        return True
