"""How many cores this process may use: those of the machine, less what it is denied."""

import os
from pathlib import Path, PurePosixPath

__all__ = ["available_cores"]

_SIBLINGS = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
_CGROUPS = Path("/sys/fs/cgroup")


def available_cores() -> int:
    """Count the physical cores that this process may use, at least one.

    The two threads of one core count once; the process's affinity and the processor quota of its
    container (cgroup) are kept.
    """
    return max(1, min([_physical(_allowed()), *_quotas()]))


def _allowed() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return set(os.sched_getaffinity(0))
    return set(range(os.cpu_count() or 1))


def _physical(cpus: set[int]) -> int:
    """Count the cores behind these logical processors; where unknown, each is its own core."""
    return len({_read(Path(_SIBLINGS.format(cpu))) or str(cpu) for cpu in cpus})


def _quotas() -> list[int]:
    """Give the limits of this process's cgroups in whole cores, rounded up."""
    words = [_read(_CGROUPS / "cpu" / f"cpu.cfs_{name}_us") for name in ("quota", "period")]
    limits = [words] + [_read(folder / "cpu.max").split() for folder in _groups()]
    return [-(-int(limit[0]) // int(limit[1])) for limit in limits if _is_limit(limit)]


def _groups() -> list[Path]:
    """List the folders of the cgroup this process is in and of all those around it."""
    lines = _read(Path("/proc/self/cgroup")).splitlines()
    name = next((line[3:] for line in lines if line.startswith("0::")), "/")
    inside = PurePosixPath(name.lstrip("/"))
    return [_CGROUPS / part for part in (inside, *inside.parents)]


def _is_limit(words: list[str]) -> bool:
    return len(words) == 2 and all(word.isdigit() and int(word) > 0 for word in words)


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
