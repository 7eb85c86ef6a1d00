"""What the computer really gives this process, limits of containers included.

A container or a batch system often grants two processors out of sixty-four; counting all
sixty-four would make learning slower, not faster.
"""

import os
import platform
import re
from dataclasses import dataclass
from math import ceil
from pathlib import Path

__all__ = ["Machine", "describe_machine"]

_ROOT = Path("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The computer as this process may use it.

    Attributes:
        system: Name and release of the operating system, and kind of processor.
        processors: How many processors this process may keep busy.
        all_processors: How many the computer has.
        memory: Bytes this process may use at most; None where the system does not say.
        free_memory: Bytes free now; None where the system does not say.
    """

    system: str
    processors: int
    all_processors: int
    memory: int | None
    free_memory: int | None


def describe_machine(root: Path = _ROOT) -> Machine:
    """Read what this process may use.

    Args:
        root: Folder that holds `proc` and `sys`; another one than `/` serves in tests.
    """
    limits = _control_group(root)
    everything = os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else everything
    memory, free = _memory(root)
    if memory is not None and limits["memory"] is not None:
        memory = min(memory, limits["memory"])
        free = None if free is None else min(free, memory)
    return Machine(
        system=f"{platform.system()} {platform.release()}, {platform.machine()}",
        processors=max(1, min(allowed, limits["processors"] or allowed)),
        all_processors=everything,
        memory=memory,
        free_memory=free,
    )


def _memory(root: Path) -> tuple[int | None, int | None]:
    """Give the bytes of memory in all and free, from Linux's own table or the POSIX counters."""
    table = dict(re.findall(r"^(\w+):\s+(\d+) kB$", _text(root / "proc/meminfo"), re.MULTILINE))
    if "MemTotal" in table and "MemAvailable" in table:
        return int(table["MemTotal"]) * 1024, int(table["MemAvailable"]) * 1024
    known = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" in known and "SC_PAGE_SIZE" in known:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), None
    return None, None


def _control_group(root: Path) -> dict[str, int | None]:
    """Give the smallest limits set on this process by its control groups, version 2 then 1."""
    groups = _text(root / "proc/self/cgroup").splitlines()
    path = next((line[3:] for line in groups if line.startswith("0::")), "/")
    top = root / "sys/fs/cgroup"
    folder = top / path.lstrip("/")
    folders = [folder, *folder.parents]
    above = folders[: folders.index(top) + 1] if top in folders else [top]
    processors = [_quota(_text(place / "cpu.max")) for place in above]
    memory = [_number(_text(place / "memory.max")) for place in above]
    first = f"{_text(top / 'cpu/cpu.cfs_quota_us')} {_text(top / 'cpu/cpu.cfs_period_us')}"
    processors.append(_quota(first))
    memory.append(_number(_text(top / "memory/memory.limit_in_bytes")))
    return {"processors": _smallest(processors), "memory": _smallest(memory)}


def _quota(text: str) -> int | None:
    """Read `200000 100000` as two processors; `max`, -1 or nothing is no limit."""
    words = text.split()
    if len(words) == 2 and all(word.isdigit() for word in words) and int(words[1]) > 0:
        return max(1, ceil(int(words[0]) / int(words[1])))
    return None


def _number(text: str) -> int | None:
    return int(text) if text.strip().isdigit() else None


def _smallest(limits: list[int | None]) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""  # this system has no such file
