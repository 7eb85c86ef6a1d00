"""The machine that figures belong to, and what it was like around each measurement.

Shared machines change their pace from minute to minute. A second of matrix multiplication before
and after each measurement shows it; two measurements are compared only beside their probes.
"""

import os
import re
import time
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from imagier.machine import available_cores, describe_machine

__all__ = ["BenchMachine", "Conditions", "describe_bench_machine", "observe", "probe_gflops"]

PACKAGES = ("imagier", "numpy", "onnxruntime", "pillow", "scikit-learn", "torch")
SIDE = 1000  # of the matrices of the probe
REPEATS = 5
SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchMachine:
    """What a figure depends on.

    Attributes:
        system: Operating system and kind of processor.
        processor: Name of the processor, as far as the system says.
        cores: Cores this process may use.
        memory: Bytes of memory; None where the system does not say.
        gflops: Single-precision matrix multiplication by NumPy, best of five, in GFLOP/s.
        versions: Versions of what the figures depend on.
    """

    system: str
    processor: str
    cores: int
    memory: int | None
    gflops: float
    versions: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Give the description as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The machine around one measurement.

    Attributes:
        gflops_before: Single-precision matrix multiplication before it, in GFLOP/s.
        gflops_after: The same after it.
        load_before: Mean number of processes that wanted a core in the minute before.
        load_after: The same at its end.
    """

    gflops_before: float
    gflops_after: float
    load_before: float
    load_after: float

    def to_json(self) -> dict[str, Any]:
        """Give the conditions as JSON values."""
        return asdict(self)


def describe_bench_machine() -> BenchMachine:
    """Describe this machine and probe its speed, in about a second."""
    machine = describe_machine()
    return BenchMachine(
        system=machine.system,
        processor=_processor(),
        cores=available_cores(),
        memory=machine.memory,
        gflops=round(_gflops(), 1),
        versions={name: _version(name) for name in PACKAGES},
    )


def observe(before: "tuple[float, float]") -> Conditions:
    """Look at the machine after a measurement.

    Args:
        before: What `probe_gflops` and the load were before it.
    """
    load = round(os.getloadavg()[0], 2)
    return Conditions(
        gflops_before=before[0],
        gflops_after=probe_gflops(),
        load_before=before[1],
        load_after=load,
    )


def probe_gflops(seconds: float = SECONDS) -> float:
    """Multiply matrices for a second: mean GFLOP/s of all that were done, not of the best one."""
    matrix = np.random.default_rng(0).random((SIDE, SIDE), dtype=np.float32)
    matrix @ matrix  # the first one starts the threads
    number, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        matrix @ matrix
        number += 1
    return round(2 * SIDE**3 * number / (time.perf_counter() - started) / 1e9, 1)


def _gflops() -> float:
    matrix = np.random.default_rng(0).random((SIDE, SIDE), dtype=np.float32)
    best = float("inf")
    for _ in range(REPEATS):
        started = time.perf_counter()
        matrix @ matrix
        best = min(best, time.perf_counter() - started)
    return 2 * SIDE**3 / best / 1e9


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return ""
    fields = {
        name: re.search(rf"^{name}\s*:\s*(.+)$", text, re.MULTILINE)
        for name in ("model name", "cpu family", "model")
    }
    name, family, model = (found[1] if found else "?" for found in fields.values())
    return f"{name}, family {family} model {model}"


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
