"""An explanation on one sheet: the picture, the places it hangs on, and what the model shows.

Blue stands for what speaks for the class, orange for what speaks against it, the stronger the more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imagier.convolution.plots import montage, tinted
from imagier.explaining.wording import PRODUCTS, input_name, neuron_name
from imagier.figures import BLUE, FAINT, INK, ORANGE, drawing
from imagier.files import printable
from imagier.i18n import integer, percent, t, tick_number
from imagier.images import rescale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from imagier.explaining.results import Explanation, KeptPicture

__all__ = ["explanation_figure"]

COLUMNS, KEPT = 4, 3
_COLOURS = 3  # of a picture
LEAST_CHANGE = 0.02  # of the probability, that is drawn in full colour
SMALLEST_SLOPE = 1e-3  # of the odds, the same
MOST_NAME = 32
Colours = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Panel:
    title: str
    colours: Colours


def explanation_figure(found: "Explanation") -> "Figure":
    """Draw the picture, its occlusion map and the choices; below, kernels, sums and neighbours.

    Args:
        found: What was found.
    """
    below = [list(row) for row in (_inside(found), _kept(found))]
    below = [row for row in below if row]
    height = 2.9
    with drawing((11.7, height * (1 + len(below)))) as figure:
        grid = figure.subplots(1 + len(below), COLUMNS, squeeze=False)
        for axes, panel in zip(grid[0], _first(found), strict=False):
            _show(axes, panel)
        _choices(grid[0][3], found)
        grid[0][1].set_xlabel(t("explaining.plot.key"), fontsize=7.5)
        grid[0][2].set_xlabel(t("explaining.plot.gradient_key"), fontsize=7.5)
        for row, panels in zip(grid[1:], below, strict=True):
            for axes in row:
                axes.set_axis_off()
            for axes, panel in zip(row, panels, strict=False):
                _show(axes, panel)
        if found.sums:
            _products(grid[1][2], found)
    return figure


def _first(found: "Explanation") -> tuple[_Panel, ...]:
    hidden, (row, column) = found.occlusion, found.occlusion.deepest
    title = t(
        "explaining.plot.occlusion",
        label=_cut(found.classes[found.target]),
        before=percent(hidden.before),
        after=percent(float(hidden.probabilities[row, column])),
    )
    falls = hidden.by_pixel()
    return (
        _Panel(
            title=_cut(PurePath(found.name).name), colours=_picture(found.pixels, found.full_scale)
        ),
        _Panel(title=title, colours=_overlaid(found, falls, least=LEAST_CHANGE)),
        _Panel(
            title=t("explaining.plot.gradient"),
            colours=_overlaid(found, found.gradient.by_pixel(), least=SMALLEST_SLOPE),
        ),
    )


def _inside(found: "Explanation") -> Iterator[_Panel]:
    """Give what the network does: kernels and maps, or weights and products."""
    if found.kernels is not None and found.first_layer is not None:
        count = len(found.kernels)
        facts = {"n": count, "count": integer(count)}
        yield _Panel(title=t("explaining.plot.kernels", **facts), colours=_kernels(found.kernels))
        maps = found.first_layer.maps
        strongest = found.strongest_kernels[0]
        yield _Panel(title=t("explaining.plot.maps"), colours=tinted(montage(maps), signed=True))
        yield _Panel(
            title=t("explaining.plot.strongest", number=strongest + 1),
            colours=tinted(maps[:, :, strongest], signed=True),
        )
    if found.sums and found.sums[-1].is_on_pixels:
        last = found.sums[-1]
        name = neuron_name(found, last)
        for key, numbers in (("weights", last.weights), ("products", last.products)):
            title = t(f"explaining.plot.{key}", name=_cut(name))
            yield _Panel(title=title, colours=tinted(numbers.sum(axis=2), signed=True))


def _kept(found: "Explanation") -> Iterator[_Panel]:
    for one in found.kept[:KEPT]:
        yield _Panel(title=_kept_title(one), colours=_picture(one.pixels, found.full_scale))


def _kept_title(one: "KeptPicture") -> str:
    distance = integer(round(one.distance))
    return t("explaining.plot.kept", label=_cut(one.answered), distance=distance)


def _picture(pixels: NDArray[np.uint8], full_scale: int) -> Colours:
    levels = rescale(pixels, full_scale, 255)
    return np.repeat(levels, 3, axis=2) if levels.shape[2] == 1 else levels


def _overlaid(found: "Explanation", map_: NDArray[np.float64], *, least: float) -> Colours:
    """Lay a map on the picture in grey: blue where it is positive, orange where negative.

    Args:
        found: Whose picture.
        map_: A number a pixel, (H, W).
        least: What is drawn in full colour at least.
    """
    grey = _picture(found.pixels, found.full_scale).mean(axis=2, keepdims=True) / 255
    strength = np.abs(map_) / max(float(np.abs(map_).max()), least)
    share = 0.85 * strength[..., np.newaxis]
    colours = np.where(map_[..., np.newaxis] < 0, _channels(ORANGE), _channels(BLUE))
    ground = 0.3 + 0.65 * grey
    mixed: Colours = np.rint(255 * ((1 - share) * ground + share * colours)).astype(np.uint8)
    return mixed


def _kernels(kernels: NDArray[np.float64]) -> Colours:
    """Show kernels on one channel by sign, kernels on colours as the colours they look for."""
    if kernels.shape[1] != _COLOURS:
        return tinted(montage(kernels.mean(axis=1).transpose(1, 2, 0)), signed=True)
    strength = np.abs(kernels).max(axis=(1, 2, 3), keepdims=True)
    shades = 0.5 + 0.5 * kernels / np.where(strength > 0, strength, 1)
    sheets = [montage(shades[:, channel].transpose(1, 2, 0)) for channel in range(3)]
    colours: Colours = np.rint(255 * np.nan_to_num(np.stack(sheets, axis=2), nan=1.0)).astype(
        np.uint8
    )
    return colours


def _show(axes: "Axes", panel: _Panel) -> None:
    axes.set_axis_on()
    axes.imshow(panel.colours, interpolation="none")
    axes.set_title(panel.title, fontsize=9, color=INK)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(True)


def _choices(axes: "Axes", found: "Explanation") -> None:
    """Draw the best choices as bars, the class that is explained in blue."""
    names: Sequence[str] = [name for name, _ in found.top]
    shares = [100 * share for _, share in found.top]
    explained = found.classes[found.target]
    places = range(len(names))
    axes.barh(
        places, shares, height=0.6, color=[BLUE if one == explained else FAINT for one in names]
    )
    for place, share in zip(places, shares, strict=True):
        inside = share > 70
        axes.text(
            share + (-2 if inside else 2),
            place,
            percent(share / 100),
            ha="right" if inside else "left",
            va="center",
            fontsize=8.5,
            color="white" if inside else INK,
        )
    axes.set_yticks(places, [_cut(name) for name in names], color=INK)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(max(4.5, len(names) - 0.5), -0.6)
    axes.set_xlim(0, 100)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.grid(visible=False)
    key = "choices_stranger" if found.stranger else "choices"
    axes.set_title(t(f"explaining.plot.{key}"), fontsize=9, color=INK)


def _products(axes: "Axes", found: "Explanation") -> None:
    """Draw what the neuron of the class adds up: its strongest products, the rest, its bias."""
    one = found.sums[0]
    rows = [
        (input_name(one, place), float(one.products[place])) for place in one.strongest(PRODUCTS)
    ]
    rest = float(one.products.sum()) - sum(product for _, product in rows)
    left = one.products.size - len(rows)
    if left:
        rows.append((t("explaining.rest", n=left, count=integer(left)), rest))
    rows.append((t("explaining.bias"), one.bias))
    values = [value for _, value in rows]
    axes.set_axis_on()
    axes.barh(
        range(len(rows)), values, height=0.6, color=[BLUE if v >= 0 else ORANGE for v in values]
    )
    axes.axvline(0, color=FAINT, linewidth=0.8)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows], color=INK, fontsize=7)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_formatter(tick_number)
    title = t("explaining.plot.sum", name=_cut(neuron_name(found, one)))
    axes.set_title(title, fontsize=9, color=INK)


def _cut(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= MOST_NAME else "…" + shown[-MOST_NAME + 1 :]


def _channels(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
