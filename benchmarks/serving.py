"""The measurements of `imagier serve`: how much later than bare computation, and in overload.

The server has one core, the generator of requests another, where there are two. The server and a
bare process on the same core take turns, so that whatever else the machine does hits both.

    python -m benchmarks.serving latency photo 10000
    python -m benchmarks.serving overload photo 60

`loose` as a last word leaves all of them on all cores: on a machine where other programs hold a
core, one that is bound to it starves.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.http_load import Load, percentile, send_all, send_closed, written_request
from benchmarks.processes import IMAGIER, FailedError, Figures, run_timed
from benchmarks.synthetic import write_photos

__all__ = ["Served", "main", "serve_latency", "serve_overload", "served", "served_model"]

ROUNDS = 20
LOADS = {"half": 0.5}
WARM_SECONDS, CAPACITY_SECONDS = 3.0, 8.0
BACK_SECONDS = 2.0  # after an overload, until it answers as before
START_SECONDS = 120.0
PHOTO, DIGIT = (640, 480), (28, 28)


class Served:
    """A server that runs, with what it was started with.

    Args:
        process: It.
        port: Where it listens, on this machine.
        model: The folder of its model.
    """

    def __init__(self, process: subprocess.Popen[str], port: int, model: Path) -> None:
        self.process, self.port, self.model = process, port, model

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return "127.0.0.1", self.port

    def request(self, picture: bytes, kind: str) -> bytes:
        """Write the request that asks for the name of a picture."""
        return written_request(*self.address, "/predict", picture, kind)

    def memory(self) -> int:
        """Give the bytes that it and its decoders have in memory and share with nobody."""
        pids = [self.process.pid, *_children(self.process.pid)]
        return sum(_private(pid) for pid in pids)


def serve_latency(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Compare with bare computation at half load: kind of picture, requests, `poisson`, `loose`."""
    kind, count, *words = arguments
    model, picture, media = served_model(kind, work)
    bound = "loose" not in words
    with served(model, bound=bound) as server, _bare(model, picture, work, bound=bound) as bare:
        request = server.request(picture, media)
        capacity = _capacity(server, request)
        rate = capacity * LOADS["half"]
        each = -(-int(count) // ROUNDS)
        seconds: dict[str, list[float]] = {"server": [], "bare": []}
        failed, ratios = 0, []
        chance = random.Random(seed)  # noqa: S311 - moments of requests, no secret
        for turn in range(ROUNDS):
            moments = _moments(each, rate, chance if "poisson" in words else None)
            found: dict[str, list[float]] = {}
            for side in ("server", "bare")[:: 1 if turn % 2 else -1]:
                if side == "bare":
                    found[side] = _ask_bare(bare, max(20, each // 4))
                    continue
                load = asyncio.run(send_all(server.address, [request], moments))
                found[side] = load.seconds
                failed += sum(load.statuses.values()) - load.statuses[200]
            ratios.append(percentile(found["server"], 0.5) / percentile(found["bare"], 0.5))
            for side, values in found.items():
                seconds[side] += values
    figures: Figures = {"requests": len(seconds["server"]), "failed": failed}
    for share, name in ((0.5, "p50"), (0.99, "p99")):
        ours, theirs = (percentile(seconds[side], share) for side in ("server", "bare"))
        figures |= {f"{name}_ratio": ours / theirs}
        figures |= {f"{name}_ms": 1000 * ours, f"bare_{name}_ms": 1000 * theirs}
    figures |= {"p50_ratio_of_rounds": sorted(ratios)[len(ratios) // 2]}
    return figures | {"capacity": capacity, "rate": rate}


def serve_overload(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Send twice what is possible: kind of picture, seconds, `loose`."""
    kind, seconds, *words = arguments
    model, picture, media = served_model(kind, work)
    with served(model, bound="loose" not in words) as server:
        request = server.request(picture, media)
        capacity = _capacity(server, request)
        calm = asyncio.run(send_all(server.address, [request], _moments(200, capacity / 2, None)))
        before = server.memory()
        chance = random.Random(seed)  # noqa: S311 - moments of requests, no secret
        moments = _moments(round(2 * capacity * float(seconds)), 2 * capacity, chance)
        load = asyncio.run(send_all(server.address, [request], moments))
        after = server.memory()
        time.sleep(BACK_SECONDS)
        again = asyncio.run(send_all(server.address, [request], _moments(200, capacity / 2, None)))
    foreseen = sum(load.statuses[status] for status in (200, 429, 503))
    return {
        "requests": len(moments),
        "foreseen_share": foreseen / len(moments),
        "goodput_share": load.statuses[200] / load.elapsed / capacity,
        "growth_mb": (after - before) / 2**20,
        "p99_ms": 1000 * percentile(load.seconds, 0.99),
        "calm_p99_ms": 1000 * percentile(calm.seconds, 0.99),
        "back_to": percentile(again.seconds, 0.5) / percentile(calm.seconds, 0.5),
        "capacity": capacity,
        "statuses": {str(status): count for status, count in sorted(load.statuses.items())},
    }


def served_model(kind: str, work: Path) -> tuple[Path, bytes, str]:
    """Learn a model of photos or of digits once; give it with a picture and its media type."""
    model = work / f"{kind}.imagier"
    generator = np.random.default_rng(0)
    file = BytesIO()
    if kind == "photo":
        coarse = Image.fromarray(generator.integers(0, 256, (24, 32, 3), np.uint8))
        coarse.resize(PHOTO).save(file, "JPEG", quality=85)
        source, words = str(work / "photos"), ("--network", "features")
        if not model.exists():
            write_photos(Path(source), 100)
    else:
        pixels = np.pad(generator.integers(0, 256, (20, 20), np.uint8), 4)
        Image.fromarray(pixels).save(file, "PNG")
        source, words = "digits", ("--network", "cnn")
    if not model.exists():
        out = ("--out", str(model), "--budget", "20s", "--quiet")
        run_timed((*IMAGIER, "train", source, *words, *out))
    return model, file.getvalue(), "image/jpeg" if kind == "photo" else "image/png"


@contextmanager
def served(model: Path, *words: str, bound: bool = True) -> Iterator[Served]:
    """Start a server, on the first core where there are two, and end it after the block."""
    command = (*IMAGIER, "serve", str(model), "--port", "0", "--json", "--quiet", *words)
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"IMAGIER_LANG": "en"},
        preexec_fn=_on_first_core if bound else None,  # noqa: PLW1509 - no thread of ours runs
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise FailedError(command)
        port = int(json.loads(line)["address"].rpartition(":")[2])
        if bound:
            os.sched_setaffinity(0, _other_cores())
        yield Served(process, port, model)
    finally:
        os.sched_setaffinity(0, _CORES)
        process.terminate()
        process.wait(20)


@contextmanager
def _bare(
    model: Path, picture: bytes, work: Path, *, bound: bool
) -> Iterator[subprocess.Popen[str]]:
    file = work / "picture"
    file.write_bytes(picture)
    process = subprocess.Popen(
        (sys.executable, "-m", "benchmarks.bare_answers", str(model), str(file)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_on_first_core if bound else None,  # noqa: PLW1509 - no thread of ours runs
    )
    try:
        _ask_bare(process, 20)
        yield process
    finally:
        process.kill()
        process.wait()


def _ask_bare(process: subprocess.Popen[str], count: int) -> list[float]:
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    print(count, file=process.stdin, flush=True)
    found: list[float] = json.loads(process.stdout.readline())
    return found


def _capacity(server: Served, request: bytes) -> float:
    """Give the answers a second that are possible: few clients, each one after the other."""

    def load(seconds: float) -> Load:
        return asyncio.run(send_closed(server.address, [request], clients=4, seconds=seconds))

    load(WARM_SECONDS)
    found = load(CAPACITY_SECONDS)
    return found.statuses[200] / found.elapsed


def _moments(count: int, rate: float, chance: random.Random | None) -> list[float]:
    """Give the moments of requests: evenly spaced, or as those of many people who do not know."""
    if chance is None:
        return [number / rate for number in range(count)]
    moments, now = [], 0.0
    for _ in range(count):
        now += chance.expovariate(rate)
        moments.append(now)
    return moments


_CORES = os.sched_getaffinity(0)


def _on_first_core() -> None:
    os.sched_setaffinity(0, {min(_CORES)})


def _other_cores() -> set[int]:
    return _CORES - {min(_CORES)} or _CORES


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return [int(word) for word in text.split()]


def _private(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0
    wanted = ("Private_Clean:", "Private_Dirty:")
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(wanted))


def main(task: str, *arguments: str) -> None:
    """Measure once and print the figures as one JSON object."""
    run = {"latency": serve_latency, "overload": serve_overload}[task]
    with tempfile.TemporaryDirectory() as work:
        print(json.dumps(run(arguments, 0, Path(work))))


if __name__ == "__main__":
    main(*sys.argv[1:])
