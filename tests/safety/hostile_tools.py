"""The tools on one large picture: sound, small on disk, of nearly as many pixels as are read."""

import io
from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image

from tests.safety.picture_bytes import LARGE, png_of

__all__ = ["SHOWN", "TOOLS"]

TOOLS: dict[str, tuple[str, ...]] = {
    "pixels": ("pixels", "{file}"),
    "pixels --out": ("pixels", "{file}", "--out", "new.csv"),
    "pixels OTHER": ("pixels", "{file}", "{file}"),
    "pixels --resize": ("pixels", "{file}", "--resize", "18x18"),
    "convolve": ("convolve", "{file}", "--relu", "--kernel", "edges"),
    "convolve --pool": (
        *("convolve", "{file}", "--kernel", "edges", "--kernel", "blur", "--pool", "2"),
    ),
    "convolve --plot": ("convolve", "{file}", "--relu", "--plot", "new.png"),
    "convolve --padding": ("convolve", "{file}", "--kernel", "edges", "--padding", "1000"),
    "convolve --model": ("convolve", "{file}", "--model", "real.imagier"),
    "segment": ("segment", "{file}"),
    "segment -k 256": ("segment", "{file}", "-k", "256"),
    "palette": ("palette", "{file}"),
    "palette --dither": ("palette", "{file}", "--dither", "-k", "256"),
    "palette --quality": ("palette", "{file}", "--quality", "40"),
    "palette --table": ("palette", "{file}", "--table", "new.csv"),
    "strip": ("strip", "{file}"),
    "strip, six": ("strip", "six"),
    "explain": ("explain", "real.imagier", "{file}", "--out", "new.svg"),
    "cluster": ("cluster", "six", "-k", "2"),
    "cluster --describe": ("cluster", "six", "-k", "2", "--describe", "histogram"),
    "train": ("train", "rows.csv", "--network", "linear", "--epochs", "1", "--out", "new.imagier"),
    "test": ("test", "thirds.imagier", "rows.csv"),
}


def noisy() -> bytes:
    """Write a JPEG of noise, enlarged: many colours."""
    levels = np.random.default_rng(0).integers(0, 256, (1000, 1000, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(levels).resize((LARGE, LARGE)).save(file, "JPEG", quality=30)
    return file.getvalue()


SHOWN: dict[str, Callable[[], bytes]] = {
    "colour.png": partial(png_of, LARGE, mode="RGB"),
    "grey.png": partial(png_of, LARGE, mode="L"),
    "noise.jpg": noisy,
}
