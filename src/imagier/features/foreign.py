"""A backbone from an ONNX file of the user's, checked before it is run, tried before it is used."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagier.errors import ModelError, UsageError, system_reason
from imagier.features.backbone import Backbone
from imagier.features.engine import run_features
from imagier.features.inspection import read_socket
from imagier.features.parts import IMAGENET, Levels, Socket
from imagier.files import content_hash, printable, read_regular
from imagier.onnx_io.checks import MAX_BYTES

__all__ = ["foreign"]

SIDE = 224  # where any side will do: the one most networks learned at
SETTINGS = "preprocessor_config.json"  # as Hugging Face writes it, beside the file or above it
AS_THEY_ARE = Levels(mean=(0.0,) * 3, std=(1.0,) * 3)
MAX_SETTINGS = 2**20


def foreign(path: str | os.PathLike[str], *, name: str, threads: int | None = None) -> Backbone:
    """Open an ONNX file as a backbone.

    Floating-point pictures are brought to the levels that `preprocessor_config.json` beside the
    file says, else to ImageNet's; bytes go in as they are.

    Args:
        path: The file.
        name: What the user typed.
        threads: How many cores to use for the trial; None for all that this process may use.

    Raises:
        UsageError: `backbone_missing`.
        ModelError: `backbone_refused`, when imagier does not accept the graph; `backbone_fails`,
            when the engine cannot run it or its features are no finite numbers.
    """
    shown = printable(path)
    content = _read(Path(path), shown)
    socket = read_socket(content, path=shown)
    levels = _levels(Path(path).parent, socket)
    backbone = Backbone(
        name=name,
        side=socket.side or SIDE,
        outputs=0,  # the trial tells
        key=content_hash(f"{content_hash(content)} {levels}".encode()),
        core=content,
        socket=socket,
        levels=levels,
        step=0 if socket.side else 1,
    )
    return backbone.giving(_try(backbone, shown, threads))


def _read(path: Path, shown: str) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ModelError("backbone_too_large", path=shown, limit=MAX_BYTES // 2**20)
        return read_regular(path, limit=MAX_BYTES)
    except OSError as error:
        reason = system_reason(error)
        raise UsageError("backbone_missing", path=shown, reason=reason) from error


def _try(backbone: Backbone, shown: str, threads: int | None) -> int:
    """Look at two small pictures and count the features."""
    sides = (backbone.side, backbone.side, 3)
    pixels: NDArray[np.uint8] = np.zeros((2, *sides), np.uint8)
    pixels[1] = np.arange(np.prod(sides)).reshape(sides) % 251
    try:
        graph = backbone.graph(sides, full_scale=255)
    except Exception as error:  # the checker's and the parser's errors share no class
        reason = printable(str(error).strip())[:160]
        raise ModelError("backbone_fails", path=shown, reason=reason) from error
    found = run_features(graph, pixels, path=shown, threads=threads)
    return int(found.shape[1])


def _levels(folder: Path, socket: Socket) -> Levels:
    if not socket.is_float:
        return AS_THEY_ARE
    for place in (folder / SETTINGS, folder.parent / SETTINGS):
        if place.is_file() and place.stat().st_size <= MAX_SETTINGS:
            return _settings(place)
    return IMAGENET


def _settings(place: Path) -> Levels:
    """Read means and standard deviations, which count from 0 to 1, or say that it cannot."""
    try:
        data = json.loads(read_regular(place, limit=MAX_SETTINGS))
        scale = 1.0 / float(data.get("rescale_factor", 1 / 255))
        levels = Levels(
            mean=_colours(data.get("image_mean", [0, 0, 0]), scale),
            std=_colours(data.get("image_std", [1, 1, 1]), scale),
        )
        if min(levels.std) > 0:
            return levels
    except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError, OSError):
        pass
    raise ModelError("backbone_settings", path=printable(place))


def _colours(values: Sequence[float], scale: float) -> tuple[float, float, float]:
    red, green, blue = (float(value) * scale for value in values)
    if not np.isfinite([red, green, blue]).all():
        raise ValueError
    return red, green, blue
