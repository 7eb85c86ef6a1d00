"""What this machine offers to learning: faster numbers, and memory that is asked for only once.

Some processors multiply tiles of 16-bit numbers (bfloat16) several times as fast as 32-bit ones.
A bfloat16 has the range of a 32-bit number and eight of its bits: enough for the sums inside a
layer, too little for weights that change by a thousandth. So only products are taken in it;
weights, their corrections and the loss keep 32 bits. Elsewhere such numbers are imitated, which is
slower, and everything keeps 32 bits. What a plan was made with stands in the plan.

Source: Kalamkar and others, "A Study of BFLOAT16 for Deep Learning Training", 2019; measured in
docs/decisions/0010.
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch

from imagier.training.plan import Plan

__all__ = ["computing_in", "keep_memory", "machine_precision"]

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # names of glibc's settings
_LARGEST_BLOCK, _NEVER = 1 << 30, (1 << 31) - 1  # bytes


def machine_precision() -> str:
    """Tell the numbers in which this machine learns fastest: `bfloat16` where it has AMX tiles."""
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return "bfloat16" if capabilities.get("amx_bf16") else "float32"


@contextmanager
def computing_in(plan: Plan) -> Iterator[None]:
    """Take the products of one passage through a network in the numbers of the plan.

    One passage only: the 16-bit copies of the weights are kept until the end of the block.
    """
    with torch.autocast("cpu", torch.bfloat16, enabled=plan.precision == "bfloat16"):
        yield


@cache
def keep_memory() -> None:
    """Have the C library keep freed memory instead of giving it back after each step.

    A step frees some hundred megabytes, which the next one asks for again: the system then clears
    each page anew, a third of the time of a step. What is kept is the most a step ever used. Once
    for the whole process; nothing happens where the C library is another one.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):  # musl, for instance: its memory has no such settings
        return
    mallopt(_MMAP_THRESHOLD, _LARGEST_BLOCK)
    mallopt(_TRIM_THRESHOLD, _NEVER)
