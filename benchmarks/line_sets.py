"""Pictures of lines with their texts, made from a seed: codes of test digits, captchas.

Every reader is given the same files: PNG pictures named by their number, and `labels.csv` with
path and text beside them.
"""

import csv
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.processes import IMAGIER, run_timed
from imagier.datasets import load, open_source, sample
from imagier.datasets.synthetic import STYLES, Glyphs, compose_line, line_generator

__all__ = ["CODE_HEIGHT", "LABELS", "make_captchas", "make_codes", "read_labels", "take_part"]

LABELS = "labels.csv"
CODE_HEIGHT = 48  # rows of a composed code
DIGITS = 5
STYLE = "codes"


def make_codes(folder: Path, count: int, *, seed: int, part: str = "test") -> Path:
    """Compose five-digit codes of the digits of one part of MNIST, where they are not there yet.

    Args:
        folder: Where they will stand.
        count: How many; fewer are the first of more.
        seed: Another seed makes other codes.
        part: `test`, or `train` to try settings on.
    """
    if (folder / LABELS).exists():
        return folder
    folder.mkdir(parents=True)
    glyphs = _glyphs(part)
    texts = {}
    for number in range(count):
        generator = line_generator(seed, 1, number)
        text = "".join(map(str, generator.integers(0, 10, DIGITS)))
        line = compose_line(text, glyphs, STYLES[STYLE], generator, height=CODE_HEIGHT)
        name = f"{number:05}.png"
        Image.fromarray(line).save(folder / name)
        texts[name] = text
    _write_labels(folder, texts)
    return folder


def make_captchas(folder: Path, count: int, *, length: str, seed: int) -> Path:
    """Draw captchas with the package `captcha`: its font, its size, digits and small letters."""
    if not folder.exists():
        words = ("--engine", "captcha", "--length", length, "--count", str(count))
        out = ("--seed", str(seed), "--out", str(folder), "--quiet")
        run_timed((*IMAGIER, "make", "captchas", *words, *out))
    return folder


def take_part(source: Path, model: Path, folder: Path, *, part: str = "test") -> Path:
    """Copy the pictures of one part, as the `split.csv` of a model tells, with their texts.

    Args:
        source: Pictures that are called by their texts, or with a table `labels.csv`.
        model: The model's folder.
        folder: Where they will stand.
        part: `train`, `validation` or `test`.
    """
    known = read_labels(source) if (source / LABELS).exists() else {}
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    texts = {}
    with (model / "split.csv").open(encoding="utf-8", newline="") as stream:
        names = [row["file"] for row in csv.DictReader(stream) if row["part"] == part]
    for number, name in enumerate(sorted(names)):
        target = f"{number:05}{Path(name).suffix}"
        shutil.copy(source / name, folder / target)
        texts[target] = known.get(name) or Path(name).stem
    _write_labels(folder, texts)
    return folder


def read_labels(folder: Path) -> dict[str, str]:
    """Read the texts, by the paths of their pictures below the folder."""
    with (folder / LABELS).open(encoding="utf-8", newline="") as stream:
        return {row["path"]: row["text"] for row in csv.DictReader(stream)}


def _glyphs(part: str) -> Glyphs:
    listing = open_source("mnist")
    listing = listing.take(row for row, own in enumerate(listing.parts) if own == part)
    dataset = load(listing, sample(listing).choose(ink=False, fit="pad"))
    levels = dataset.pixels.astype(np.float32) * (255 / dataset.prepare.full_scale)
    pixels = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    return Glyphs.of_dataset(pixels, dataset.labels, dataset.classes)


def _write_labels(folder: Path, texts: Mapping[str, str]) -> None:
    with (folder / LABELS).open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(("path", "text"))
        table.writerows(texts.items())
