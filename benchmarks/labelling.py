"""Labelling many pictures: its pace and its memory, on this machine and on Ray; and kills."""

import gzip
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.label_kills import kill_labelling
from benchmarks.processes import IMAGIER, FailedError, Figures, fill, run_timed
from benchmarks.synthetic import write_small_pictures

__all__ = ["kill_label", "label_memory", "label_pace"]

PACE = Path(__file__).with_name("label_pace.py")
# the memory of a process is read by the process itself, at its end
WATCHED = (
    "import re, sys; from imagier.cli import imagier; from imagier.cli.running import run;"
    "code = run(imagier, sys.argv[1:]);"
    "said = open('/proc/self/status').read();"
    "print(re.search(r'VmHWM:\\s+(\\d+)', said)[1], file=sys.stderr); sys.exit(code)"
)


def label_pace(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Measure labelling beside decoding and recognising alone, as `label_pace.py` tells.

    Args:
        arguments: A folder of photos, or that of MNIST; how many pictures, how many rounds,
            perhaps `ray`.
        seed: Draws the pictures, and makes the model.
        work: Where they are written.
    """
    source, n, *rest = fill(arguments, seed)
    is_mnist = Path(source).name == "mnist"
    folder = _digits(Path(source), work, int(n)) if is_mnist else Path(source)
    model = _model(work, "mnist" if is_mnist else source, seed)
    output = run_timed((sys.executable, str(PACE), str(model), str(folder), n, *rest))[1]
    figures: Figures = json.loads(output.splitlines()[-1])
    return figures | {"command": "imagier label FOLDER --model MODEL --out names.csv"}


def label_memory(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Compare the peak memory of labelling few and many small pictures."""
    model, peaks = _model(work, "digits", seed), []
    for number in map(int, arguments):
        folder = work / f"small-{number}"
        if not folder.exists():
            write_small_pictures(folder, number, seed=seed)
        words = ("label", str(folder), "--model", str(model), "--quiet")
        out = ("--out", str(work / f"rows-{number}.csv"), "--force")
        said = run_timed((sys.executable, "-c", WATCHED, *words, *out))[2].split()
        if not said or not said[-1].isdigit():
            raise FailedError("this system does not tell the peak memory of a process")
        peaks.append(int(said[-1]) / 1024)
    return {
        "peak_megabytes": [round(peak, 1) for peak in peaks],
        "extra_megabytes": round(peaks[-1] - peaks[0], 1),
    }


def kill_label(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Kill a labelling of so many pictures at so many instants; count what is wrong afterwards."""
    kills, n = map(int, arguments)
    folder = work / f"killed-{n}"
    if not folder.exists():
        write_small_pictures(folder, n, seed=seed)
    figures = kill_labelling(_model(work, "digits", seed), folder, work, kills=kills, seed=seed)
    wrong = ("lost", "doubled", "torn", "different")
    return figures | {"wrong": sum(int(figures[name]) for name in wrong)}


def _digits(idx: Path, work: Path, n: int) -> Path:
    """Write digits of MNIST as PNGs of 28 x 28 pixels, a thousand in a folder."""
    folder = work / f"digits-{n}"
    if folder.exists():
        return folder
    with gzip.open(idx / "train-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    for number in range(n):
        place = folder / f"{number // 1000:03}"
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[number % len(pixels)]).save(place / f"{number}.png")
    return folder


def _model(work: Path, source: str, seed: int) -> Path:
    """Give a model of a source, learnt once: a small network of digits, or features of photos."""
    is_digits = Path(source).name in {"digits", "mnist"}
    model = work / f"label-{Path(source).name}.imagier"
    if not model.exists():
        options = ("--network", "cnn:16,32", "--epochs", "1") if is_digits else ("--budget", "60s")
        words = (*IMAGIER, "train", source, *options, "--seed", str(seed))
        run_timed((*words, "--out", str(model), "--quiet"))
    return model
