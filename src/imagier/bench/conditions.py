"""What the machine was like around a measurement: its speed right then, and who else used it.

Shared machines change their pace from minute to minute. A second of matrix multiplication before
and after each measurement shows it; two measurements are compared only beside their probes.
"""

import os
import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

__all__ = ["Conditions", "observe", "probe_gflops"]

SIDE = 1000  # of the matrices of the probe
SECONDS = 1.0


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
