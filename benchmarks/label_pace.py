"""How fast pictures are labelled, beside how fast they are decoded, and recognised, alone.

    python benchmarks/label_pace.py MODEL FOLDER N ROUNDS [ray]

Labelling is measured twice, few pictures and all of them: the difference is its pace, and what the
few took beyond that is its start. The stages alone are measured in two ways on the same files: in
one process with a thread a core, as `imagier predict` works, and in a process a core, as
`imagier label` does. All take turns, round by round; one JSON line tells the medians: pictures a
second by the clock, which other programs slow, and microseconds of processor time a picture
(`cpu_…`), which they hardly do.
"""

import json
import math
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

import numpy as np

from imagier.images.file_search import stream_pictures
from imagier.labelling.batch import BatchOptions, label_batch
from imagier.machine import available_cores
from imagier.recognizer import Recognizer, load

__all__ = ["main"]

FEW = 512  # pictures of the shorter run
TOGETHER = 64
_opened: dict[str, Recognizer] = {}


def main() -> None:
    """Measure and tell."""
    model, folder, n, rounds, *engines = sys.argv[1:]
    paths = [one for one in stream_pictures([folder]).paths if isinstance(one, str)][: int(n)]
    with ProcessPoolExecutor(available_cores(), get_context("spawn")) as pool:
        found = [
            _by_threads(load(model), paths)
            | _by_processes(pool, model, paths)
            | _labelled(load(model), paths, "local")
            | (_labelled(load(model), paths, "ray") if engines else {})
            for _ in range(int(rounds))
        ]
    print(json.dumps(_figures(found, len(paths))))


def _figures(found: Sequence[dict[str, float]], n: int) -> dict[str, Any]:
    """Give the medians over the rounds, of paces and of ratios taken within a round."""
    for one in found:
        stages = min(one["decode_threads"], one["network_threads"])
        alone = min(one["decode_processes"], one["network_processes"])
        both = 1 / (1 / one["decode_processes"] + 1 / one["network_processes"])
        one["of_slower_stage"] = one["local"] / stages
        one["of_slower_stage_in_processes"] = one["local"] / alone
        one["of_both_stages_in_processes"] = one["local"] / both
        if "ray" in one:
            one["ray_of_local"] = one["ray"] / one["local"]
    medians = {name: statistics.median(one[name] for one in found) for name in found[0]}
    return {name: round(value, 3) for name, value in medians.items()} | {
        "n": n,
        "rounds": len(found),
        "cpu_of_both_stages": round(
            (medians["cpu_decode"] + medians["cpu_network"]) / medians["cpu_label"], 3
        ),
        "hours_per_million": round(1e6 / medians["local"] / 3600, 3),
        "core_hours_per_million": round(medians["cpu_label"] / 3600, 3),
    }


def _by_threads(recognizer: Recognizer, paths: Sequence[str]) -> dict[str, float]:
    began = time.perf_counter()
    with ThreadPoolExecutor(available_cores()) as pool:
        some = pool.map(recognizer.prepared, paths[:FEW])
        pixels = np.stack([one for _, one in some])
        began = time.perf_counter()
        for _ in pool.map(lambda path: recognizer.prepared(path)[0], paths):
            pass
    decoded = time.perf_counter() - began
    recognizer.answers(pixels[:TOGETHER])
    began = time.perf_counter()
    times = math.ceil(len(paths) / len(pixels))
    for _ in range(times):
        for start in range(0, len(pixels), TOGETHER):
            recognizer.answers(pixels[start : start + TOGETHER])
    named = time.perf_counter() - began
    return {
        "decode_threads": len(paths) / decoded,
        "network_threads": times * len(pixels) / named,
    }


def _by_processes(pool: ProcessPoolExecutor, model: str, paths: Sequence[str]) -> dict[str, float]:
    parts = [(model, paths[start : start + FEW // 2]) for start in range(0, len(paths), FEW // 2)]
    list(pool.map(_stages, parts[: 2 * available_cores()]))  # all of them have begun
    seconds: Iterable[tuple[float, ...]] = pool.map(_stages, parts)
    decoded, named, cpu_decoded, cpu_named = map(sum, zip(*seconds, strict=True))
    cores = available_cores()
    return {
        "decode_processes": cores * len(paths) / decoded,
        "network_processes": cores * len(paths) / named,
        "cpu_decode": 1e6 * cpu_decoded / len(paths),
        "cpu_network": 1e6 * cpu_named / len(paths),
    }


def _stages(work: tuple[str, Sequence[str]]) -> tuple[float, float, float, float]:
    """Decode some pictures and recognise them, in a process; give the seconds of both.

    Returns:
        By the clock, then of the processor.
    """
    model, paths = work
    if model not in _opened:
        _opened[model] = load(model, threads=1)
        _opened[model].answers(_opened[model].prepared(paths[0])[1][np.newaxis])
    recognizer = _opened[model]
    times = [(time.perf_counter(), time.process_time())]
    pixels = np.stack([recognizer.prepared(path)[1] for path in paths])
    times.append((time.perf_counter(), time.process_time()))
    for start in range(0, len(pixels), TOGETHER):
        recognizer.answers(pixels[start : start + TOGETHER])
    times.append((time.perf_counter(), time.process_time()))
    (clock, cpu), (clock_read, cpu_read), (clock_end, cpu_end) = times
    return clock_read - clock, clock_end - clock_read, cpu_read - cpu, cpu_end - cpu_read


def _labelled(
    recognizer: Recognizer, paths: Sequence[str], engine: Literal["local", "ray"]
) -> dict[str, float]:
    """Label few and all, through the part store and to a file, as the command does."""
    seconds, used = [], []
    for some in (paths[: FEW + 1], paths):
        with tempfile.TemporaryDirectory() as folder:
            options = BatchOptions(engine=engine)
            out = Path(folder) / "names.csv"
            before = _processor_seconds()
            seconds.append(label_batch(recognizer, [], out, options, paths=some).seconds)
            used.append(_processor_seconds() - before)
    n = len(paths) - FEW - 1
    pace = n / (seconds[1] - seconds[0])
    figures = {engine: pace, f"{engine}_start_seconds": seconds[0] - (FEW + 1) / pace}
    if engine == "local":  # the processes of Ray are no children of this one
        figures["cpu_label"] = 1e6 * (used[1] - used[0]) / n
    return figures


def _processor_seconds() -> float:
    """Give what this process has used, and its children that have ended."""
    whose = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return sum(one.ru_utime + one.ru_stime for one in map(resource.getrusage, whose))


if __name__ == "__main__":
    main()
