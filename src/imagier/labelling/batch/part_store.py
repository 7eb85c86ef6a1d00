"""The folder in which a batch keeps its finished parts, `OUT.parts`, until all are there.

    names.csv.parts/.lock                held by the job that works here
    names.csv.parts/job.json             the model, the options: of what these are the parts
    names.csv.parts/000000000256.part    rows 256 to 511
    names.csv.job.json                   beside the finished file: of what it is the answer

Each file is written whole or not at all. A job that is killed leaves its parts; the next one with
the same command takes those over whose inputs are as they were. The last steps are, in this order:
the whole file is written in the folder, `OUT.job.json` is written, the file takes its place, the
folder is removed. Killed between any two of them, the next run goes on from there.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from imagier.errors import Refused, UsageError
from imagier.files import (
    lock_file,
    open_regular,
    printable,
    read_object,
    read_regular,
    remove_files,
    storage_errors,
    write_file,
)
from imagier.labelling.batch.labelled_part import LabelledPart

__all__ = ["Job", "PartStore", "known_job", "open_store"]

FOLDER, JOB, LOCK = ".parts", "job.json", ".lock"
_MOST = 2**16  # bytes of a job
_MOST_PART = 2**28


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Of what some answers are: what may not change between two runs.

    Attributes:
        model: Hash of the model's ONNX file.
        version: imagier's own.
        top: Choices that a row has.
        max_error: As the user asked; None for none.
        shard: The share of the inputs, such as `3/10`.
    """

    model: str
    version: str
    top: int
    max_error: float | None
    shard: str

    def difference(self, other: Mapping[str, Any]) -> str | None:
        """Name what differs in another job, the model first; None where nothing does."""
        own = asdict(self)
        return next((name for name in own if own[name] != other.get(name)), None)


class PartStore:
    """The finished parts of one job, whose lock this process holds.

    Args:
        out: The file that the job writes.
        job: What it is.
    """

    def __init__(self, out: Path, job: Job) -> None:
        self.out = out
        self.job = job
        self.folder = _folder(out)
        self.beside = _beside(out)

    def finished(self) -> Mapping[str, Any] | None:
        """Give what is known of the finished file, if it is one of this very job."""
        said = known_job(self.out)
        return None if said is None or self.job.difference(said["job"]) else said

    def begin(self, *, force: bool) -> None:
        """Take over the parts that are there, or begin.

        Args:
            force: Whether what was labelled before is forgotten.

        Raises:
            UsageError: `label_model_changed` or `label_job_changed`, when what is there is another
                job's; `label_not_ours`, when the output is none of ours.
            MachineError: `disk_full` or `cannot_write`.
        """
        with storage_errors(self.out):
            there = _read(self.folder / JOB)
            self._check_out(there)
            for said in (there, _read(self.beside)):
                self._check_same(said, force=force)
            if there is None or force:
                self._remove_parts()
                replaced = self.out.stat().st_size if self.out.exists() else None
                self._write(self.folder / JOB, {"job": asdict(self.job), "replaces": replaced})
            self._sweep()

    def read(self, name: str) -> LabelledPart | None:
        """Give a finished part; None where there is none that is whole."""
        path = self._part(name)
        try:
            return LabelledPart.from_bytes(read_regular(path, limit=_MOST_PART))
        except OSError:
            return None

    def write(self, name: str, part: LabelledPart) -> None:
        """Keep a finished part.

        Raises:
            MachineError: `disk_full` or `cannot_write`.
        """
        write_file(self._part(name), part.to_bytes())

    def rows(self, names: Iterable[str]) -> Iterator[bytes]:
        """Give the rows of finished parts, one part after the other."""
        for name in names:
            part = self.read(name)
            if part is None:
                raise UsageError("label_part_lost", path=printable(self._part(name)))
            yield part.rows

    @contextmanager
    def finishing(self, facts: Mapping[str, Any]) -> Iterator[IO[bytes]]:
        """Write the whole file in the block; it takes its place at the end, and the parts go.

        Args:
            facts: What is to be known of it beside the job.

        Raises:
            MachineError: `disk_full` or `cannot_write`.
        """
        whole = self.folder / f"whole{self.out.suffix}"
        with storage_errors(self.out):
            with whole.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            size = whole.stat().st_size
            self._write(self.beside, {"job": asdict(self.job), "size": size, **facts})
            whole.replace(self.out)
        self.clear()

    def clear(self) -> None:
        """Remove the folder of parts; what is not of a job stays."""
        with suppress(OSError):
            self._remove_parts()
            remove_files(self.folder, [JOB])

    def _part(self, name: str) -> Path:
        return self.folder / f"{name}.part"

    def _check_same(self, said: Mapping[str, Any] | None, *, force: bool) -> None:
        if said is None or force:
            return
        job = said.get("job", {})
        differing = self.job.difference(job)
        if differing is None:
            return
        path = printable(self.out)
        if differing == "model":
            before = str(job.get("model"))[:8]
            raise UsageError(
                "label_model_changed", path=path, before=before, now=self.job.model[:8]
            )
        before, now = printable(str(job.get(differing))), str(getattr(self.job, differing))
        facts = {"what": differing.replace("_", "-"), "before": before, "now": now}
        raise UsageError("label_job_changed", path=path, **facts)

    def _check_out(self, there: Mapping[str, Any] | None) -> None:
        """Refuse to replace a file that no run of ours wrote."""
        if not os.path.lexists(self.out):
            return
        is_ours = self.out.is_file() and not self.out.is_symlink()
        is_known = known_job(self.out) is not None
        if there is not None and is_ours and not is_known:
            is_known = there.get("replaces") == self.out.stat().st_size
        if not (is_ours and is_known):
            raise UsageError("label_not_ours", path=printable(self.out))

    def _sweep(self) -> None:
        """Remove what a killed run was about to write."""
        for entry in os.scandir(self.folder):
            if entry.name != LOCK and entry.name.startswith((".", "whole.")):
                Path(entry.path).unlink(missing_ok=True)

    def _remove_parts(self) -> None:
        self._sweep()
        for entry in os.scandir(self.folder):
            if entry.name.endswith(".part"):
                Path(entry.path).unlink(missing_ok=True)

    @staticmethod
    def _write(path: Path, value: Mapping[str, Any]) -> None:
        write_file(path, json.dumps(value, indent=1).encode() + b"\n")


@contextmanager
def open_store(out: Path, job: Job) -> Iterator[PartStore]:
    """Open the parts of a job, for this process alone.

    Raises:
        UsageError: `label_busy`, when another job works on the same file.
        MachineError: `cannot_write`.
    """
    folder = _folder(out)
    with storage_errors(folder):
        lock = lock_file(folder / LOCK)
    if lock is None:
        raise UsageError("label_busy", path=printable(out))
    with lock:
        store = PartStore(out, job)
        try:
            yield store
        finally:
            if not (folder / JOB).exists():
                with suppress(OSError):
                    remove_files(folder, [LOCK])
                    folder.rmdir()


def known_job(out: Path) -> Mapping[str, Any] | None:
    """Give what stands beside a finished file of answers; None where it is none, or not finished.

    Returns:
        `job`, `size`, and what `PartStore.finishing` was given.
    """
    said = _read(_beside(out))
    return said if said is not None and _fits(said, out) else None


def _beside(out: Path) -> Path:
    return out.with_name(f"{out.name}.{JOB}")


def _folder(out: Path) -> Path:
    return out.with_name(out.name + FOLDER)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        with open_regular(path) as file:
            return read_object(file.read(_MOST), most=_MOST)
    except (OSError, Refused):
        return None


def _fits(said: Mapping[str, Any], out: Path) -> bool:
    try:
        has_parts = isinstance(said.get("job"), dict) and isinstance(said.get("tally"), dict)
        return has_parts and out.is_file() and out.stat().st_size == said.get("size")
    except OSError:
        return False
