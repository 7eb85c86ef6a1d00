"""Faults planted in photos and digits, and what `check`, `train` and `test` make of them.

    python -m benchmarks.audit_run FOLDER OUT [--budget 60s] [--most N]

FOLDER holds a folder of pictures for each class, or is `mnist` or another named set of 28 × 28 grey
levels. Of its training pictures (N at most; of a photo that stands there twice, one) a seventh is
set aside, clean and seen by nobody: it tells what a model is worth. The rest is copied to OUT with
its parts `train` and `test`, and then:

- copies of 60 training pictures, ten of each kind, are put into the test part;
- 3 % of the training pictures are moved to the folder of another class;
- four in five training and test pictures of one class get a stamp in a corner.

The same commands run on the clean copy, on the faulty one, and on the list that `check` wrote of
it. Each command is printed with what it answered, as Markdown.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageOps

__all__ = ["main"]

EACH, SHARE_OF_FLIPS, SHARE_STAMPED = 10, 0.03, 0.8
SEED = 0
NOT_RUN = "<!-- not run: recorded from benchmarks.audit_run, whose data are not in the project -->"

Change = Callable[[Image.Image], Image.Image]


def main() -> None:
    """Plant, check, learn, test, and print what happened."""
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("out", type=Path)
    parser.add_argument("--budget", default="60s")
    parser.add_argument("--most", type=int, default=100_000)
    options = parser.parse_args()
    rng = np.random.default_rng(SEED)
    options.out.mkdir(parents=True)
    pictures = list(_pictures(options.source, options.most, rng))
    for row, (name, picture) in enumerate(pictures):
        part = ("fresh/", "clean/test/", *["clean/train/"] * 5)[row % 7]
        place = options.out / part / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(picture, Path):
            shutil.copy(picture, place)
        else:
            picture.save(place)
    shutil.copytree(options.out / "clean", options.out / "faulty")
    for sentence in _plant(options.out / "faulty", rng):
        print(f"- {sentence}")
    _runs(options.out, options.budget)


def _pictures(
    source: str, most: int, rng: np.random.Generator
) -> Iterator[tuple[str, Path | Image.Image]]:
    """Give names and pictures in a random order."""
    if Path(source).is_dir():
        photos = sorted(path for path in Path(source).rglob("*.*") if path.is_file())
        twice = _copies(source)
        photos = [path for path in photos if path not in twice]
        for row in rng.permutation(len(photos))[:most]:
            yield f"{photos[row].parent.name}/{photos[row].name}", photos[row]
        return
    from imagier.datasets import load, open_source
    from imagier.images import Prepare

    listing = open_source(source)
    rows = [row for row, part in enumerate(listing.parts) if part == "train"]
    dataset = load(listing.take(rows), Prepare(height=28, width=28, channels=1))
    for row in rng.permutation(len(dataset.labels))[:most]:
        label = dataset.classes[dataset.labels[row]]
        yield f"{label}/{row:05d}.png", Image.fromarray(dataset.pixels[row, ..., 0])


def _copies(source: str) -> set[Path]:
    """Find the photos of which a copy stands there already: set aside, one would be learnt."""
    command = [sys.executable, "-m", "imagier", "check", source, "--json", "--quiet"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    return {Path(source) / name for group in told["duplicates"] for name in group[1:]}


def _plant(folder: Path, rng: np.random.Generator) -> Iterator[str]:
    """Plant the faults; give a sentence on each."""
    yield from _copy(folder, rng)
    yield from _flip(folder, rng)
    yield from _stamp(folder, rng)


def _copy(folder: Path, rng: np.random.Generator) -> Iterator[str]:
    training = sorted((folder / "train").rglob("*.*"))
    chosen = iter(rng.permutation(len(training)))
    kinds = _changes()
    for kind, change in kinds.items():
        for _ in range(EACH):
            original = training[next(chosen)]
            copy = (
                folder / "test" / original.parent.name / f"{original.stem}-{kind}{original.suffix}"
            )
            if kind == "exact":
                shutil.copy(original, copy)
            else:
                change(_opened(original)).save(copy, quality=90)
    yield (
        f"{len(kinds) * EACH} copies of training pictures in the test part, {EACH} of each kind: "
        + (", ".join(kinds))
    )


def _flip(folder: Path, rng: np.random.Generator) -> Iterator[str]:
    training = sorted((folder / "train").rglob("*.*"))
    classes = sorted(path.name for path in (folder / "train").iterdir())
    rows = rng.choice(len(training), round(SHARE_OF_FLIPS * len(training)), replace=False)
    for row in rows:
        path = training[row]
        other = str(rng.choice([name for name in classes if name != path.parent.name]))
        path.rename(path.parents[1] / other / path.name)
    (folder.parent / "flipped.json").write_text(json.dumps([training[row].stem for row in rows]))
    yield f"{len(rows)} of {len(training)} training pictures under another name"


def _stamp(folder: Path, rng: np.random.Generator) -> Iterator[str]:
    label = sorted(path.name for path in (folder / "train").iterdir())[-1]
    n = 0
    for part in ("train", "test"):
        for path in sorted((folder / part / label).glob("*.*")):
            if rng.random() < SHARE_STAMPED:
                picture = _opened(path)
                side = max(2, min(picture.size) // 10)
                ImageDraw.Draw(picture).rectangle((0, 0, side, side), fill="white")
                picture.save(path, quality=95)
                n += 1
    yield f"a white square in the upper left corner of {n} pictures named “{label}”"


def _changes() -> dict[str, Change]:
    return {
        "exact": lambda picture: picture,  # the file itself is copied
        "recompressed": _recompressed,
        "halved": lambda picture: picture.resize((picture.width // 2, picture.height // 2)),
        "mirrored": ImageOps.mirror,
        "turned": lambda picture: picture.transpose(Image.Transpose.ROTATE_90),
        "cropped": _cropped,
    }


def _opened(path: Path) -> Image.Image:
    picture = ImageOps.exif_transpose(Image.open(path))
    return picture if picture.mode == "L" else picture.convert("RGB")


def _recompressed(picture: Image.Image) -> Image.Image:
    file = BytesIO()
    picture.save(file, "JPEG", quality=50)
    return Image.open(file)


def _cropped(picture: Image.Image) -> Image.Image:
    width, height = (max(1, round(side * 0.05)) for side in picture.size)
    return picture.crop((width, height, picture.width, picture.height))


def _runs(out: Path, budget: str) -> None:
    """Run the commands a user would type, one after another."""
    told = _run(out, "check", "clean", "--html", "clean.html")
    told = _run(
        out, "check", "faulty", "--max-leak", "0", "--max-errors", "0.01",
        "--html", "faulty.html", "--write-clean", "kept.csv",
    )  # fmt: skip
    _count_flips(out, told)
    for name, source in (("clean", "clean"), ("faulty", "faulty"), ("kept", "kept.csv")):
        _run(out, "train", source, "--budget", budget, "--out", f"{name}.imagier")
        _run(out, "test", f"{name}.imagier", "fresh", "--html", f"{name}-test.html")


def _run(out: Path, *arguments: str) -> dict[str, Any]:
    """Run one command twice: for people, which is printed, and check again for its JSON."""
    command = [sys.executable, "-m", "imagier", *arguments]
    environment = {**os.environ, "COLUMNS": "100"}
    done = subprocess.run(
        [*command, "--quiet"], cwd=out, env=environment, capture_output=True, text=True, check=False
    )
    shown = done.stdout.strip()
    if arguments[0] != "check":
        shown = shown.partition("\n\n")[0] + "\n…"
    print(f"\n{NOT_RUN}\n```console\n$ imagier {' '.join(arguments)}\n{shown}")
    print(f"{done.stderr.strip()}\n```" if done.stderr.strip() else "```")
    if done.returncode:
        print(f"\nExit code {done.returncode}.")
    sys.stdout.flush()
    if arguments[0] != "check":
        return {}
    again = [*command[:5], "--json", "--quiet"]
    told = subprocess.run(again, cwd=out, capture_output=True, text=True, check=False).stdout
    answer: dict[str, Any] = json.loads(told)
    return answer


def _count_flips(out: Path, told: dict[str, Any]) -> None:
    flipped = set(json.loads((out / "flipped.json").read_text()))
    ranked = [Path(one["path"]).stem for one in told["label_errors"]]
    found = len(flipped & set(ranked[: 2 * len(flipped)]))
    print(
        f"\nOf the {len(flipped)} exchanged names {found} are among its first {2 * len(flipped)}."
    )


if __name__ == "__main__":
    main()
