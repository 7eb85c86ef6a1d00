"""Runs a checked ONNX file with ONNX Runtime in a few batch sizes and a bounded memory.

While one batch is recognised, the next one is prefetched.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, TypeVar
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from imagier.errors import MachineError, ModelError
from imagier.files import printable
from imagier.forks import abandon, in_forked_child, no_fork
from imagier.machine import available_cores
from imagier.onnx_io.fields import OUTPUT, STRANGENESS
from imagier.recognizer.timed_run import MAX_SECONDS, run_session

__all__ = ["Answers", "Engine", "held_batch", "open_session", "prefetch", "runtime_module"]

MAX_MEMORY = 512 * 2**20  # for what a network computes on the way; its own numbers come on top
MAX_COPIES = 64 * 2**20  # of a network's numbers, which its optimisation multiplies by up to four
MAX_BATCH = 64
BATCH_VALUES = 2**20
HELD_BYTES = 64 * 2**20  # of the prepared pictures of one batch
_SILENT = 4
_AS_REQUESTED = 1  # the memory grows by what is asked for, not by doubling

Item = TypeVar("Item")
Read = TypeVar("Read")

_bounding = threading.Lock()
_bounds: list[int] = []  # of the memory that new sessions get; none before the first
_sessions: WeakSet[Any] = WeakSet()  # those that are open
_engines: "WeakSet[Engine]" = WeakSet()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """What a network says to n pictures.

    Attributes:
        probabilities: One for each class, (n, K); of a reader, for each column too, (n, T, K).
        strangeness: Above 1 the picture is of none of the classes, (n,); None where the network
            does not tell.
    """

    probabilities: NDArray[np.float32]
    strangeness: NDArray[np.float32] | None = None


class Engine:
    """One network, made ready when it is first used.

    The engine keeps the memory it has once used for each batch size; the sizes are therefore the
    powers of two up to a limit, so that the memory stays flat over any number of pictures. A batch
    that does not fit into the bounded memory runs in halves.

    Args:
        onnx: The file's bytes, already checked.
        classes: How many probabilities it gives.
        name: What it is called in messages.
        threads: How many cores to use; None for all that this process may use.
        reused: Bytes of its numbers that operators use beyond the first time.
        tells_strangers: Whether it also says how strange a picture is.
        columns: For how many columns of each picture it answers; None where for the picture.
    """

    def __init__(
        self,
        onnx: bytes,
        *,
        classes: int,
        name: str,
        threads: int | None,
        reused: int = 0,
        tells_strangers: bool = False,
        columns: int | None = None,
    ) -> None:
        self.onnx = onnx
        self.classes = classes
        self.columns = columns
        self.name = name
        self.threads = threads
        self.reused = reused
        self.outputs = (OUTPUT, STRANGENESS) if tells_strangers else (OUTPUT,)
        row = (classes,) if columns is None else (columns, classes)
        self.shapes = (row, (1,)) if tells_strangers else (row,)
        self._session: Any = None
        self._lock = threading.Lock()
        _engines.add(self)
        self._most = MAX_BATCH

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Give the probabilities, (N, K) or (N, T, K), of prepared pictures, (N, H, W, C).

        Raises:
            ModelError: `model_fails`, when the engine cannot run the network; `model_answers`,
                when its answers are no probabilities.
            MachineError: `engine_missing`.
        """
        return self.answer(pixels).probabilities

    def answer(self, pixels: NDArray[np.uint8]) -> Answers:
        """Give all that the network says to prepared pictures, (N, H, W, C).

        Raises:
            ModelError, MachineError: As `run`.
        """
        if len(pixels) == 0:
            return _answers([np.empty((0, *shape), np.float32) for shape in self.shapes])
        answers, start = [], 0
        while start < len(pixels):
            size = min(self._most, self.batch_size(pixels[0].size))
            try:
                answers.append(self._batch(pixels[start : start + size]))
            except MemoryError as error:
                if size == 1:
                    raise self._failure(error) from error
                self._most = size // 2
            else:
                start += size
        return _answers([np.concatenate(parts) for parts in zip(*answers, strict=True)])

    @staticmethod
    def batch_size(values: int) -> int:
        """Give how many pictures of so many values run together: a power of two, 64 at most.

        >>> Engine.batch_size(28 * 28), Engine.batch_size(224 * 224 * 3)
        (64, 4)
        """
        wanted = max(1, min(MAX_BATCH, BATCH_VALUES // values))
        return 1 << (wanted.bit_length() - 1)

    def _batch(self, pixels: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """Run one batch, filled up with blank pictures to the next power of two.

        Raises:
            MemoryError: When it needs more than the bounded memory.
            ModelError: As `run` tells.
        """
        session = self._ready()
        n = len(pixels)
        full = np.ascontiguousarray(pixels)
        if n & (n - 1):
            full = np.zeros((1 << n.bit_length(), *pixels.shape[1:]), np.uint8)
            full[:n] = pixels
        try:
            found = run_session(session, self.outputs, full)
        except TimeoutError:
            raise ModelError("model_slow", path=self.name, seconds=MAX_SECONDS) from None
        except Exception as error:  # the engine's errors share no class of their own
            if "Available memory of" in str(error):
                raise MemoryError(str(error)) from error
            raise self._failure(error) from error
        is_right = all(
            one.shape == (len(full), *shape) and np.isfinite(one).all()
            for one, shape in zip(found, self.shapes, strict=True)
        )
        if not is_right or not _are_probabilities(found[0]):
            raise ModelError("model_answers", path=self.name)
        return [one[:n].astype(np.float32, copy=False) for one in found]

    def renew(self) -> None:
        """Forget the session, whose threads a forked child has not; a new one is opened."""
        self._session, self._lock = None, threading.Lock()

    def _ready(self) -> Any:
        with self._lock:
            if self._session is None:
                runtime_module()
                try:
                    is_plain = self.reused > MAX_COPIES
                    self._session = open_session(self.onnx, threads=self.threads, is_plain=is_plain)
                except Exception as error:
                    raise self._failure(error) from error
        return self._session

    def _failure(self, error: Exception) -> ModelError:
        return ModelError("model_fails", path=self.name, reason=printable(str(error))[:160])


def open_session(
    onnx: bytes, *, threads: int | None, most: int = MAX_MEMORY, is_plain: bool = False
) -> Any:
    """Start ONNX Runtime on a checked graph, in a bounded memory.

    A few kilobytes of ONNX can ask for terabytes; the engine then says so instead of filling the
    machine. What consists of constants alone is not computed beforehand: that memory would have
    no bound.

    Args:
        onnx: The graph.
        threads: How many cores to use; None for all that this process may use.
        most: Bytes for what it computes on the way.
        is_plain: Whether it runs as it is written, slower: an optimised graph holds a copy of its
            numbers for each operator that uses them.

    Raises:
        MachineError: `engine_missing`; whatever else goes wrong is an error of the engine's own.
    """
    runtime = runtime_module()
    options = runtime.SessionOptions()
    options.log_severity_level = _SILENT
    options.intra_op_num_threads = threads or available_cores()
    options.inter_op_num_threads = 1
    if is_plain:
        options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    for key, value in {
        "session.intra_op.allow_spinning": "0",  # waiting threads sleep
        "session.load_model_format": "ONNX",  # never the engine's private format
        "session.use_env_allocators": "1",  # the bounded memory below
    }.items():
        options.add_session_config_entry(key, value)
    with _bounding, no_fork():
        _bound_memory(runtime, most)
        session = runtime.InferenceSession(
            onnx,
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=["ConstantFolding"],
        )
        _sessions.add(session)
    return session


def held_batch(values: int, *, most: int) -> int:
    """Give how many prepared pictures may be held together: 64 MiB of them, one at least.

    Args:
        values: Of one picture, a byte each.
        most: How many there are to be where they are small.

    >>> held_batch(28 * 28, most=64), held_batch(4096 * 4096 * 3, most=64)
    (64, 1)
    """
    return max(1, min(most, HELD_BYTES // values))


def prefetch(
    items: Iterable[Item], read: Callable[[Item], Read], *, batch: int, threads: int
) -> Iterator[list[Read]]:
    """Read items in order, in batches: while one is recognised, the next one is decoded.

    At most two batches are held at a time. Decoding photos on two threads doubled the pace on two
    cores; small pictures, which spend their time in Python, neither gain nor lose.

    Args:
        items: What to read, however long.
        read: Reads one item.
        batch: How many make a batch.
        threads: How many are read at the same time.

    >>> list(prefetch("abc", str.upper, batch=2, threads=2))
    [['A', 'B'], ['C']]
    """
    rest = iter(items)
    pool = ThreadPoolExecutor(threads)

    def begin() -> list[Future[Read]]:
        return [pool.submit(read, item) for item in islice(rest, batch)]

    try:
        coming = begin()
        while coming:
            now, coming = coming, begin()
            yield [future.result() for future in now]
    finally:
        pool.shutdown(cancel_futures=True)


@cache
def runtime_module() -> Any:
    """Start ONNX Runtime.

    Raises:
        MachineError: `engine_missing`, when ONNX Runtime is not there or does not start.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else it writes a device id when it is imported
    try:
        with no_fork():  # a child forked in the middle would wait for ever for the import's lock
            import onnxruntime
    except ImportError as error:
        if isinstance(error.__cause__, KeyboardInterrupt):
            raise error.__cause__ from None
        raise MachineError("engine_missing", reason=str(error)) from error
    onnxruntime.disable_telemetry_events()
    return onnxruntime


def _bound_memory(runtime: Any, most: int) -> None:
    """Give the sessions that are opened from now on a memory that does not grow beyond `most`.

    Sessions opened one after the other with the same bound share it.
    """
    if _bounds[-1:] == [most]:
        return
    arena = runtime.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    place = runtime.OrtMemoryInfo("Cpu", arena, 0, runtime.OrtMemType.DEFAULT)
    limits = runtime.OrtArenaCfg({"max_mem": most, "arena_extend_strategy": _AS_REQUESTED})
    runtime.create_and_register_allocator(place, limits)
    _bounds[:] = [most]


def _answers(found: list[NDArray[np.float32]]) -> Answers:
    probabilities, *more = found
    return Answers(probabilities=probabilities, strangeness=more[0][:, 0] if more else None)


def _are_probabilities(values: NDArray[Any]) -> bool:
    return bool(
        np.isfinite(values).all()
        and (values >= -1e-6).all()
        and (np.abs(values.sum(axis=-1) - 1) < 1e-3).all()
    )


def _renew_in_child() -> None:
    """Leave the parent's sessions as they are: ending one would wait for its threads for ever."""
    global _bounding  # noqa: PLW0603 - it may be held by a thread that this process has not
    _bounding = threading.Lock()
    for session in list(_sessions):
        abandon(session)
    _sessions.clear()
    for engine in list(_engines):
        engine.renew()


in_forked_child(_renew_in_child)
