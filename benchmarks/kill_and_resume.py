"""Kill -9 at random instants, resume, and compare: the weights must be those of an unbroken run.

A life is killed at an instant drawn evenly from the time that the unbroken run took; the next life
resumes. When a run comes to its end, its weights are compared bit by bit and another run begins.
"""

import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import IMAGIER, FailedError, Figures, fill, run_timed
from imagier.files import content_hash

__all__ = ["kill_and_resume"]

WEIGHTS = "weights.safetensors"
MOST_LIVES = 5  # times the instants asked for: a product that never ends must not keep us for ever


def kill_and_resume(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Kill so many lives of `imagier train`: the number, then its source and options.

    Raises:
        FailedError: A life failed by itself, or no life ever comes to its end.
    """
    number, *words = fill(arguments, seed)
    unbroken = work / "unbroken"
    seconds, _, _ = run_timed(_command(words, unbroken, "--force"))
    wanted = _hash(unbroken)
    instants = random.Random(seed)  # noqa: S311 - drawn for a test, not for a secret
    kills = runs = different = lives = 0
    while kills < int(number) or lives == 0:
        broken = work / "broken"
        shutil.rmtree(broken, ignore_errors=True)
        finished = False
        while not finished:
            wait = None if kills >= int(number) else instants.uniform(0, seconds)
            finished = _live(words, broken, wait)
            kills, lives = kills + (not finished), lives + 1
            if lives > MOST_LIVES * int(number) + MOST_LIVES:
                reason = f"{kills} kills, and still no end of {runs + 1} runs"
                raise FailedError(reason)
        runs += 1
        different += _hash(broken) != wanted
    return {
        "different": different,
        "runs": runs,
        "kills": kills,
        "unbroken_seconds": round(seconds, 2),
        "command": " ".join(("imagier", "train", *words, "--resume")),
    }


def _live(words: Sequence[str], folder: Path, wait: float | None) -> bool:
    """Resume, and kill after so many seconds; whether the run came to its end before."""
    command = _command(words, folder, "--resume")
    if wait is None:
        run_timed(command)
        return True
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as life:
        try:
            _, complaints = life.communicate(timeout=wait)
        except subprocess.TimeoutExpired:
            return False
        finally:
            life.kill()
    if life.returncode:
        raise FailedError(complaints[-2000:])
    return True


def _command(words: Sequence[str], folder: Path, *options: str) -> tuple[str, ...]:
    return (*IMAGIER, "train", *words, "--out", str(folder), *options, "--quiet")


def _hash(folder: Path) -> str:
    file = folder / WEIGHTS
    if not file.exists():
        reason = f"a finished run left no {WEIGHTS}"
        raise FailedError(reason)
    return content_hash(file.read_bytes())
