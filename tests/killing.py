"""Runs trainings that get killed, each in a process of its own, without importing torch each time.

    python tests/killing.py train
    python tests/killing.py keep

reads one order a line as JSON, forks, answers one line as JSON. An order holds the task's `words`,
the working folder `cwd`, perhaps the `largest` size of a file in bytes, and when to kill: `after`
so many seconds, or `at` the n-th change of the working folder (a file opened for writing, renamed,
removed; a folder made or removed), just before it happens. SIGKILL leaves a process no time for
anything, as a power cut would.
"""

import hashlib
import json
import os
import resource
import signal
import sys
import time
from importlib import import_module
from pathlib import Path

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod"}
LATER = (
    *("imagier.cli.train", "imagier.learning", "imagier.learning.network_trainer"),
    *("imagier.learning.epoch_loop", "matplotlib.figure", "torch._dynamo"),
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def train(words):
    """Run `imagier train` as its user would."""
    from imagier.cli import imagier
    from imagier.cli.running import run

    return run(imagier, ["train", *words])


def keep(words):
    """Keep three checkpoints of a run and finish it, telling how far it is."""
    import torch

    from imagier.training import Plan
    from imagier.training.checkpoints import CheckpointStore, finish, training_lock
    from imagier.training.state import TrainState

    folder, plan = Path(words[0]), Plan.from_json(json.loads(words[1]))
    with training_lock(folder):
        kept = CheckpointStore(folder)
        if kept.read_manifest() is None:
            kept.write_manifest({"seed": 0}, plan.to_json(), versions={})
        before = kept.latest()
        for number in range(before.state.epoch + 1 if before else 1, 4):
            tensors = {"w": torch.full((50,), float(number))}
            state = TrainState(epoch=number, plan=plan, tensors=tensors, numbers={})
            kept.write(state, best=tensors, history=[number])
            tell(f"kept {number}")
        finish(folder, save_model)
        tell("finished")
    return 0


def save_model(place):
    """Write what looks like a model."""
    from imagier.files import new_folder, write_file

    with new_folder(place) as inside:
        for name, content in model_files("new", golden=True).items():
            write_file(inside / name, content)


def model_files(name, *, golden=False):
    """Give the files of the smallest folder that is known to be a model of imagier's."""
    parts = {"model.onnx": name.encode()}
    files = {"golden/golden.json": b"{}"} if golden else {}
    card = {"format": 3, "classes": [name], "prepare": {}, "network": name}
    for key, some in (("sha256", parts), ("files", files)):
        card[key] = {one: hashlib.sha256(content).hexdigest() for one, content in some.items()}
    return {**files, **parts, "model.json": json.dumps(card).encode()}


def tell(line):
    """Say a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


TASKS = {"train": train, "keep": keep}


def answer(task, order):
    """Carry out one order in a child and tell how it ended."""
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        _obey(task, order)
    status = _wait(child, order.get("after"))
    seconds = time.monotonic() - started
    return {"code": os.waitstatus_to_exitcode(status), "seconds": seconds}


def _wait(child, after):
    if after is not None:
        deadline = time.monotonic() + after
        while time.monotonic() < deadline:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return status
            time.sleep(max(0.0, min(0.005, deadline - time.monotonic())))
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _obey(task, order):
    os.chdir(order["cwd"])
    for name, stream in (("out", 1), ("err", 2)):
        os.dup2(os.open(f"../{name}.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), stream)
    sys.addaudithook(_Counter(order.get("at"), "../changes.txt"))
    if largest := order.get("largest"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    code = 1
    try:
        code = task(order["words"])
    except SystemExit as stop:
        code = stop.code
    except BaseException as error:  # noqa: BLE001 - the child ends here, whatever happened
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


class _Counter:
    """Counts the changes of the working folder, notes them, and kills its process at the n-th."""

    def __init__(self, at, journal):
        self.at, self.n, self.root = at, 0, Path.cwd()
        self.journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)

    def __call__(self, event, arguments):
        if not self.counts(event, arguments):
            return
        self.n += 1
        os.write(self.journal, f"{event} {arguments[:2]}\n".encode())
        if self.n == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def counts(self, event, arguments):
        if event == "open":
            path, _, flags = arguments
            writes = isinstance(flags, int) and flags & WRITING
            return bool(writes) and self.is_inside(path)
        return event in CHANGES and (
            self.is_inside(arguments[0]) or arguments[-1] not in {-1, None}
        )

    def is_inside(self, path):
        if isinstance(path, int):
            return False
        return Path(self.root, os.fsdecode(path)).is_relative_to(self.root)


def main():
    # once for all children, all on one core: threads that wait for each other on a busy machine
    # take longer than one alone
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    import_module("imagier.training.checkpoints")
    if sys.argv[1] == "train":
        for module in LATER:
            import_module(module)
        sys.modules["imagier.learning.epoch_loop"].CHECKPOINT_SHARE = 0  # one an epoch, each time

    for line in sys.stdin:
        tell(json.dumps(answer(TASKS[sys.argv[1]], json.loads(line))))


if __name__ == "__main__":
    main()
