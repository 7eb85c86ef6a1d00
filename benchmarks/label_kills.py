"""Kill -9 a labelling at random instants, label again, and compare: no row lost, doubled or torn.

A life is killed at an instant drawn evenly from the time that the unbroken run worked: from when
its folder of parts was locked to its end, so that no kill falls into the loading of libraries. The
same command then goes on. When it comes to its end, the file is compared byte by byte with that of
the unbroken run, its rows are counted, and the next batch begins.
"""

import csv
import fcntl
import random
import signal
import struct
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import IMAGIER, FailedError, Figures

__all__ = ["kill_labelling"]

MOST_LIVES = 5  # times the instants asked for
GLANCE = 0.002  # seconds
FLOCK = "hhqqi"  # as Linux has it: type, whence, start, length, process


def kill_labelling(
    model: Path, pictures: Path, work: Path, *, kills: int, seed: int, options: Sequence[str] = ()
) -> Figures:
    """Kill so many lives of `imagier label`.

    Args:
        model: Who labels.
        pictures: A folder.
        work: Where files are written.
        kills: How many.
        seed: Makes the instants the same each time.
        options: Further words of the command.

    Raises:
        FailedError: A life failed by itself, or no life ever comes to its end.
    """
    words = (*IMAGIER, "label", str(pictures), "--model", str(model), "--quiet", *options)
    unbroken = work / "unbroken.csv"
    seconds = _live((*words, "--out", str(unbroken)), unbroken, None) or 0.0
    wanted = _rows(unbroken)
    instants = random.Random(seed)  # noqa: S311 - drawn for a test, not for a secret
    done = lives = batches = 0
    figures = {"lost": 0, "doubled": 0, "torn": 0, "different": 0}
    broken = work / "broken.csv"
    while done < kills:
        finished = False
        while not finished:
            wait = instants.uniform(0, seconds) if done < kills else None
            finished = _live((*words, "--out", str(broken)), broken, wait) is not None
            done, lives = done + (not finished), lives + 1
            if lives > MOST_LIVES * kills + MOST_LIVES:
                reason = f"{done} kills, and still no end"
                raise FailedError(reason)
        batches += 1
        found = _rows(broken)
        figures["lost"] += sum((wanted - found).values())
        figures["doubled"] += sum(count - 1 for count in found.values())
        figures["torn"] += sum((found - wanted).values())
        figures["different"] += broken.read_bytes() != unbroken.read_bytes()
        _remove(broken)
    return {
        **figures,
        "kills": done,
        "batches": batches,
        "rows": sum(wanted.values()),
        "unbroken_seconds": round(seconds, 2),
        "command": "imagier label FOLDER --model MODEL --out FILE",
    }


def _live(command: Sequence[str], out: Path, wait: float | None) -> float | None:
    """Label, and kill so many seconds after the work began.

    Returns:
        The seconds of work, where it came to its end before; else None.
    """
    lock = out.with_name(f"{out.name}.parts") / ".lock"
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as life:
        while life.poll() is None and not _is_locked(lock):
            time.sleep(GLANCE)
        began = time.monotonic()
        try:
            _, complaints = life.communicate(timeout=wait)
        except subprocess.TimeoutExpired:
            life.send_signal(signal.SIGKILL)
            return None
    if life.returncode:
        raise FailedError(complaints[-2000:])
    return time.monotonic() - began


def _is_locked(lock: Path) -> bool:
    """Tell whether a process holds a lock, without taking it."""
    try:
        with lock.open("r+b") as file:
            asked = struct.pack(FLOCK, fcntl.F_WRLCK, 0, 0, 0, 0)
            answer = fcntl.fcntl(file, fcntl.F_GETLK, asked)
    except OSError:
        return False
    return bool(struct.unpack(FLOCK, answer)[0] != fcntl.F_UNLCK)


def _rows(out: Path) -> Counter[tuple[str, ...]]:
    with out.open(encoding="utf-8", newline="") as file:
        return Counter(map(tuple, csv.reader(file)))


def _remove(out: Path) -> None:
    if out.with_name(f"{out.name}.parts").exists():
        reason = "a finished run left its parts"
        raise FailedError(reason)
    out.unlink()
    out.with_name(f"{out.name}.job.json").unlink()
