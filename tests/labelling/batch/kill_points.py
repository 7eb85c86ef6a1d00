"""Labels, killed just before each change of the working folder, and then labels again.

    python -m tests.labelling.batch.kill_points FOLDER changes EVERY
    python -m tests.labelling.batch.kill_points FOLDER instants NUMBER

The folder holds `thirds.imagier` and `photos`. Each life is forked from this process, which has
loaded everything, and works without helpers. It is killed before its n-th change of the folder, or
at so many random instants, life after life. One JSON line tells how many lives were killed, and
which left something else than an unbroken run.
"""

import json
import os
import random
import select
import signal
import sys
import time
from pathlib import Path

from imagier.labelling.batch import BatchOptions, batch_run, label_batch, local_engine, worklist
from imagier.labelling.batch.labelled_part import label_part
from imagier.labelling.batch.labeller import Labeller
from imagier.recognizer import load

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def label_here(parts, onnx, options, *, workers=None):
    """Label in this process."""
    labeller = Labeller(onnx, top=options.top, max_error=options.max_error)
    for part in parts:
        yield part, label_part(labeller, local_engine._lines(part), options.kind)


class Counter:
    """Counts the changes of the working folder and kills its process at the n-th."""

    def __init__(self, at):
        self.at, self.n, self.root = at, 0, Path.cwd()

    def __call__(self, event, arguments):
        if event == "open":
            path, _, flags = arguments
            is_change = isinstance(flags, int) and flags & WRITING and not isinstance(path, int)
        else:
            path = arguments[0] if arguments else None
            is_change = event in CHANGES
        if is_change and Path(self.root, os.fsdecode(path)).is_relative_to(self.root):
            self.n += 1
            if self.n == self.at:
                os.kill(os.getpid(), signal.SIGKILL)


def life(recognizer, out, *, at=None, after=None):
    """Label in a child that is killed at its n-th change, or after so many seconds.

    Gives the changes and the seconds of a whole life; None where it was killed.
    """
    read, write = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        counter = Counter(at)
        sys.addaudithook(counter)
        label_batch(recognizer, ["photos"], out, BatchOptions())
        os.write(write, str(counter.n).encode())
        os._exit(0)
    os.close(write)
    if after is not None:
        select.select([read], [], [], after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(read) as told:
        said = told.read()
    os.waitpid(child, 0)
    return (int(said), time.monotonic() - began) if said else None


def is_as(out, whole):
    """Tell whether a finished labelling left the same file, and nothing of its work."""
    left = {path.name for path in Path().glob(f"{out.name}*")}
    is_clean = left == {out.name, f"{out.name}.job.json"}
    return is_clean and out.read_bytes() == whole.read_bytes()


def at_changes(recognizer, whole, every):
    """Kill before each n-th change, and finish."""
    changes, _ = life(recognizer, whole)
    wrong, kills = [], 0
    for at in range(1, changes + 1, every):
        out = Path(f"names-{at}.csv")
        kills += life(recognizer, out, at=at) is None
        life(recognizer, out)
        if not is_as(out, whole):
            wrong.append(at)
    return {"changes": changes, "kills": kills, "wrong": wrong}


def at_instants(recognizer, whole, number):
    """Kill at random instants, several in one labelling, until so many lives were killed."""
    _, seconds = life(recognizer, whole)
    instants, wrong, kills, batches = random.Random(0), [], 0, 0
    while kills < number:
        out = Path(f"batch-{batches}.csv")
        while life(recognizer, out, after=instants.uniform(0, seconds)) is None:
            kills += 1
        batches += 1
        if not is_as(out, whole):
            wrong.append(out.name)
    return {"kills": kills, "batches": batches, "wrong": wrong}


def main():
    folder, how, number = sys.argv[1:]
    os.chdir(folder)
    batch_run.label_here = label_here
    worklist.PART = 32
    recognizer = load("thirds.imagier", threads=1)
    kill = {"changes": at_changes, "instants": at_instants}[how]
    sys.stdout.write(json.dumps(kill(recognizer, Path("whole.csv"), int(number))))


if __name__ == "__main__":
    main()
