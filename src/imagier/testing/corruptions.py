"""The fifteen common corruptions: what cameras, weather and compression do to a picture.

Four families (noise, blur, weather, digital), each corruption in five severities, after
D. Hendrycks and T. Dietterich, "Benchmarking neural network robustness to common corruptions and
perturbations", ICLR 2019. Strengths are published for pictures of 32 and of 224 pixels a side
(CIFAR-10-C and ImageNet-C); in between they are interpolated. All is computed here with NumPy and
Pillow, some of it in another way, and frost is drawn, not photographed: the figures compare models
of imagier with each other, not with published ones.

A corrupted picture depends on the picture, its key and the seed alone, never on its neighbours. The
draw is the same for all severities: what is stronger is the same noise, louder.

>>> picture = np.full((8, 8, 1), 128, np.uint8)
>>> bool((corrupt(picture, "contrast", 5, key=1) == picture).all())
True
>>> int(corrupt(picture, "brightness", 1, key=1)[0, 0, 0])
141
"""

import io
import math
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["CORRUPTIONS", "SEVERITIES", "corrupt", "jpeg"]

SEVERITIES = (1, 2, 3, 4, 5)
SMALL, LARGE = 32, 224  # the sides that strengths are given for
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
ICE = np.array([0.86, 0.94, 1.0], np.float32)  # frost is a little blue where there are colours
ZOOMS = 8

Pixels = NDArray[np.uint8]
Levels = NDArray[np.floating[Any]]  # 0 is black, 1 is white


def corrupt(picture: Pixels, name: str, severity: int, *, key: int, seed: int = 0) -> Pixels:
    """Give a picture as it would look under a corruption.

    Args:
        picture: Levels from 0 to 255, (H, W, 1) or (H, W, 3), from 8 pixels a side.
        name: One of `CORRUPTIONS`.
        severity: From 1 to 5.
        key: What makes this picture's draw its own, such as its hash.
        seed: What makes another draw for all pictures.

    Returns:
        Another picture of the same shape.
    """
    draw = np.random.default_rng((seed, zlib.crc32(name.encode()), key))
    strength = _strength(name, severity, min(picture.shape[:2]))
    changed = CORRUPTIONS[name](picture, strength, draw)
    if changed.dtype != np.uint8:
        changed = np.rint(255 * changed.clip(0, 1))
    return changed.astype(np.uint8, copy=False)


def jpeg(picture: Pixels, quality: float, _: np.random.Generator | None = None) -> Pixels:
    """Write a picture as a JPEG file and read it again.

    Args:
        picture: Levels from 0 to 255, (H, W, 1) or (H, W, 3).
        quality: From 1 to 95.
    """
    file = io.BytesIO()
    _image(picture).save(file, "JPEG", quality=round(quality))
    with Image.open(file) as image:
        return np.asarray(image).reshape(picture.shape)


def _strength(name: str, severity: int, side: int) -> float:
    small, large = _STRENGTHS[name]
    share = min(1.0, max(0.0, math.log(side / SMALL) / math.log(LARGE / SMALL)))
    value = (1 - share) * small[severity - 1] + share * large[severity - 1]
    return value * max(1.0, side / LARGE) if name in _IN_PIXELS else value


def _gaussian_noise(picture: Pixels, std: float, draw: np.random.Generator) -> Levels:
    noise = draw.standard_normal(picture.shape, np.float32)
    return _levels(picture) + std * noise


def _shot_noise(picture: Pixels, dark: float, draw: np.random.Generator) -> Levels:
    photons = 1 / dark  # that a white pixel receives
    return (draw.poisson(_levels(picture) * photons) / photons).astype(np.float32)


def _impulse_noise(picture: Pixels, share: float, draw: np.random.Generator) -> Pixels:
    lot = draw.random(picture.shape, np.float32)
    return np.where(lot < share / 2, 0, np.where(lot > 1 - share / 2, 255, picture)).astype(
        np.uint8
    )


def _defocus_blur(picture: Pixels, radius: float, _: np.random.Generator) -> Levels:
    reach = math.ceil(radius)
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disk = np.clip(radius + 0.5 - np.hypot(rows, columns), 0, 1)
    return _filtered(_levels(picture), disk)


def _glass_blur(picture: Pixels, reach: float, draw: np.random.Generator) -> Levels:
    """Let each pixel show one of its neighbours, twice, between two light blurs."""
    blur = 0.3 + 0.1 * reach
    levels = _blurred(_levels(picture), blur)
    height, width = picture.shape[:2]
    rows, columns = np.indices((height, width))
    for _ in range(2):
        down, across = np.rint(draw.uniform(-reach, reach, (2, height, width))).astype(np.int64)
        levels = levels[(rows + down).clip(0, height - 1), (columns + across).clip(0, width - 1)]
    return _blurred(levels, blur)


def _motion_blur(picture: Pixels, std: float, draw: np.random.Generator) -> Levels:
    return _filtered(_levels(picture), _streak(std, draw.uniform(-math.pi / 4, math.pi / 4)))


def _zoom_blur(picture: Pixels, largest: float, _: np.random.Generator) -> Levels:
    height, width = picture.shape[:2]
    image = _image(picture)
    total = np.zeros(picture.shape, np.float32)
    for zoom in np.linspace(1, largest, ZOOMS):
        left, top = width * (1 - 1 / zoom) / 2, height * (1 - 1 / zoom) / 2
        box = (left, top, width - left, height - top)
        nearer = image.resize((width, height), Image.Resampling.BILINEAR, box=box)
        total += np.asarray(nearer, np.float32).reshape(picture.shape)
    return total / (255 * ZOOMS)


def _snow(picture: Pixels, cover: float, draw: np.random.Generator) -> Levels:
    """Whiten the picture, then let flakes fall: streaks of one direction, some larger."""
    height, width = picture.shape[:2]
    levels = _levels(picture)
    flakes = np.zeros((height, width), np.float32)
    for size in (1, max(2, min(height, width) // 64)):
        grid = draw.random((-(-height // size), -(-width // size)), np.float32)
        fallen = np.where(grid > 1 - cover / 4, grid, 0)
        flakes += _enlarged(fallen, height, width)
    std = max(0.8, min(height, width) / 60)
    angle = draw.uniform(math.pi / 3, 2 * math.pi / 3)
    streaks = _filtered(flakes[..., np.newaxis], _streak(std, angle))
    pale = np.maximum(levels, 0.5 + 0.5 * _grey(levels))
    snowy: Levels = (1 - cover / 2) * levels + cover / 2 * pale + 1.2 * streaks
    return snowy


def _frost(picture: Pixels, cover: float, draw: np.random.Generator) -> Levels:
    """Lay ice on the picture: ridges of a rough field, as crystals on a pane."""
    height, width = picture.shape[:2]
    fine = _clouds(height, width, draw, first=4, fading=1.3)
    ridges = (1 - np.abs(2 * fine - 1)) ** 3
    coarse = _clouds(height, width, draw, first=2, fading=2)
    ice = (0.2 + 0.8 * ridges) * (0.3 + 0.7 * coarse)
    tinted = ice[..., np.newaxis] * (ICE if picture.shape[2] == 3 else 1)
    frozen: Levels = (1 - 0.6 * cover) * _levels(picture) + 1.4 * cover * tinted
    return frozen


def _fog(picture: Pixels, thickness: float, draw: np.random.Generator) -> Levels:
    height, width = picture.shape[:2]
    clouds = _clouds(height, width, draw, first=2, fading=2)[..., np.newaxis]
    fogged: Levels = (_levels(picture) + thickness * clouds) / (1 + thickness)
    return fogged


def _brightness(picture: Pixels, more: float, _: np.random.Generator) -> Levels:
    """Add to the value of hue, saturation and value."""
    levels = _levels(picture)
    value = levels.max(axis=2, keepdims=True)
    brighter = np.minimum(value + more, 1)
    scaled = levels * brighter / np.maximum(value, 1e-6)
    lit: Levels = np.where(value > 0, scaled, brighter)
    return lit


def _contrast(picture: Pixels, share: float, _: np.random.Generator) -> Levels:
    levels = _levels(picture)
    mean = levels.mean(axis=(0, 1), keepdims=True)
    flat: Levels = mean + share * (levels - mean)
    return flat


def _elastic(picture: Pixels, share: float, draw: np.random.Generator) -> Levels:
    """Move each pixel by a smooth field, up to a share of the picture's side."""
    height, width = picture.shape[:2]
    amount = 4 * share * min(height, width)
    down, across = (
        amount * (_clouds(height, width, draw, first=6, fading=2, octaves=2) - 0.5)
        for _ in range(2)
    )
    rows, columns = np.indices((height, width), np.float32)
    return _sampled(_levels(picture), rows + down, columns + across)


def _pixelate(picture: Pixels, share: float, _: np.random.Generator) -> Pixels:
    height, width = picture.shape[:2]
    size = max(1, round(share * width)), max(1, round(share * height))
    small = _image(picture).resize(size, Image.Resampling.BOX)
    large = small.resize((width, height), Image.Resampling.BOX)
    return np.asarray(large).reshape(picture.shape)


def _levels(picture: Pixels) -> Levels:
    return picture.astype(np.float32) / 255


def _grey(levels: Levels) -> Levels:
    return levels if levels.shape[2] == 1 else (levels @ LUMA)[..., np.newaxis]


def _image(picture: Pixels) -> Image.Image:
    return Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture)


def _enlarged(grid: NDArray[Any], height: int, width: int) -> Levels:
    image = Image.fromarray(grid.astype(np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))


def _clouds(
    height: int,
    width: int,
    draw: np.random.Generator,
    *,
    first: int,
    fading: float,
    octaves: int = 6,
) -> Levels:
    """Draw a random field from 0 to 1: coarse grids of lots, enlarged, each finer and fainter."""
    field = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        cells = first * 2**octave
        lots = draw.random((cells + 1, cells + 1), np.float32)
        field += _enlarged(lots, height, width) / fading**octave
        if cells >= max(height, width):
            break
    low, high = field.min(), field.max()
    clouds: Levels = (field - low) / max(high - low, 1e-6)
    return clouds


def _streak(std: float, angle: float) -> NDArray[np.float64]:
    """Give the kernel of a movement: a line whose weights fall off as a bell."""
    reach = math.ceil(2 * std)
    along = np.linspace(-reach, reach, 8 * reach + 1)
    weights = np.exp(-0.5 * (along / std) ** 2)
    rows, columns = reach + along * math.sin(angle), reach + along * math.cos(angle)
    kernel = np.zeros((2 * reach + 2, 2 * reach + 2))
    top, left = np.floor(rows).astype(np.int64), np.floor(columns).astype(np.int64)
    for down, across in ((0, 0), (0, 1), (1, 0), (1, 1)):
        near = np.abs(1 - down - (rows - top)) * np.abs(1 - across - (columns - left))
        np.add.at(kernel, (top + down, left + across), weights * near)
    return kernel[:-1, :-1]


def _blurred(levels: Levels, std: float) -> Levels:
    """Blur by a small bell, one axis after the other."""
    reach = max(1, math.ceil(3 * std))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / std) ** 2).astype(np.float32)
    for axis in (0, 1):
        border = [(reach, reach) if other == axis else (0, 0) for other in range(3)]
        wide = np.pad(levels, border, mode="symmetric")
        size = levels.shape[axis]
        total = np.zeros_like(levels)
        for start, weight in enumerate(bell / bell.sum()):
            total += weight * wide.take(range(start, start + size), axis=axis)
        levels = total
    return levels


def _filtered(levels: Levels, kernel: NDArray[Any]) -> Levels:
    """Convolve each channel with a kernel of odd sides, the picture mirrored at its border."""
    reach = kernel.shape[0] // 2
    height, width = levels.shape[:2]
    wide = np.pad(levels, ((reach, reach), (reach, reach), (0, 0)), mode="symmetric")
    size = wide.shape[:2]
    weights = np.fft.rfft2((kernel / kernel.sum()).astype(np.float32), size)
    product = np.fft.rfft2(wide, axes=(0, 1)) * weights[..., np.newaxis]
    full = np.fft.irfft2(product, size, axes=(0, 1)).astype(np.float32)
    return full[2 * reach : 2 * reach + height, 2 * reach : 2 * reach + width]


def _sampled(levels: Levels, rows: Levels, columns: Levels) -> Levels:
    """Read a picture between its pixels (bilinear); beyond the border it goes on as it ended."""
    rows, columns = rows.clip(0, levels.shape[0] - 1), columns.clip(0, levels.shape[1] - 1)
    top, left = np.floor(rows).astype(np.int64), np.floor(columns).astype(np.int64)
    below = np.minimum(top + 1, levels.shape[0] - 1)
    right = np.minimum(left + 1, levels.shape[1] - 1)
    down, across = (rows - top)[..., np.newaxis], (columns - left)[..., np.newaxis]
    upper = levels[top, left] * (1 - across) + levels[top, right] * across
    lower = levels[below, left] * (1 - across) + levels[below, right] * across
    sampled: Levels = upper * (1 - down) + lower * down
    return sampled


CORRUPTIONS: dict[str, Callable[[Pixels, float, np.random.Generator], Levels | Pixels]] = {
    "gaussian_noise": _gaussian_noise,
    "shot_noise": _shot_noise,
    "impulse_noise": _impulse_noise,
    "defocus_blur": _defocus_blur,
    "glass_blur": _glass_blur,
    "motion_blur": _motion_blur,
    "zoom_blur": _zoom_blur,
    "snow": _snow,
    "frost": _frost,
    "fog": _fog,
    "brightness": _brightness,
    "contrast": _contrast,
    "elastic": _elastic,
    "pixelate": _pixelate,
    "jpeg": jpeg,
}
# for 32 and for 224 pixels a side, severities 1 to 5
_STRENGTHS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "gaussian_noise": ((0.04, 0.06, 0.08, 0.09, 0.10), (0.08, 0.12, 0.18, 0.26, 0.38)),
    "shot_noise": (
        (1 / 500, 1 / 250, 1 / 100, 1 / 75, 1 / 50),
        (1 / 60, 1 / 25, 1 / 12, 1 / 5, 1 / 3),
    ),
    "impulse_noise": ((0.01, 0.02, 0.03, 0.05, 0.07), (0.03, 0.06, 0.09, 0.17, 0.27)),
    "defocus_blur": ((0.6, 0.8, 1.0, 1.3, 1.8), (3, 4, 6, 8, 10)),
    "glass_blur": ((0.52, 0.56, 0.62, 0.7, 0.85), (0.7, 1.3, 1.9, 2.7, 4)),
    "motion_blur": ((0.7, 1.0, 1.4, 1.9, 2.5), (3, 5, 8, 12, 15)),
    "zoom_blur": ((1.06, 1.11, 1.16, 1.21, 1.26), (1.11, 1.16, 1.21, 1.26, 1.31)),
    "snow": ((0.05, 0.1, 0.15, 0.2, 0.3), (0.15, 0.3, 0.45, 0.6, 0.75)),
    "frost": ((0.2, 0.3, 0.4, 0.5, 0.6), (0.4, 0.55, 0.65, 0.75, 0.85)),
    "fog": ((0.2, 0.5, 0.75, 1.0, 1.5), (1.5, 2, 2.4, 2.7, 3)),
    "brightness": ((0.05, 0.1, 0.15, 0.2, 0.3), (0.1, 0.2, 0.3, 0.4, 0.5)),
    "contrast": ((0.75, 0.5, 0.4, 0.3, 0.15), (0.4, 0.3, 0.2, 0.1, 0.05)),
    "elastic": ((0.015, 0.02, 0.025, 0.03, 0.035), (0.012, 0.019, 0.026, 0.033, 0.04)),
    "pixelate": ((0.95, 0.9, 0.8, 0.65, 0.5), (0.6, 0.5, 0.4, 0.3, 0.25)),
    "jpeg": ((80, 65, 58, 50, 40), (25, 18, 15, 10, 7)),
}
_IN_PIXELS = ("defocus_blur", "glass_blur", "motion_blur")
