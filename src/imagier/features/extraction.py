"""From prepared pictures to their features, a few pictures at a time, each picture once a view.

The pictures may be a memory map larger than the memory: only those of a batch are ever read, and
what grows is the table of features, 2.5 kB a picture.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from statistics import median

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.loading.cache import settings_key
from imagier.features.backbone import Backbone
from imagier.features.cache import FeatureCache, Table
from imagier.features.engine import FeatureEngine
from imagier.features.parts import View
from imagier.images import Prepare

__all__ = ["Extraction", "extract", "seconds_a_picture", "with_view"]

FEATURES_VERSION = 1  # raised whenever the same picture would get other features than before
PACK_ROWS = 4096
PACK_SECONDS = 15.0  # what a run that is killed loses at most
STEP_SECONDS = 0.25  # between two signs of life
TRIALS, BATCHES_A_CORE = 3, 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extraction:
    """How far the looking at pictures is.

    Attributes:
        done: Pictures whose features stand in the table.
        total: Pictures in all.
        extracted: How many of them were computed now; the others were known.
        seconds: Seconds that took.
        features: The table, (N, D), filled when `done` is `total`.
        notes: What went wrong with the cache, as sentences.
    """

    done: int
    total: int
    extracted: int
    seconds: float
    features: Table
    notes: tuple[str, ...] = ()


def extract(
    backbone: Backbone,
    pixels: NDArray[np.uint8],
    hashes: Sequence[str] | NDArray[np.str_],
    *,
    prepare: Prepare,
    view: View,
    rows: NDArray[np.int64] | None = None,
    threads: int | None = None,
) -> Iterator[Extraction]:
    """Look at pictures and give their features, with a sign of life now and then.

    What is known from an earlier run, finished or not, is taken from the cache. Features are
    rounded to float16 where the backbone's fit in, and are so from the start: a run that was
    stopped and one that was not give the same.

    Args:
        backbone: Whose features.
        pixels: Prepared pictures, (N, H, W, C).
        hashes: Their hashes, (N,), as `Dataset` holds them.
        prepare: How they were prepared.
        view: How they are extracted at.
        rows: Which of them to look at, (R,); the table then has one line for each of these.
        threads: How many cores to use; None for all that this process may use.

    Yields:
        How far it is; the last one has the whole table.

    Raises:
        ModelError: `backbone_fails` or `backbone_answers`.
    """
    chosen = np.arange(len(pixels)) if rows is None else rows
    table = _FeatureTable(backbone, pixels, hashes, prepare, view, chosen)
    yield table.recall()
    try:
        yield from table.fill(threads)
    finally:
        table.keep()
        table.cache.close()
    yield table.progress(done=len(chosen))


def with_view(mean: Table, table: Table, *, views: int) -> Table:
    """Average the features of one view more into the mean of some.

    A few thousand rows are averaged at a time, so that a large set needs little memory beside the
    new table.

    Args:
        mean: Mean of the features of `views` views, (N, D).
        table: Those of one more, (N, D).
        views: How many the mean holds.
    """
    found = np.empty_like(mean)
    for start in range(0, len(mean), PACK_ROWS):
        rows = slice(start, start + PACK_ROWS)
        total = mean[rows].astype(np.float32) * views + table[rows].astype(np.float32)
        found[rows] = total / (views + 1)
    return found


def seconds_a_picture(backbone: Backbone, *, side: int, threads: int | None = None) -> float:
    """Measure how long one picture takes in a view of this side, on noise, all cores at work.

    Args:
        backbone: Whose features.
        side: Side of the view, in pixels.
        threads: How many cores to use; None for all that this process may use.
    """
    shape = (side, side, 3)
    graph = backbone.graph(shape, full_scale=255, views=(View(side=side),))
    engine = FeatureEngine(graph, path=backbone.name, threads=threads)
    n = engine.batch_size(side * side * 3) * engine.threads * BATCHES_A_CORE
    noise = np.random.default_rng(0).integers(0, 256, (n, *shape), dtype=np.uint8)
    engine.run(noise[: n // BATCHES_A_CORE])  # the first batches also make the engine ready
    times = []
    for _ in range(TRIALS):
        began = time.monotonic()
        engine.run(noise)
        times.append(time.monotonic() - began)
    return median(times) / n


class _FeatureTable:
    """The table of features while it is being filled."""

    def __init__(
        self,
        backbone: Backbone,
        pixels: NDArray[np.uint8],
        hashes: Sequence[str] | NDArray[np.str_],
        prepare: Prepare,
        view: View,
        rows: NDArray[np.int64],
    ) -> None:
        self.backbone = backbone
        self.pixels = pixels
        self.rows = rows
        self.hashes = [str(hashes[row]) for row in rows]  # of each line of the table
        self.full_scale = prepare.full_scale
        self.view = view
        kind: np.dtype[np.floating] = np.dtype(np.float16 if backbone.is_bounded else np.float32)
        self.features: Table = np.zeros((len(rows), backbone.outputs), kind)
        key = settings_key(
            features=FEATURES_VERSION,
            backbone=backbone.key,
            side=view.side,
            mirrored=view.mirrored,
            prepare=prepare.to_json(),
            onnxruntime=metadata.version("onnxruntime"),
        )
        self.cache = FeatureCache(key, outputs=backbone.outputs, kind=kind)
        self.missing: list[int] = []
        self.fresh: list[int] = []
        self.kept = self.began = time.monotonic()
        self.extracted = 0

    def recall(self) -> Extraction:
        """Take what the cache knows, and list the rest, identical pictures once."""
        first: dict[str, int] = {}
        for place, name in enumerate(self.hashes):
            first.setdefault(name, place)
        known: set[int] = set()
        for places, table in self.cache.find(self.hashes):
            self.features[places] = table
            known.update(places.tolist())
        self.missing = [place for place in first.values() if place not in known]
        return self.progress(done=len(self.hashes) - len(self.missing))

    def fill(self, threads: int | None) -> Iterator[Extraction]:
        if self.missing:
            engine = FeatureEngine(self._graph(), path=self.backbone.name, threads=threads)
            size = engine.batch_size(3 * self.view.side**2)
            parts = [self.missing[at : at + size] for at in range(0, len(self.missing), size)]
            shown = self.began = self.kept = time.monotonic()
            found = engine.stream(lambda part: self.pixels[self.rows[part]], parts, batch=size)
            for places, table in zip(parts, found, strict=True):
                self.features[places] = table
                self.fresh += places
                self.extracted += len(places)
                self._keep_sometimes()
                if time.monotonic() - shown > STEP_SECONDS:
                    shown = time.monotonic()
                    yield self.progress(done=len(self.hashes) - len(self.missing) + self.extracted)
        self._repeat()

    def keep(self) -> None:
        """Write a pack of what is new."""
        places, self.fresh = self.fresh, []
        self.cache.keep([self.hashes[place] for place in places], self.features[places])
        self.kept = time.monotonic()

    def progress(self, *, done: int) -> Extraction:
        return Extraction(
            done=done,
            total=len(self.hashes),
            extracted=self.extracted,
            seconds=time.monotonic() - self.began,
            features=self.features,
            notes=tuple(self.cache.notes),
        )

    def _graph(self) -> bytes:
        _, height, width, channels = self.pixels.shape
        return self.backbone.graph(
            (height, width, channels), full_scale=self.full_scale, views=(self.view,)
        )

    def _keep_sometimes(self) -> None:
        is_late = time.monotonic() - self.kept > PACK_SECONDS
        if is_late or len(self.fresh) >= PACK_ROWS:
            self.keep()

    def _repeat(self) -> None:
        """Give identical pictures what the first of them got."""
        first: dict[str, int] = {}
        for place, name in enumerate(self.hashes):
            if (source := first.setdefault(name, place)) != place:
                self.features[place] = self.features[source]
