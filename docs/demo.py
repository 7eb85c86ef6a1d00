"""The demo of `make demo`: learn the digits, test, then name five pictures never seen.

Every step is a command that could be typed; the demo types it.
"""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from imagier.datasets import load, open_source, sample

MODEL = Path("digits.imagier")
PICTURES = Path("demo")
MANY = 5


def main() -> None:
    """Train, write five pictures of the test part as files, and name them."""
    imagier("train", "digits", "--out", str(MODEL), "--force")
    pictures = write_test_pictures()
    print(f"\nThe report: {(MODEL / 'report.html').resolve()}\n")
    imagier("predict", str(MODEL), *map(str, pictures))


def imagier(*words: str) -> None:
    """Run one command of imagier, shown first."""
    print("$ imagier " + " ".join(words), flush=True)
    done = subprocess.run([sys.executable, "-m", "imagier", *words], check=False)
    if done.returncode:
        sys.exit(done.returncode)


def write_test_pictures() -> list[Path]:
    """Write the first five digits of the test part as PNG files, enlarged for the eye."""
    with (MODEL / "split.csv").open(encoding="utf-8", newline="") as file:
        names = [row["file"] for row in csv.DictReader(file) if row["part"] == "test"]
    listing = open_source("digits")
    digits = load(listing, sample(listing).choose()).pixels[..., 0]
    PICTURES.mkdir(exist_ok=True)
    files = []
    for name in names[:MANY]:
        number = int(name.rpartition("/")[2])
        levels = np.rint(digits[number] * (255 / 16)).astype(np.uint8)
        file = PICTURES / f"a-{listing.labels[number]}-{number}.png"
        Image.fromarray(levels).save(file)
        files.append(file)
    return files


if __name__ == "__main__":
    main()
