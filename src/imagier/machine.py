"""The computer as this process may use it: cores, memory, limits of containers, its own start.

What a container (control groups, version 1 or 2), the affinity of the process or the system denies
is not counted: a program that takes all the cores of a machine of which it has two is slower, and
one that takes memory which it has not is killed.
"""

import importlib.util
import os
import platform
import re
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar

__all__ = [
    "Deadline",
    "Machine",
    "available_cores",
    "available_memory",
    "describe_machine",
    "is_importable",
    "parallel_map",
    "process_started",
    "share_cores",
]

Question = TypeVar("Question")
Result = TypeVar("Result")

ASSUMED_MEMORY = 8 << 30  # bytes, where the system does not say
_ROOT = Path("/")
_SIBLINGS = "sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
_IN_FLIGHT = 8  # questions a thread that are asked before the first answer is taken


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A budget of time and when it began to run.

    Attributes:
        started: Reading of `time.monotonic()` at the beginning, in seconds.
        budget: Seconds allowed in all.
    """

    started: float
    budget: float

    def left(self) -> float:
        """Tell how many seconds remain; fewer than none once it is past."""
        return self.started + self.budget - time.monotonic()

    def share(self, part: float) -> "Deadline":
        """Give the deadline of a task that may take a part of what is left, 0..1."""
        return Deadline(started=time.monotonic(), budget=part * self.left())


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


def available_memory(root: Path = _ROOT) -> int:
    """Give the bytes that this process may use at most; 8 GB where the system does not say."""
    return describe_machine(root).memory or ASSUMED_MEMORY


def available_cores(root: Path = _ROOT) -> int:
    """Count the physical cores that this process may use, at least one.

    The two threads of one core count once; the process's affinity and the processor quota of its
    container are kept.
    """
    return max(1, min([_physical(root, _allowed()), *_quotas(root)]))


def is_importable(package: str) -> bool:
    """Tell whether a package is installed, without loading it."""
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):  # it is kept from being loaded
        return False


def share_cores() -> bool:
    """Have this process's threads wait asleep, and NumPy's products use one core each.

    To be called before NumPy and torch are loaded; what the user has set is kept. Threads that
    wait for each other by spinning lose most of their time as soon as another program wants a
    core (docs/decisions/0006). NumPy's products are not parted among threads of their own where
    whole tasks are, a fold or a picture on each core.

    Returns:
        Whether torch will see it, or the user has decided; False where it was loaded before.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if "OMP_WAIT_POLICY" in os.environ:
        return True
    if "torch" in sys.modules:
        return False
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    return True


def process_started() -> float:
    """Tell when this process began, as a reading of `time.monotonic()`.

    Where the system does not say (other than Linux), it is the moment of the call.
    """
    now = time.monotonic()
    try:
        fields = Path("/proc/self/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return now
    ticks = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return now - (time.clock_gettime(time.CLOCK_BOOTTIME) - ticks)


def parallel_map(
    function: Callable[[Question], Result],
    questions: Iterable[Question],
    *,
    threads: int | None = None,
) -> Iterator[Result]:
    """Answer questions side by side and give the answers in order, few of them waiting.

    Reading, hashing, Pillow's decoders and matrix products let other threads run meanwhile. An
    exception of `function` is raised where its answer would come; nothing later is begun.

    Args:
        function: What is asked.
        questions: Its arguments.
        threads: How many; None for one a core.

    >>> list(parallel_map(str.upper, ["a", "b", "c"]))
    ['A', 'B', 'C']
    """
    workers = threads or available_cores()
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for question in questions:
                waiting.append(pool.submit(function, question))
                if len(waiting) > _IN_FLIGHT * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _allowed() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return set(os.sched_getaffinity(0))
    return set(range(os.cpu_count() or 1))


def _physical(root: Path, cpus: set[int]) -> int:
    """Count the cores behind these logical processors; where unknown, each is its own core."""
    return len({_text(root / _SIBLINGS.format(cpu)) or str(cpu) for cpu in cpus})


def _quotas(root: Path) -> list[int]:
    """Give the limits of this process's control groups in whole cores, rounded up."""
    first = root / "sys/fs/cgroup/cpu"
    words = [_text(first / f"cpu.cfs_{name}_us") for name in ("quota", "period")]
    limits = [words] + [_text(folder / "cpu.max").split() for folder in _groups(root)]
    return [-(-int(limit[0]) // int(limit[1])) for limit in limits if _is_limit(limit)]


def _is_limit(words: list[str]) -> bool:
    return len(words) == 2 and all(word.isdigit() and int(word) > 0 for word in words)


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
    old = root / "sys/fs/cgroup/memory/memory.limit_in_bytes"
    files = [*(folder / "memory.max" for folder in _groups(root)), old]
    texts = [_text(file) for file in files]
    return min((int(text) for text in texts if text.isdigit()), default=None)


def _groups(root: Path) -> list[Path]:
    """List the folders of the control group this process is in and of all those around it."""
    lines = _text(root / "proc/self/cgroup").splitlines()
    name = next((line[3:] for line in lines if line.startswith("0::")), "/")
    inside = PurePosixPath(name.lstrip("/"))
    return [root / "sys/fs/cgroup" / part for part in (inside, *inside.parents)]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""  # this system has no such file
