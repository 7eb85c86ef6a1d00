"""Captchas as the package `captcha` draws them, which many sites and papers use.

The package takes its chance from the system, so that no picture can be made twice. Here it is
loaded once more as a module of our own whose chance comes from a generator; the package itself is
left as it is.
"""

import importlib.util
import sys
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.synthetic.lines import line_generator
from imagier.datasets.synthetic.recipes import LABELS, PICTURES, MadePicture, SetRecipe
from imagier.datasets.synthetic.texts import TextSampler
from imagier.errors import MachineError
from imagier.files import printable

__all__ = ["package_captcha_recipe"]

PACKAGE, MODULE = "captcha", "captcha.image"

Picked = TypeVar("Picked")


class _Chance:
    """What stands for the module `secrets`: the same questions, answered by a generator."""

    def __init__(self) -> None:
        self.generator = np.random.default_rng(0)

    def randbelow(self, limit: int) -> int:
        return int(self.generator.integers(limit))

    def randbits(self, bits: int) -> int:
        return int(self.generator.integers(1 << bits))

    def choice(self, values: list[Picked]) -> Picked:
        return values[self.randbelow(len(values))]


def package_captcha_recipe(
    draw: TextSampler,
    *,
    count: int,
    seed: int,
    size: tuple[int, int],
    fonts: list[str] | None,
    facts: dict[str, object],
) -> SetRecipe:
    """Make captchas with the package `captcha`; `text` is what they say.

    Args:
        draw: Draws a text.
        count: How many pictures.
        seed: Where their chance begins.
        size: Height and width of each picture.
        fonts: Font files; None for the package's own.
        facts: What was decided besides.

    Raises:
        MachineError: `captcha_not_installed`.
    """
    module = _module()
    painter = module.ImageCaptcha(width=size[1], height=size[0], fonts=fonts)

    def make(index: int) -> MadePicture:
        generator = line_generator(seed, 0, index)
        text = draw(generator)
        module.secrets.generator = generator
        pixels: NDArray[np.uint8] = np.asarray(painter.generate_image(text).convert("RGB"))
        return MadePicture(folder=PICTURES, pixels=pixels, rows={LABELS: [(text,)]})

    columns = {LABELS: ("text",)}
    return SetRecipe(
        kind="captchas", count=count, seed=seed, columns=columns, make=make, facts=facts
    )


@cache
def _module() -> Any:
    """Load the package's drawing as a module of our own, with chance from a generator."""
    try:
        spec = importlib.util.find_spec(MODULE)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.loader is None:
        command = f"{printable(sys.executable)} -m pip install 'imagier[synthetic]'"
        raise MachineError("captcha_not_installed", package=PACKAGE, command=command)
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.secrets = _Chance()
    return module
