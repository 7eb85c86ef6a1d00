"""What must be renewed in a forked child: it has the memory of its parent, but none of its threads.

A lock that another thread held when the process was forked is held for ever in the child, and what
waits for a thread waits for ever. Whoever keeps such a thing in a module renews it here. Where the
system does not fork (Windows), nothing is to be done.
"""

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["abandon", "in_forked_child", "no_fork"]


class _Gate:
    """Lets a fork wait until nobody stands in the engine, whose own locks nobody can renew."""

    def __init__(self) -> None:
        self._room = threading.Condition()
        self._inside = 0

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Stand inside for the length of a block."""
        with self._room:
            self._inside += 1
        try:
            yield
        finally:
            with self._room:
                self._inside -= 1
                self._room.notify_all()

    def close(self) -> None:
        """Wait until nobody is inside, and let nobody in."""
        self._room.acquire()
        self._room.wait_for(lambda: not self._inside)

    def open(self) -> None:
        """Let them in again."""
        self._room.release()


_gate = _Gate()


def no_fork() -> Any:
    """Hold off forks of this process, for the length of a block that must not be cut in two."""
    return _gate.passed()


def in_forked_child(renew: Callable[[], None]) -> None:
    """Have a function called in every child that this process forks."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=renew)


def abandon(thing: object) -> None:
    """Never let go of an object: ending it would wait for threads that this process has not."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


def _renew() -> None:
    _gate.__init__()  # type: ignore[misc]  # those inside were other threads


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_gate.close, after_in_parent=_gate.open, after_in_child=_renew)
