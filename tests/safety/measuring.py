"""Runs command lines in processes of their own and measures each: seconds, memory, how it ended.

    python tests/safety/measuring.py

reads one order a line as JSON, forks, answers one line as JSON. The process that forks has imported
what the commands need, so that the growth of memory is that of the work alone and the start costs
nothing. An order holds the `words`, the working folder `place`, the `patience` in seconds of work,
and perhaps how many `cores` the command is to believe in; `mutate NAME FIRST LAST` is a command
too. What grows or lasts far beyond any limit is killed.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

__all__ = ["Measured", "Runner"]

LATER = (
    *("imagier.cli.train", "imagier.cli.test", "imagier.cli.predict", "imagier.cli.convolve"),
    *("imagier.cli.cluster", "imagier.cli.segment", "imagier.cli.palette", "imagier.cli.pixels"),
    *("imagier.cli.explain", "imagier.cli.strip", "imagier.cli.doctor"),
    *("imagier.cli.fit", "imagier.cli.derive", "imagier.cli.neuron", "imagier.learning"),
    *("imagier.learning.network_trainer", "imagier.learning.epoch_loop", "imagier.features"),
    *("imagier.explaining", "imagier.testing", "imagier.labelling", "imagier.palette"),
    *("imagier.segmentation", "imagier.regression", "imagier.gradient", "imagier.kmeans"),
    *("onnxruntime", "onnx", "onnx.checker", "onnx.version_converter", "onnx.shape_inference"),
    *("pyarrow.parquet", "matplotlib.figure", "scipy.optimize", "scipy.stats", "numba"),
    *("torch._dynamo", "sklearn.datasets", "PIL.ImageCms"),
)
WAITS = 9.0  # seconds in which no thread works, nor is ready to
KILLED_BEYOND = 5 << 29  # bytes of growth
GLANCE = 0.01  # seconds between two looks


@dataclass(frozen=True, kw_only=True)
class Measured:
    """How a command ended and what it took.

    Attributes:
        code: Its exit code; negative where a signal ended it.
        seconds: By the clock.
        cpu: Of all its threads together.
        growth: Bytes by which its memory grew at most.
        out: What it printed.
        err: What it said beside.
    """

    code: int
    seconds: float
    cpu: float
    growth: int
    out: str
    err: str


class Runner:
    """The process that forks, as seen from the tests; a context that ends with it."""

    def __init__(self, home: Path) -> None:
        """Start it, with a cache and a language of its own."""
        own = {f"XDG_{name}_HOME": os.fspath(home / name.lower()) for name in ("CACHE", "STATE")}
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | own | {"IMAGIER_LANG": "en"} | {"OMP_WAIT_POLICY": "PASSIVE"},
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def run(self, words, place, *, cores=None, patience=12.0):
        """Run a command in the folder `place`, for so many seconds of work at most."""
        order = {"words": [os.fspath(word) for word in words], "place": os.fspath(place)}
        order |= {"cores": cores, "patience": patience}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        if not said:
            message = f"the process that forks has died: {words}"
            raise RuntimeError(message)
        streams = {
            name: (place / f".{name}").read_text("utf-8", "backslashreplace")
            for name in ("out", "err")
        }
        return Measured(**json.loads(said), **streams)


def measure(order):
    """Carry out one order in a child and tell how it ended."""
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        _obey(order)
    status, usage, growth = _watch(child, started, order["patience"])
    return {
        "code": os.waitstatus_to_exitcode(status),
        "seconds": time.monotonic() - started,
        "cpu": usage.ru_utime + usage.ru_stime,
        "growth": max(growth, _reported(Path(order["place"]) / ".growth")),
    }


def _watch(child, started, patience):
    """Wait for the child, killing it where it goes far beyond the limits."""
    growth, before = 0, _memory(child, "VmRSS")
    worked, moved = 0.0, started  # when it last worked, or was ready to
    while True:
        done, status, usage = os.wait4(child, os.WNOHANG)
        if done:
            return status, usage, growth
        growth = max(growth, _memory(child, "VmHWM") - before)
        now, before_that, worked = time.monotonic(), worked, _worked(child)
        if worked > before_that or _is_ready(child):
            moved = now
        is_endless = min(now - started, worked) > patience or now - moved > WAITS
        if growth > KILLED_BEYOND or is_endless:
            os.kill(child, signal.SIGKILL)
        time.sleep(GLANCE)


def _is_ready(process):
    """Tell whether a thread of a process works, or would if other programs let it."""
    for task in Path(f"/proc/{process}/task").glob("*/stat"):
        with contextlib.suppress(OSError):
            if task.read_text("ascii", "replace").rpartition(")")[2].split()[0] in {"R", "D"}:
                return True
    return False


def _worked(process):
    """Read the seconds that all threads of a process have worked."""
    with contextlib.suppress(OSError, IndexError):
        fields = Path(f"/proc/{process}/stat").read_text("ascii", "replace").rpartition(")")[2]
        return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _memory(process, field):
    """Read one line of the process's memory, in bytes; 0 once it has gone."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
        return int(next(line for line in lines if line.startswith(field)).split()[1]) << 10
    return 0


def _reported(file):
    """Read the growth that the child itself saw at its end, if it came to its end."""
    with contextlib.suppress(OSError, ValueError):
        return int(file.read_text("ascii"))
    return 0


def _obey(order):
    os.chdir(order["place"])
    Path(".growth").unlink(missing_ok=True)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for name, stream in ((".out", 1), (".err", 2)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), stream)
    if order["cores"]:
        _believe_in(order["cores"])
    before = _memory("self", "VmRSS")
    code = 1
    try:
        code = _run(order["words"])
    except SystemExit as stop:
        code = stop.code
    except BaseException as error:  # noqa: BLE001 - the child ends here, whatever happened
        sys.stderr.write(f"Traceback: {type(error).__name__}: {error}\n")
    Path(".growth").write_text(str(_memory("self", "VmHWM") - before), "ascii")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _run(words):
    if words[0] == "mutate":
        sys.path.insert(0, os.fspath(Path(__file__).parents[2]))
        from tests.safety.mutated_files import attack

        attack(words[1], range(int(words[2]), int(words[3])))
        return 0
    from imagier.cli import imagier
    from imagier.cli.running import run

    return run(imagier, words)


def _believe_in(cores):
    """Let the command find so many cores, whatever the machine has."""
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("imagier") and hasattr(
            module, "available_cores"
        ):
            module.available_cores = lambda *_: cores


def main():
    for module in LATER:
        with contextlib.suppress(ImportError):
            import_module(module)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(measure(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
