"""Runs a graph that ends in features, in batches of a few pictures, a batch on each core.

Cores that share one batch wait for each other after every layer, and where another program takes
one of them all wait for it. Each core is therefore given batches of its own.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import ModelError
from imagier.files import printable
from imagier.machine import available_cores, parallel_map
from imagier.onnx_io.fields import FEATURES
from imagier.recognizer.engine import open_session
from imagier.recognizer.timed_run import MAX_SECONDS, run_session

__all__ = ["FeatureEngine", "run_features"]

BATCH_VALUES = 2**19
MAX_MEMORY = 4 * 2**30  # of all cores together, each with a batch of its own


class FeatureEngine:
    """A graph made ready: pictures in, features out.

    All batches have one size, the last filled up with blank pictures, so that the features of a
    picture do not depend on how many others are looked at with it.

    Args:
        onnx: The graph, as `Backbone.graph` writes it.
        path: What the backbone is called in messages.
        threads: How many cores to use; None for all that this process may use.
        dimensions: Of what it gives: 2 for features, (N, D); 4 for maps, (N, D, H, W).

    Raises:
        ModelError: `backbone_fails`.
        MachineError: `engine_missing`.
    """

    def __init__(
        self, onnx: bytes, *, path: str, threads: int | None = None, dimensions: int = 2
    ) -> None:
        self.path = path
        self.dimensions = dimensions
        self.threads = threads or available_cores()
        try:
            self._session: Any = open_session(onnx, threads=1, most=MAX_MEMORY)
        except Exception as error:  # the engine's errors share no class of their own
            raise self._failure(error) from error

    def run(self, pixels: NDArray[np.uint8], *, batch: int | None = None) -> NDArray[np.float32]:
        """Give the features, (N, D), or the maps, of prepared pictures, (N, H, W, C).

        Raises:
            ModelError: `backbone_fails`, when the engine cannot run the graph, or the features
                are no finite numbers.
        """
        size = batch or self.batch_size(pixels[0].size)
        parts = [slice(at, at + size) for at in range(0, len(pixels), size)]
        return np.concatenate(list(self.stream(lambda part: pixels[part], parts, batch=size)))

    def stream(
        self, pixels: Callable[[Any], NDArray[np.uint8]], parts: Iterable[Any], *, batch: int
    ) -> Iterator[NDArray[np.float32]]:
        """Give the features of one part of the pictures after the other, in order.

        Args:
            pixels: Gives the pictures of a part, (n, H, W, C), n not above `batch`.
            parts: What it is asked for.
            batch: How many pictures run together.

        Raises:
            ModelError: As `run` tells.
        """
        return parallel_map(
            lambda part: self._batch(pixels(part), batch), parts, threads=self.threads
        )

    @staticmethod
    def batch_size(values: int) -> int:
        """Give how many pictures of so many values run together.

        >>> FeatureEngine.batch_size(32 * 32 * 3), FeatureEngine.batch_size(224 * 224 * 3)
        (16, 3)
        """
        return max(1, min(16, BATCH_VALUES // values))

    def _batch(self, pixels: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
        full = np.zeros((size, *pixels.shape[1:]), np.uint8)
        full[: len(pixels)] = pixels
        try:
            found = run_session(self._session, [FEATURES], full)[0]
        except TimeoutError:
            raise ModelError("model_slow", path=self.path, seconds=MAX_SECONDS) from None
        except Exception as error:  # the engine's errors share no class of their own
            raise self._failure(error) from error
        if found.ndim != self.dimensions or len(found) != size or not np.isfinite(found).all():
            raise ModelError("backbone_answers", path=self.path)
        return found[: len(pixels)].astype(np.float32, copy=False)

    def _failure(self, error: Exception) -> ModelError:
        reason = printable(str(error))[:160]
        return ModelError("backbone_fails", path=self.path, reason=reason)


def run_features(
    onnx: bytes, pixels: NDArray[np.uint8], *, path: str, threads: int | None = None
) -> NDArray[np.float32]:
    """Run a graph once over a few pictures; the arguments are those of `FeatureEngine`."""
    return FeatureEngine(onnx, path=path, threads=threads).run(pixels)
