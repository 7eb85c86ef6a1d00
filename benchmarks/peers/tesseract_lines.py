"""Tesseract told that each picture is one line of given characters.

One process reads all pictures of a list, as its manual shows, so that it loads once; the seconds
are those of that process, which has one thread: on lines this short more of them only wait for one
another. Its manual wants dark characters about 30 pixels high on light paper with a border around
them, which is what they are given here. Ways, joined by `+`: `border`, and `half` or `double` the
size.

Source: tesseract-ocr.github.io/tessdoc/ImproveQuality.html; manual page tesseract(1).
"""

import os
import subprocess
import tempfile
import time
from importlib import import_module
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

__all__ = ["main"]

WAY = "half+border"
BORDER = 10  # pixels
FACTORS = {"half": 0.5, "double": 2.0}
END = "\f"  # between pages


def main() -> None:
    """Read the lines of a folder."""
    frame = import_module("lines")  # beside this script
    asked = frame.parse()
    names = frame.pictures_of(asked.folder)
    with tempfile.TemporaryDirectory() as folder:
        paths = _prepared(asked.folder, names, Path(folder), (asked.way or WAY).split("+"))
        listed = Path(folder) / "list.txt"
        listed.write_text("\n".join(map(str, paths)) + "\n")
        few = f"tessedit_char_whitelist={asked.characters}"
        command = ("tesseract", str(listed), "-", "--psm", "7", "-c", few)
        began = time.perf_counter()
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},
        )
        seconds = time.perf_counter() - began
    pages = done.stdout.split(END)[: len(names)]
    frame.tell(names, ["".join(page.split()) for page in pages], seconds)


def _prepared(source: Path, names: list[str], folder: Path, ways: list[str]) -> list[Path]:
    paths = []
    for number, name in enumerate(names):
        with Image.open(source / name) as picture:
            line = picture.convert("L")
        factor = next((FACTORS[way] for way in ways if way in FACTORS), 1.0)
        if factor != 1:
            size = round(line.width * factor), round(line.height * factor)
            line = line.resize(size, Image.Resampling.LANCZOS)
        if "border" in ways:
            levels = np.asarray(line)
            paper = np.median(np.concatenate([levels[0], levels[-1]]))
            line = ImageOps.expand(line, BORDER, fill=int(paper))
        path = folder / f"{number:05}.png"
        line.save(path, dpi=(300, 300))
        paths.append(path)
    return paths


if __name__ == "__main__":
    main()
