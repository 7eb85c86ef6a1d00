"""Runs a graph for a bounded time: a kilobyte of ONNX can ask for hours of products.

Where other programs take the machine, a run has longer: it is stopped when its time is over by the
clock, and this process has computed for half of it too.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.forks import in_forked_child, no_fork
from imagier.onnx_io.fields import INPUT

__all__ = ["MAX_SECONDS", "run_session"]

MAX_SECONDS = 8  # for one batch, which takes tenths of a second
_GLANCE = 0.2  # seconds between two looks at the runs


def run_session(
    session: Any, outputs: Sequence[str], pixels: NDArray[np.uint8]
) -> list[NDArray[Any]]:
    """Run a graph once, and give it up where it computes for too long.

    Args:
        session: As `open_session` gave it.
        outputs: What the graph's answers are called.
        pixels: Prepared pictures, (N, H, W, C).

    Raises:
        TimeoutError: After `MAX_SECONDS`; the engine's own errors pass through.
    """
    import onnxruntime

    options = onnxruntime.RunOptions()
    try:
        with no_fork(), _watch.over(options):
            found = session.run(list(outputs), {INPUT: pixels}, options)
            return [np.asarray(one) for one in found]
    except Exception:
        if options.terminate:
            raise TimeoutError from None
        raise


class _Watch:
    """One thread that stops the runs of graphs that take too long; it ends when none is left."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begin with no run and no thread, as a forked child does."""
        self._ends: dict[int, tuple[Any, float, float]] = {}  # options, by the clock, computed
        self._lock = threading.Lock()
        self._is_watching = False

    @contextmanager
    def over(self, options: Any) -> Iterator[None]:
        """Stop the run that has these options once this process has computed for too long."""
        with self._lock:
            ends = time.monotonic() + MAX_SECONDS, time.process_time() + MAX_SECONDS / 2
            self._ends[id(options)] = options, *ends
            if not self._is_watching:
                self._is_watching = True
                threading.Thread(target=self._watch, daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                del self._ends[id(options)]

    def _watch(self) -> None:
        while True:
            time.sleep(_GLANCE)
            with self._lock:
                if not self._ends:
                    self._is_watching = False
                    return
                now, computed = time.monotonic(), time.process_time()
                for options, end, least in self._ends.values():
                    if now >= end and computed >= least:
                        options.terminate = True


_watch = _Watch()
in_forked_child(_watch.renew)
