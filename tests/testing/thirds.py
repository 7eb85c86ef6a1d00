"""A model that tells in which third a picture is bright, and folders of such pictures."""

import importlib.util
from pathlib import Path

import numpy as np
from PIL import Image

RECOGNIZER_TESTS = Path(__file__).parents[1] / "recognizer"
NAMES = ("left", "middle", "right")


def load_builders():
    """Give the module that builds tiny recognisers."""
    path = RECOGNIZER_TESTS / "tiny_models.py"
    spec = importlib.util.spec_from_file_location("tiny_models", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_pictures(folder, n=6, *, names=NAMES, wrong=0, seed=0):
    """Write n different pictures a name; the first `wrong` of the first name are named falsely."""
    rng = np.random.default_rng(seed)
    for third, name in enumerate(names):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(n):
            shown = (third + 1) % 3 if third == 0 and number < wrong else third
            pixels = rng.integers(0, 60, (9, 9)).astype(np.uint8)
            pixels[:, 3 * shown : 3 * shown + 3] += 170
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder
