"""Compiles inner loops and loads them, their machine code kept in imagier's cache.

A module of loops marks each function with `compile_loop` and is loaded by `compiled`, here and in
the chapters that stand above this one.

The first call on a machine compiles for some seconds; later processes read the code back, where
`code_store` recognises it as written by this installation. Where it cannot be kept safely it stays
in memory and is compiled again by the next process: `kept_code` says why.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from imagier.cache import cache_folder
from imagier.errors import MachineError
from imagier.local_key import local_key
from imagier.working_folder import without_settings

__all__ = ["LOOPS", "compile_loop", "compiled", "is_compiled", "kept_code", "loops", "read_only"]

LOOPS = "imagier.kmeans.compiled"
_Loop = TypeVar("_Loop", bound=Callable[..., Any])
Kind = TypeVar("Kind", bound=np.generic)


def compile_loop(loop: _Loop) -> _Loop:
    """Mark a function as an inner loop: compiled at its first call, the machine code kept."""
    dispatcher = _numba().njit(nogil=True, error_model="numpy")(loop)
    with suppress(MachineError, OSError):  # then it is compiled by each process
        from imagier.kmeans.code_store import CodeStore

        folder, key = kept_code()
        dispatcher._cache = CodeStore(loop, folder=folder, key=key)
    return cast(_Loop, dispatcher)


def kept_code() -> tuple[Path, bytes]:
    """Give the folder where machine code is kept, and the key that authenticates it.

    Raises:
        MachineError: It cannot be kept safely on this machine, and why.
    """
    return cache_folder("compiled"), local_key()


@cache
def compiled(name: str) -> ModuleType:
    """Load a module of compiled loops, its machine code kept in imagier's cache.

    Args:
        name: Its full name, such as `imagier.kmeans.compiled`.

    Raises:
        ModuleNotFoundError: When numba, of the `studies` part, is not installed; the command line
            says what to type.
    """
    return import_module(name)


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


def _numba() -> Any:
    """Load numba, which asks the current folder for settings: now, and whenever it compiles."""
    with without_settings(".numba_config.yaml"):
        import numba
        from numba.core import config
    settings: Any = config
    settings._config_fname = ""  # no file has this name
    return numba


def _is_kept(loop: Any) -> bool:
    return bool(getattr(loop._cache, "is_kept", False))
