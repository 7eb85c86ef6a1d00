"""The squared error of palettes against that of other quantizers, picture by picture.

Pillow's are called here; imagequant, which is under the GPL, runs in an environment of its own.
No clock: these rows are about quality.
"""

import json
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.environments import PEERS, python_of, versions_of
from benchmarks.processes import FailedError, Figures, fill, run_timed

__all__ = ["quantize"]

SCRIPT = Path(__file__).with_name("peers") / "imagequant_palette.py"


def quantize(arguments: Sequence[str], seed: int, _: Path) -> Figures:
    """Compare with one quantizer: its name, the folder of pictures, the number of colours.

    Returns:
        `error_ratio`, the geometric mean over the pictures of our squared error by theirs.

    Raises:
        FailedError: There are no pictures, or imagequant cannot be installed.
    """
    from imagier.palette import reduce_colours

    name, folder, k = fill(arguments, seed)
    paths = sorted(Path(folder).glob("*.png"))
    if not paths:
        reason = f"{folder} holds no PNG file"
        raise FailedError(reason)
    theirs = dict(_imagequant(paths, k) if name == "imagequant" else _pillow(name, paths, int(k)))
    ratios = []
    for path in paths:
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("RGB"))
        ratios.append(reduce_colours(pixels, int(k), seed=seed).squared_error / theirs[path.name])
    return {
        "error_ratio": round(statistics.geometric_mean(ratios), 4),
        "worst_error_ratio": round(max(ratios), 4),
        "error_ratios": [round(ratio, 4) for ratio in ratios],
        "pictures": len(paths),
        "versions": versions_of(PEERS["imagequant_palette"]) if name == "imagequant" else {},
    }


def _pillow(name: str, paths: Sequence[Path], k: int) -> Iterator[tuple[str, float]]:
    for path in paths:
        with Image.open(path) as image:
            picture = image.convert("RGB")
        reduced = picture.quantize(k, Image.Quantize[name.upper()], dither=Image.Dither.NONE)
        apart = np.asarray(reduced.convert("RGB")).astype(np.int64) - np.asarray(picture)
        yield path.name, float((apart**2).sum())


def _imagequant(paths: Sequence[Path], k: str) -> Iterator[tuple[str, float]]:
    python = python_of(PEERS["imagequant_palette"])
    _, output, _ = run_timed((str(python), str(SCRIPT), k, *map(str, paths)))
    for line in output.splitlines():
        answer = json.loads(line)
        yield answer["name"], answer["squared_error"]
