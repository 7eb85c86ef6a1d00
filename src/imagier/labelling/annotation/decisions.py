r"""Decisions about names, each a line that is on the disk before the next question is asked.

The file holds one JSON object a line and only grows. Undoing is a line too: it takes back the last
decision that still stands. Whoever reads the file from its start knows all names, so a session goes
on where it ended, however it ended: a line that was torn by a crash is passed over, and said.

    {"at": "2026-03-01T10:00:00+00:00", "do": "name", "name": "boot", "paths": ["1.jpg", "2.jpg"],
     "left_out": ["3.jpg"]}
    {"at": "2026-03-01T10:00:05+00:00", "do": "undo"}

>>> state = Annotations()
>>> boots = Decision(do="name", name="boot", paths=("1.jpg", "2.jpg"), left_out=("3.jpg",))
>>> state.apply(boots, Decision(do="name", name="hat", paths=("1.jpg",)), Decision(do="undo"))
>>> state.names, state.refused
({'1.jpg': 'boot', '2.jpg': 'boot'}, {'3.jpg': {'boot'}})
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal, TypeGuard

from imagier.errors import DataError, Refused, UsageError
from imagier.files import json_line, lock_file, printable, read_object, storage_errors

__all__ = ["Annotations", "Decision", "DecisionLog", "open_log"]

Action = Literal["name", "skip", "undo"]
_MOST_LINE = 16 * 2**20
_ACTIONS = ("name", "skip", "undo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about some pictures.

    Attributes:
        do: Whether they were named or skipped, or the last decision taken back.
        name: The name; empty for the others.
        paths: The pictures, below the folder.
        left_out: The pictures shown with them that do not bear this name.
    """

    do: Action
    name: str = ""
    paths: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give it as it stands in the file."""
        return {
            "do": self.do,
            "name": self.name,
            "paths": list(self.paths),
            "left_out": list(self.left_out),
        }


class Annotations:
    """What the decisions so far come to.

    Attributes:
        names: The name of each picture that has one.
        refused: The names that a picture was left out of.
        skipped: How often each picture was skipped.
    """

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.refused: dict[str, set[str]] = {}
        self.skipped: dict[str, int] = {}
        self._standing: list[Decision] = []

    @property
    def last(self) -> Decision | None:
        """The decision that undoing takes back; None where there is none."""
        return self._standing[-1] if self._standing else None

    def apply(self, *decisions: Decision) -> None:
        """Take decisions into account."""
        standing, begin = self._standing, len(self._standing)
        for decision in decisions:
            if decision.do != "undo":
                standing.append(decision)
            elif standing:
                standing.pop()
                begin = begin if len(standing) >= begin else -1
        if begin < 0:  # what stood before was taken back: count again
            self.names, self.refused, self.skipped = {}, {}, {}
            begin = 0
        for decision in standing[begin:]:
            self._count(decision)

    def _count(self, decision: Decision) -> None:
        if decision.do == "skip":
            for path in decision.paths:
                self.skipped[path] = self.skipped.get(path, 0) + 1
            return
        self.names |= dict.fromkeys(decision.paths, decision.name)
        for path in decision.left_out:
            self.refused.setdefault(path, set()).add(decision.name)


@dataclass(slots=True, kw_only=True, eq=False)
class DecisionLog:
    """The file of decisions, while this process holds it.

    Attributes:
        path: Where it is.
        state: What its decisions come to.
        damaged: How many of its lines are none.
    """

    path: Path
    state: Annotations = field(default_factory=Annotations)
    damaged: int = 0
    _file: IO[bytes] = field(repr=False)

    def append(self, decision: Decision) -> None:
        """Write a decision to the disk, then take it into account.

        Raises:
            MachineError: `disk_full` or `cannot_write`.
        """
        at = datetime.now(UTC).isoformat(timespec="seconds")
        line = json_line({"at": at, **decision.to_json()}) + "\n"
        with storage_errors(self.path):
            self._file.write(line.encode())
            self._file.flush()
            os.fsync(self._file.fileno())
        self.state.apply(decision)


@contextmanager
def open_log(path: Path) -> Iterator[DecisionLog]:
    """Open a file of decisions, made where it is not there, for this process alone.

    Args:
        path: The file.

    Yields:
        The file, its decisions read.

    Raises:
        UsageError: `annotations_locked`, while another process has it.
        DataError: `annotations_foreign`, for a file that holds no decision.
        MachineError: `disk_full` or `cannot_write`.
    """
    with storage_errors(path):
        is_new = not path.exists()
        file = lock_file(path)
    if file is None:
        raise UsageError("annotations_locked", path=printable(path))
    try:
        log = DecisionLog(path=path, _file=file)
        with storage_errors(path):
            _read(log)
            if _ends_torn(file):
                file.write(b"\n")
                file.flush()
        yield log
    finally:
        file.close()
        if is_new and path.exists() and not path.stat().st_size:
            path.unlink()  # nothing was decided


def _read(log: DecisionLog) -> None:
    found: list[Decision] = []
    with _again(log._file) as lines:
        while line := lines.readline(_MOST_LINE):
            decision = _decision(line) if line.strip() else None
            if decision is not None:
                found.append(decision)
            elif line.strip():
                log.damaged += 1
    if log.damaged > 1 and not found:
        raise DataError("annotations_foreign", path=printable(log.path))
    log.state.apply(*found)


def _decision(line: bytes) -> Decision | None:
    """Read a line; None where it is no decision."""
    try:
        found = read_object(line, most=_MOST_LINE)
    except Refused:
        return None
    do, name = found.get("do"), found.get("name", "")
    paths, left_out = found.get("paths", []), found.get("left_out", [])
    if do not in _ACTIONS or not isinstance(name, str):
        return None
    if not _are_texts(paths) or not _are_texts(left_out) or (do == "name" and not name.strip()):
        return None
    return Decision(do=do, name=name, paths=tuple(paths), left_out=tuple(left_out))


def _are_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _ends_torn(locked: IO[bytes]) -> bool:
    """Tell whether the last line has no end: what is written next must begin a line."""
    with _again(locked) as file:
        size = file.seek(0, os.SEEK_END)
        if not size:
            return False
        file.seek(size - 1)
        return file.read(1) != b"\n"


def _again(locked: IO[bytes]) -> BinaryIO:
    """Read a locked file from its start; a second handle would free the lock when it is closed."""
    os.lseek(locked.fileno(), 0, os.SEEK_SET)
    return os.fdopen(locked.fileno(), "rb", closefd=False)
