"""Started as a process of its own: palettes and segments against scikit-learn's k-means.

Both sides are Python functions here, so they take turns in one process: theirs, ours, ours,
theirs, with as many threads (one, set by whoever starts this). Ours is given the picture as it was
decoded and gives every pixel its number; theirs is given all pixels as floats, made before the
clock starts. Compiled code is in its cache: a first round is not counted. Prints one JSON object.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.palette import histogram, reduce_colours
from imagier.segmentation import balanced, segment

__all__ = ["main"]

SEEDS = 5  # their mean error, and both sides' median time, are over so many
LARGE = 5  # times each side: 0.39 million pixels become 9.8
PER_COLOUR = (10, 20)  # pixels a distinct colour that a large picture shall have
Pixels = NDArray[np.uint8]
Answer = tuple[float, float]  # seconds, squared error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """One picture: how many times faster, and the error as a share of theirs."""

    ratio: float
    error: float
    seconds: float


def main(kind: str, folder: str, k: str, most: str) -> None:
    """Print the figures of `palette`, `large` or `segment` over at most so many pictures."""
    paths = sorted(Path(folder).glob("*.png"))
    contest = _segments if kind == "segment" else _palettes
    pictures = _large(paths) if kind == "large" else map(_read, paths)
    chosen = [one for _, one in zip(range(int(most)), pictures, strict=False)]
    seeds = 1 if kind == "large" else SEEDS
    rounds = [_compare(*contest(pixels, int(k)), seeds) for pixels in chosen]
    figures = {
        "seconds_ratio": _geometric([one.ratio for one in rounds]),
        "error_ratio": _geometric([one.error for one in rounds]),
        "worst_error_ratio": max(one.error for one in rounds),
        "own_seconds": round(statistics.fmean(one.seconds for one in rounds), 4),
        "ratios": [round(one.ratio, 2) for one in rounds],
        "error_ratios": [round(one.error, 4) for one in rounds],
        "pixels": [pixels.size // 3 for pixels in chosen],
        "pixels_per_colour": [round(_pixels_per_colour(pixels), 1) for pixels in chosen],
        "pictures": len(chosen),
        "seeds": seeds,
    }
    print(json.dumps(figures))


def _compare(ours: Callable[[int], Answer], theirs: Callable[[int], Answer], seeds: int) -> _Round:
    """Let the two take turns; ours always begins from its one seed, as the product does."""
    ours(0)
    own: list[Answer] = []
    other: list[Answer] = []
    for seed in range(seeds):
        if seed % 2:
            own.append(ours(0))
            other.append(theirs(seed))
        else:
            other.append(theirs(seed))
            own.append(ours(0))
    seconds = statistics.median(took for took, _ in own)
    return _Round(
        ratio=statistics.median(took for took, _ in other) / seconds,
        error=own[0][1] / statistics.fmean(error for _, error in other),
        seconds=seconds,
    )


def _palettes(pixels: Pixels, k: int) -> "tuple[Callable[[int], Answer], Callable[[int], Answer]]":
    points = pixels.reshape(-1, 3).astype(np.float32)

    def ours(seed: int) -> Answer:
        reduced = reduce_colours(pixels, k, seed=seed)
        return reduced.seconds, float(reduced.squared_error)

    return ours, lambda seed: _kmeans(points, k, seed)


def _segments(pixels: Pixels, k: int) -> "tuple[Callable[[int], Answer], Callable[[int], Answer]]":
    height, width = pixels.shape[:2]
    weights = balanced(height, width)
    rows, columns = np.mgrid[:height, :width]
    table = np.stack([columns, rows, *np.moveaxis(pixels, 2, 0)], axis=2).reshape(-1, 5)
    points = (table * np.sqrt([weights[0], *weights])).astype(np.float32)

    def ours(seed: int) -> Answer:
        found = segment(pixels, k, weights=weights, seed=seed)
        return found.seconds, found.inertia

    return ours, lambda seed: _kmeans(points, k, seed)


def _kmeans(points: NDArray[np.float32], k: int, seed: int) -> Answer:
    """Run theirs: one beginning, all else as it comes; its centres are not rounded to levels."""
    from sklearn.cluster import KMeans

    began = time.perf_counter()
    found = KMeans(k, n_init=1, random_state=seed).fit(points)
    return time.perf_counter() - began, float(found.inertia_)


def _large(paths: Sequence[Path]) -> Iterator[Pixels]:
    """Enlarge pictures fivefold, bicubically; keep those with 10 to 20 pixels a distinct colour."""
    for path in paths:
        image = Image.fromarray(_read(path))
        size = (LARGE * image.width, LARGE * image.height)
        pixels = np.asarray(image.resize(size, Image.Resampling.BICUBIC))
        if PER_COLOUR[0] <= _pixels_per_colour(pixels) <= PER_COLOUR[1]:
            yield pixels


def _read(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def _pixels_per_colour(pixels: Pixels) -> float:
    return pixels.size / 3 / len(histogram(pixels).counts)


def _geometric(values: Sequence[float]) -> float:
    return round(statistics.geometric_mean(values), 4)


if __name__ == "__main__":
    main(*sys.argv[1:])
