"""What a computation cost: seconds, processor time, memory, energy, and the carbon for it.

Energy is measured only where the processor has a counter that may be read (RAPL, Linux): it counts
the whole processor, whoever uses it. Elsewhere it is an estimate, and called so: each second of a
busy core is taken for 12 joules. Neither knows of the screen, the disk, the power supply, or how
the machine was made.

    energy = 12 W · processor seconds          carbon = energy · 475 g/kWh

One minute of two busy cores:

>>> cost = Cost(seconds=60, cpu_seconds=120, peak_memory=None, joules=1440, method="estimate")
>>> round(cost.watt_hours, 3), round(cost.grams, 3)
(0.4, 0.19)

Source: L. Lannelongue, J. Grealey, M. Inouye, "Green Algorithms", Advanced Science, 2021, whose
figure for any processor is 12 W a core; International Energy Agency, "Global Energy & CO2 Status
Report 2018", 2019: 475 g of CO₂ a kilowatt hour, the world's average, also CodeCarbon's.
"""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

__all__ = [
    "GRID_FACTOR",
    "GRID_SOURCE",
    "WATTS_PER_CORE",
    "Cost",
    "CostMeter",
    "stored_cost",
]

WATTS_PER_CORE: Final = 12.0
GRID_FACTOR: Final = 475.0  # grams of CO₂ a kilowatt hour
GRID_SOURCE: Final = "world average, 2018 (IEA)"

Method = Literal["counter", "estimate"]

_ROOT = Path("/")
_MOST_WATTS = 400  # of one counter: what it could reach before it begins again from zero
_JOULES_PER_KWH = 3.6e6
_MOST = 1e15  # of any figure that a file may hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a computation cost.

    Attributes:
        seconds: How long it took.
        cpu_seconds: Processor time, of all cores together.
        peak_memory: Bytes of memory of the process at its peak; None where that is not known.
        joules: Energy.
        method: `counter` where it was measured, `estimate` where it follows from `cpu_seconds`.
    """

    seconds: float
    cpu_seconds: float
    peak_memory: int | None
    joules: float
    method: Method

    @property
    def watt_hours(self) -> float:
        """The energy in watt hours."""
        return self.joules / 3600

    @property
    def grams(self) -> float:
        """Grams of CO₂ equivalent, with the world's average electricity."""
        return self.joules / _JOULES_PER_KWH * GRID_FACTOR

    def scaled(self, factor: float) -> "Cost":
        """Give the cost of so many times as much work, in the same memory."""
        return Cost(
            seconds=self.seconds * factor,
            cpu_seconds=self.cpu_seconds * factor,
            peak_memory=self.peak_memory,
            joules=self.joules * factor,
            method=self.method,
        )

    def to_json(self) -> dict[str, Any]:
        """Give the figures as other programs read them, and what they rest on."""
        return {
            "seconds": _rounded(self.seconds),
            "cpu_seconds": _rounded(self.cpu_seconds),
            "peak_memory": self.peak_memory,
            "energy_joules": _rounded(self.joules),
            "energy_method": self.method,
            "watts_per_core": WATTS_PER_CORE if self.method == "estimate" else None,
            "gco2e": _rounded(self.grams),
            "grid_factor": GRID_FACTOR,
            "grid_source": GRID_SOURCE,
        }


class CostMeter:
    """Counts what is spent from the moment it is made.

    Args:
        of_process: Whether all that this process has spent since it began is counted too.
        started: When the clock began, as `time.monotonic()`; now when not given.
        root: Folder that holds `sys`; another one than `/` serves in tests.
    """

    def __init__(
        self, *, of_process: bool = False, started: float | None = None, root: Path = _ROOT
    ) -> None:
        self._root = root
        self._started = time.monotonic() if started is None else started
        self._cpu = 0.0 if of_process else _cpu_seconds()
        self._counters = dict(_counters(root))
        self._counted_from = time.monotonic()

    def cost(self) -> Cost:
        """Give what was spent until now."""
        seconds = max(0.0, time.monotonic() - self._started)
        cpu = max(0.0, _cpu_seconds() - self._cpu)
        measured = self._measured()
        return Cost(
            seconds=seconds,
            cpu_seconds=cpu,
            peak_memory=_peak_memory(),
            joules=cpu * WATTS_PER_CORE if measured is None else measured,
            method="estimate" if measured is None else "counter",
        )

    def _measured(self) -> float | None:
        """Give joules from the counters; None where there are none, or they may have run over."""
        now, seconds = dict(_counters(self._root)), time.monotonic() - self._counted_from
        if not self._counters or now.keys() != self._counters.keys():
            return None
        total = 0
        for place, (before, size) in self._counters.items():
            if size < seconds * _MOST_WATTS * 1_000_000:
                return None  # more than once round, perhaps
            after = now[place][0]
            total += after - before if after >= before else after - before + size
        return total / 1_000_000


def stored_cost(value: Any) -> Cost | None:
    """Read what `Cost.to_json` gave; None where it is none."""
    if not isinstance(value, Mapping):
        return None
    try:
        names = ("seconds", "cpu_seconds", "energy_joules")
        seconds, cpu, joules = (float(value[name]) for name in names)
        method, peak = value["energy_method"], value["peak_memory"]
        peak = None if peak is None else int(peak)
        numbers = (seconds, cpu, joules, float(peak or 0))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if method not in ("counter", "estimate") or not all(0 <= one <= _MOST for one in numbers):
        return None
    return Cost(seconds=seconds, cpu_seconds=cpu, peak_memory=peak, joules=joules, method=method)


def _cpu_seconds() -> float:
    """Give the processor time of this process and of those it has waited for."""
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


def _peak_memory() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _counters(root: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    """Read each counter of a whole processor, and of its memory: microjoules, and where it ends."""
    zones = sorted((root / "sys/class/powercap").glob("intel-rapl:*"))
    for zone in zones:
        try:
            name = (zone / "name").read_text("ascii").strip()
            if name.startswith("package") or name == "dram":
                level = int((zone / "energy_uj").read_text("ascii"))
                size = int((zone / "max_energy_range_uj").read_text("ascii"))
                yield zone.name, (level, size)
        except (OSError, ValueError):
            continue  # for root alone, or not there


def _rounded(value: float) -> float:
    """Keep six significant digits."""
    return float(f"{value:.6g}")
