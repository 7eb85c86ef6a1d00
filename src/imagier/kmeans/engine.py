"""Compiles inner loops and loads them, their machine code kept in imagier's cache.

A module of loops marks each function with `compile_loop` and is loaded by `compiled`, here and in
the chapters that stand above this one.

The first call on a machine compiles for some seconds; later processes read the code back. numba
keeps it in its own format, which is made of pickles: they are written and read by numba alone, in
imagier's cache folder, which no other user may enter, and beside nothing that a stranger sent.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from imagier.files import cache_folder

__all__ = ["LOOPS", "compile_loop", "compiled", "is_compiled", "loops", "read_only"]

LOOPS = "imagier.kmeans.compiled"
_Loop = TypeVar("_Loop", bound=Callable[..., Any])
Kind = TypeVar("Kind", bound=np.generic)


def compile_loop(loop: _Loop) -> _Loop:
    """Mark a function as an inner loop: compiled at its first call, the machine code kept."""
    import numba

    return cast(_Loop, numba.njit(cache=True, nogil=True, error_model="numpy")(loop))


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
    return compiled(LOOPS)


def is_compiled(name: str = LOOPS) -> bool:
    """Tell whether the machine code of all loops of a module is kept, made from its present text.

    If not, their first use takes some seconds more.

    Args:
        name: The module; the loops of k-means unless given.
    """
    module = compiled(name)
    public = (getattr(module, word) for word in module.__all__)
    return all(_is_kept(loop) for loop in public if hasattr(loop, "py_func"))


def read_only(array: NDArray[Kind]) -> NDArray[Kind]:
    """Give an array as one that is in order and not to be written: numba compiles for each kind."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def _is_kept(loop: Any) -> bool:
    """Tell whether the machine code of one loop is kept and no older than its text."""
    code = loop.py_func.__code__
    text = Path(code.co_filename)
    name = f"{text.stem}.{loop.py_func.__qualname__}-{code.co_firstlineno}.*.nbi"
    kept = Path(loop.stats.cache_path).glob(name)
    return any(index.stat().st_mtime >= text.stat().st_mtime for index in kept)
