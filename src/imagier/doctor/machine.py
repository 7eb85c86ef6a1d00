"""The computer as this process may use it: system, processors, memory, limits of containers."""

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Machine", "describe_machine"]

_ROOT = Path("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The computer as this process may use it.

    Attributes:
        system: Name and release of the operating system, and kind of processor.
        processors: How many logical processors the computer has.
        memory: Bytes this process may use at most; None where the system does not say.
        free_memory: Bytes free now; None where the system does not say.
    """

    system: str
    processors: int
    memory: int | None
    free_memory: int | None


def describe_machine(root: Path = _ROOT) -> Machine:
    """Read what this process may use.

    Args:
        root: Folder that holds `proc` and `sys`; another one than `/` serves in tests.
    """
    memory, free = _memory(root)
    limit = _memory_limit(root)
    if memory is not None and limit is not None:
        memory = min(memory, limit)
        free = None if free is None else min(free, memory)
    return Machine(
        system=f"{platform.system()} {platform.release()}, {platform.machine()}",
        processors=os.cpu_count() or 1,
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


def _memory_limit(root: Path) -> int | None:
    """Give the smallest limit set on this process by its control groups, version 2 then 1."""
    top = root / "sys/fs/cgroup"
    groups = _text(root / "proc/self/cgroup").splitlines()
    path = next((line[3:] for line in groups if line.startswith("0::")), "/")
    folder = top / path.lstrip("/")
    files = [place / "memory.max" for place in (folder, *folder.parents)]
    texts = [_text(file) for file in (*files, top / "memory/memory.limit_in_bytes")]
    return min((int(text) for text in texts if text.isdigit()), default=None)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""  # this system has no such file
