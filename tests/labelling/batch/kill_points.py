"""Labels, killed just before each change of the working folder, and then labels again.

    python -m tests.labelling.batch.kill_points FOLDER EVERY

The folder holds `thirds.imagier` and `photos`. Each life is forked from this process, which has
loaded everything, and works without helpers. One JSON line tells how many changes a whole run has,
how many lives were killed, and which of them left something else than an unbroken run.
"""

import json
import os
import signal
import sys
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


def life(recognizer, out, at):
    """Label in a child that is killed at its n-th change; give the changes, None where killed."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        counter = Counter(at)
        sys.addaudithook(counter)
        label_batch(recognizer, ["photos"], out, BatchOptions())
        os.write(write, str(counter.n).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        said = told.read()
    os.waitpid(child, 0)
    return int(said) if said else None


def main():
    folder, every = Path(sys.argv[1]), int(sys.argv[2])
    os.chdir(folder)
    batch_run.label_here = label_here
    worklist.PART = 32
    recognizer = load("thirds.imagier", threads=1)
    whole = Path("whole.csv")
    changes = life(recognizer, whole, None)
    kills, wrong = 0, []
    for at in range(1, changes + 1, every):
        out = Path(f"names-{at}.csv")
        killed = life(recognizer, out, at) is None
        kills += killed
        life(recognizer, out, None)
        left = sorted(path.name for path in Path().glob(f"names-{at}.*"))
        is_right = killed and out.read_bytes() == whole.read_bytes()
        if not is_right or left != [out.name, f"{out.name}.job.json"]:
            wrong.append(at)
    sys.stdout.write(json.dumps({"changes": changes, "kills": kills, "wrong": wrong}))


if __name__ == "__main__":
    main()
