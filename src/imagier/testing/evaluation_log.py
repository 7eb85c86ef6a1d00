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
from itertools import islice
from pathlib import Path

from imagier.datasets.keyed_hashes import keyed_hash
from imagier.errors import Refused
from imagier.files import open_regular, read_object, storage_errors
from imagier.recognizer.folder_contents import EVALUATIONS

__all__ = ["EVALUATIONS", "count_evaluations", "record_evaluation", "set_hash"]

LONGEST_LINE = 4096
MAX_LINES = 100_000


def set_hash(hashes: Iterable[str], *, key: str = "") -> str:
    """Name a set of pictures by their hashes, in any order.

    Args:
        hashes: Of the pictures.
        key: The key of a model that names no picture; empty for any other.

    >>> set_hash(["b", "a"]) == set_hash(["a", "b"])
    True
    """
    name = hashlib.sha256("\n".join(sorted(map(str, hashes))).encode()).hexdigest()[:32]
    return keyed_hash(name, key)


def count_evaluations(folder: Path, fingerprint: str) -> int | None:
    """Count the evaluations on a set that are written down; None where no new one can be.

    A line that cannot be read counts too: whoever damaged it had looked. Of a log without end the
    first `MAX_LINES` are counted. A log that is no plain
    file is not touched: it may lead to a file of the user's.
    """
    file = folder / EVALUATIONS
    if not folder.is_dir() or not os.access(folder, os.W_OK) or not _is_own(file):
        return None
    if not file.exists():
        return 0
    n = 0
    with storage_errors(file), open_regular(file) as lines:
        for line in islice(iter(lambda: lines.readline(LONGEST_LINE), b""), MAX_LINES):
            n += bool(line.strip()) and _is_about(line, fingerprint)
    return n


def record_evaluation(
    folder: Path, *, fingerprint: str, source: str | None, n: int, accuracy: float
) -> None:
    """Write down that a model was tested.

    Args:
        folder: The model's folder.
        fingerprint: Names the set of pictures (`set_hash`).
        source: What the user calls it; None in a model that was made without pictures.
        n: How many pictures were tested.
        accuracy: Share of them named right, 0..1.

    Raises:
        MachineError: `disk_full` or `cannot_write`.
    """
    time = datetime.now(UTC).isoformat(timespec="seconds")
    line = {"set": fingerprint, "source": source, "n": n, "accuracy": accuracy, "time": time}
    file = folder / EVALUATIONS
    with storage_errors(file):
        no_link = getattr(os, "O_NOFOLLOW", 0)  # Windows, which has none, asks for a right to link
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | no_link, 0o666)
        try:
            os.write(handle, (json.dumps(line) + "\n").encode())  # one write: two tests may race
        finally:
            os.close(handle)


def _is_own(file: Path) -> bool:
    return not os.path.lexists(file) or (file.is_file() and not file.is_symlink())


def _is_about(line: bytes, fingerprint: str) -> bool:
    try:
        return bool(read_object(line, most=LONGEST_LINE)["set"] == fingerprint)
    except (Refused, KeyError):
        return True
