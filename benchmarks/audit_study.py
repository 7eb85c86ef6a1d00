"""What does `imagier check` find of faults that were planted in a copy of a folder of photos?

    python -m benchmarks.audit_study FOLDER [SEED]

FOLDER holds a folder of photos for each class. Copies of 200 photos each are put beside their
originals: as they are, recompressed, halved, mirrored, turned, cropped; then 3 % of the names are
exchanged for others. Each time the command is run as users run it.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

__all__ = ["main"]

COPIES, SHARE_OF_FLIPS, CROP = 200, 0.03, 0.05

Change = Callable[[Image.Image], Image.Image]


def main() -> None:
    """Print one JSON object: the share found of each fault, false pairs, seconds."""
    folder = Path(sys.argv[1])
    generator = np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    photos = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    with tempfile.TemporaryDirectory() as place:
        found = {
            "copies": _copies(folder, photos, Path(place) / "copies", generator),
            "names": _names(folder, photos, Path(place) / "names", generator),
        }
    print(json.dumps(found, indent=1))


def _copies(
    folder: Path, photos: list[Path], place: Path, generator: np.random.Generator
) -> dict[str, Any]:
    shutil.copytree(folder, place)
    chosen = iter(generator.permutation(len(photos)))
    originals: dict[str, dict[str, str]] = {}
    for kind, change in _changes(generator).items():
        originals[kind] = {}
        for _, row in zip(range(COPIES), chosen, strict=False):
            original = photos[row]
            copy = original.parent / f"copy {kind} {original.stem}.jpg"
            _plant(folder / original, place / copy, change)
            originals[kind][copy.as_posix()] = original.as_posix()
    genuine, _ = _pairs(folder)
    pairs, seconds = _pairs(place)
    source = {copy: original for of in originals.values() for copy, original in of.items()}
    meant = (frozenset(source.get(path, path) for path in pair) for pair in pairs)
    return {
        "found": {
            kind: round(sum(frozenset(pair) in pairs for pair in of.items()) / len(of), 4)
            for kind, of in originals.items()
        },
        "pairs": len(pairs),
        "false_pairs": sum(len(pair) == 2 and pair not in genuine for pair in meant),
        "genuine_pairs": len(genuine),
        "seconds": seconds,
    }


def _changes(generator: np.random.Generator) -> dict[str, Change | None]:
    """Give for each kind of copy what is done to the photo; None for a copy of the file."""
    turn = Image.Transpose
    return {
        "exact": None,
        "jpeg 50": _recompressed,
        "half": lambda photo: photo.resize((photo.width // 2, photo.height // 2)),
        "mirrored": ImageOps.mirror,
        "upside down": ImageOps.flip,
        "turned 90": lambda photo: photo.transpose(turn.ROTATE_90),
        "turned 270": lambda photo: photo.transpose(turn.ROTATE_270),
        "cropped 5 %": lambda photo: _cropped(photo, generator),
    }


def _recompressed(photo: Image.Image) -> Image.Image:
    file = BytesIO()
    photo.save(file, "JPEG", quality=50)
    return Image.open(file)


def _cropped(photo: Image.Image, generator: np.random.Generator) -> Image.Image:
    width, height = (round(side * CROP) for side in photo.size)
    left, top = int(generator.integers(0, width + 1)), int(generator.integers(0, height + 1))
    return photo.crop((left, top, left + photo.width - width, top + photo.height - height))


def _plant(original: Path, copy: Path, change: Change | None) -> None:
    if change is None:
        shutil.copy(original, copy)
        return
    photo = ImageOps.exif_transpose(Image.open(original)).convert("RGB")
    change(photo).save(copy, "JPEG", quality=90)


def _pairs(source: Path) -> tuple[set[frozenset[str]], float]:
    told, seconds = _check(source)
    groups = told["duplicates"]
    return {frozenset(pair) for group in groups for pair in combinations(group, 2)}, seconds


def _names(
    folder: Path, photos: list[Path], place: Path, generator: np.random.Generator
) -> dict[str, Any]:
    shutil.copytree(folder, place / "photos")
    classes = sorted({photo.parts[0] for photo in photos})
    rows = generator.choice(len(photos), round(SHARE_OF_FLIPS * len(photos)), replace=False)
    flipped = {f"photos/{photos[row].as_posix()}" for row in rows}
    lines = ["path,label"]
    for photo in photos:
        path, label = f"photos/{photo.as_posix()}", photo.parts[0]
        others = [name for name in classes if name != label]
        lines.append(f"{path},{generator.choice(others) if path in flipped else label}")
    table = place / "names.csv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    told, seconds = _check(table)
    ranked = [one["path"] for one in told["label_errors"]]
    return {
        "flips": len(flipped),
        "found_in_top_2": round(len(flipped & set(ranked[: 2 * len(flipped)])) / len(flipped), 4),
        "found_in_top_1": round(len(flipped & set(ranked[: len(flipped)])) / len(flipped), 4),
        "seconds": seconds,
    }


def _check(source: Path) -> tuple[dict[str, Any], float]:
    began = time.monotonic()
    words = [sys.executable, "-P", "-m", "imagier", "check", str(source), "--json", "--quiet"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout), round(time.monotonic() - began, 1)


if __name__ == "__main__":
    main()
