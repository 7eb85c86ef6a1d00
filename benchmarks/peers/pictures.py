"""Pictures for the peers, from the same files: IDX, or class folders of photos."""

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

__all__ = ["Part", "class_folders", "read_part", "read_parts"]

Part = tuple[np.ndarray[Any, np.dtype[np.uint8]], np.ndarray[Any, np.dtype[np.int64]]]
IDX = {"train": "train", "test": "t10k"}
FOLDERS = {"train": "train", "test": "validation"}
HEADERS = {"images-idx3-ubyte": 16, "labels-idx1-ubyte": 8}  # bytes before the values


def read_parts(
    source: str, *, side: int | None = None, pictures: int | None = None
) -> tuple[Part, Part]:
    """Read what to learn from and what to be tested on.

    Args:
        source: A folder of the four IDX files, or one with `train/` and `validation/`.
        side: Pixels a side that photos are brought to.
        pictures: Keep so many of the training pictures, drawn at random.

    Returns:
        Pixels (N, H, W, C) and labels (N,) for each.
    """
    (pixels, labels), test = read_part(source, "train", side), read_part(source, "test", side)
    if pictures is not None:
        rows = np.random.default_rng(0).permutation(len(labels))[:pictures]
        pixels, labels = pixels[rows], labels[rows]
    return (pixels, labels), test


def read_part(source: str, part: str, side: int | None = None) -> Part:
    """Read one part, `train` or `test`."""
    folder = Path(source)
    if (folder / FOLDERS["train"]).is_dir():
        return _read_folders(folder / FOLDERS[part], side or 64)
    values = [_read_idx(folder, f"{IDX[part]}-{kind}", skip) for kind, skip in HEADERS.items()]
    pixels = values[0].reshape(len(values[1]), 28, 28, 1)
    return pixels if side is None else _resize(pixels, side), values[1].astype(np.int64)


def class_folders(folder: Path) -> Sequence[Path]:
    """List the folders of a part, one a class, in the order of their labels."""
    return sorted(entry for entry in folder.iterdir() if entry.is_dir())


def _read_idx(folder: Path, name: str, skip: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    packed = folder / f"{name}.gz"
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else None
    return np.frombuffer(content or (folder / name).read_bytes(), np.uint8, offset=skip)


def _read_folders(folder: Path, side: int) -> Part:
    pixels, labels = [], []
    for label, place in enumerate(class_folders(folder)):
        for file in sorted(place.iterdir()):
            with Image.open(file) as picture:
                picture.draft("RGB", (side, side))
                pixels.append(np.asarray(picture.convert("RGB").resize((side, side))))
            labels.append(label)
    return np.stack(pixels), np.array(labels, np.int64)


def _resize(
    pixels: np.ndarray[Any, np.dtype[np.uint8]], side: int
) -> np.ndarray[Any, np.dtype[np.uint8]]:
    grey = (Image.fromarray(one[..., 0]).resize((side, side)) for one in pixels)
    return np.stack([np.asarray(one) for one in grey])[..., None]
