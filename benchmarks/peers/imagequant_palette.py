"""imagequant, the engine of pngquant: its palette without dithering, its squared error.

`imagequant_palette.py K PICTURE...` prints one line of JSON a picture. Stands alone: its library is
under the GPL and lives in an environment of its own. The raw call is used, the one for Pillow's
images being slow in Python.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
from PIL import Image

__all__ = ["main"]


def main(k: str, *paths: str) -> None:
    """Print the squared error over all levels of each picture in k colours."""
    imagequant = import_module("imagequant")  # in its own environment only
    for path in paths:
        with Image.open(path) as image:
            picture = image.convert("RGB")
        width, height = picture.size
        indices, palette = imagequant.quantize_raw_rgba_bytes(
            picture.convert("RGBA").tobytes(), width, height, dithering_level=0.0, max_colors=int(k)
        )
        colours = np.array(palette[: 4 * int(k)], np.uint8).reshape(-1, 4)[:, :3]
        labels = np.frombuffer(bytes(indices), np.uint8).reshape(height, width)
        apart = colours[labels].astype(np.int64) - np.asarray(picture)
        answer = {"name": Path(path).name, "squared_error": int((apart**2).sum())}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
