"""Loads the compiled loops, whose machine code is kept in imagier's cache.

The first call on a machine compiles for some seconds; later processes read the code back. numba
keeps it in its own format, which is made of pickles: they are written and read by numba alone, in
imagier's cache folder, which no other user may enter, and beside nothing that a stranger sent.
"""

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from imagier.files import cache_folder

__all__ = ["compiled", "is_compiled", "loops", "steady"]

Kind = TypeVar("Kind", bound=np.generic)


@cache
def compiled(name: str) -> ModuleType:
    """Load a module of compiled loops, its machine code kept in imagier's cache.

    Args:
        name: Its full name, such as `imagier.kmeans.compiled`.

    Raises:
        ModuleNotFoundError: When numba, of the `studies` part, is not installed; the command line
            says what to type.
        MachineError: `cannot_write`, when the cache cannot be written.
    """
    from numba import config

    settings: Any = config
    usual = settings.CACHE_DIR
    settings.CACHE_DIR = str(cache_folder("compiled"))
    try:  # numba fixes the place when a function is declared, so others keep theirs
        return import_module(name)
    finally:
        settings.CACHE_DIR = usual


def loops() -> ModuleType:
    """Give the compiled loops of k-means."""
    return compiled("imagier.kmeans.compiled")


def is_compiled() -> bool:
    """Tell whether machine code is kept already; if not, the first use takes some seconds more."""
    return any(cache_folder("compiled").rglob("*.nbi"))


def steady(array: NDArray[Kind]) -> NDArray[Kind]:
    """Give an array as one that is in order and not to be written: numba compiles for each kind."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
