"""Kill -9 a labelling at random instants, label again, and compare: no row lost, doubled or torn.

A life is killed at an instant drawn on a scale of proportions (log-uniform) from the time that the
unbroken run took; the same command then goes on. When it comes to its end, the file is compared
byte by byte with that of the unbroken run, its rows are counted, and the next batch begins.
"""

import csv
import math
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import IMAGIER, FailedError, Figures, run_timed

__all__ = ["kill_labelling"]

MOST_LIVES = 5  # times the instants asked for


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
    seconds, _, _ = run_timed((*words, "--out", str(unbroken)))
    wanted = _rows(unbroken)
    instants = random.Random(seed)  # noqa: S311 - drawn for a test, not for a secret
    done = lives = batches = 0
    figures = {"lost": 0, "doubled": 0, "torn": 0, "different": 0}
    broken = work / "broken.csv"
    while done < kills:
        finished = False
        while not finished:
            wait = None
            if done < kills:
                wait = math.exp(instants.uniform(math.log(0.05), math.log(max(0.1, seconds))))
            finished = _live((*words, "--out", str(broken)), wait)
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


def _live(command: Sequence[str], wait: float | None) -> bool:
    """Label, and kill after so many seconds; whether the run came to its end before."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as life:
        try:
            _, complaints = life.communicate(timeout=wait)
        except subprocess.TimeoutExpired:
            life.send_signal(signal.SIGKILL)
            return False
    if life.returncode:
        raise FailedError(complaints[-2000:])
    return True


def _rows(out: Path) -> Counter[tuple[str, ...]]:
    with out.open(encoding="utf-8", newline="") as file:
        return Counter(map(tuple, csv.reader(file)))


def _remove(out: Path) -> None:
    if out.with_name(f"{out.name}.parts").exists():
        reason = "a finished run left its parts"
        raise FailedError(reason)
    out.unlink()
    out.with_name(f"{out.name}.job.json").unlink()
