"""Neurons in the plane: where one fires, how its line turns while it learns; activation curves.

Blue is where the answer is 1, orange where it is 0, and the stronger the surer. Examples wanted as
1 are discs, those wanted as 0 squares; a cross lies on what is answered wrongly.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imagier.figures import BLUE, FAINT, INK, ORANGE, drawing
from imagier.i18n import tick_number
from imagier.neurons.activations import ACTIVATIONS
from imagier.neurons.examples import LabeledPoints

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["DecisionBoundary", "DecisionPlane", "curves", "decision_plane"]

ACROSS = 161  # places in each direction where the answer is looked up
MARGIN = 0.35  # of the examples' width, left around them
TINTS = 6  # steps from white to the surest, so that a film of them stays small
Numbers = NDArray[np.float64]
Limits = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionBoundary:
    """The line of a neuron: where its weighted sum is zero.

    Attributes:
        weights: Its two weights.
        bias: Its bias.
        name: What is written in the legend; "" for nothing.
    """

    weights: tuple[float, float]
    bias: float
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecisionPlane:
    """What there is to draw, at one moment.

    Attributes:
        examples: The points; two inputs, or one, which is drawn along the lower edge.
        answer: The answer, from 0 to 1, at points (N, 2) or (N, 1).
        title: What stands above.
        boundaries: Lines to draw.
        box: The part of the plane that is seen, across and up; None for that of the examples.
    """

    examples: LabeledPoints
    answer: Callable[[Numbers], Numbers]
    title: str
    boundaries: tuple[DecisionBoundary, ...] = ()
    box: tuple[Limits, Limits] | None = None


def decision_plane(shown: DecisionPlane, *, inches: tuple[float, float] = (4.4, 4.4)) -> "Figure":
    """Draw the plane with its decision regions, its lines and its examples.

    Args:
        shown: What to draw.
        inches: Width and height.
    """
    with drawing(inches) as figure:
        axes = figure.add_subplot()
        box = shown.box or _box(shown.examples)
        if shown.examples.points.shape[1] == 1:
            _draw_answers(axes, shown, box[0])
        else:
            _shade(axes, shown, box)
            _draw_boundaries(axes, shown.boundaries, box)
            _draw_examples(axes, shown, shown.examples.points[:, 1])
            axes.set_xlim(*box[0])
            axes.set_ylim(*box[1])
            axes.set_ylabel(shown.examples.names[1])
        axes.set_xlabel(shown.examples.names[0])
        axes.set_title(shown.title, fontsize=9.5, color=INK)
        axes.grid(visible=False)
        _write_in_language(axes)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="upper right", framealpha=0.9, frameon=True, fontsize=8)
    return figure


def curves(names: Sequence[str], labels: tuple[str, str], titles: Sequence[str]) -> "Figure":
    """Draw activations, each with its own derivative in dashes.

    Args:
        names: Keys of `ACTIVATIONS`.
        labels: What the line and the dashes are called.
        titles: What stands above each.
    """
    a = np.linspace(-4, 4, 401)
    with drawing((2.7 * len(names) + 0.4, 2.9)) as figure:
        grid = figure.subplots(1, len(names), squeeze=False, sharex=True)
        for axes, name, title in zip(grid[0], names, titles, strict=True):
            value = ACTIVATIONS[name].value(a)
            if name == "heaviside":
                value[np.flatnonzero(np.diff(value))] = np.nan  # no line where it jumps
                axes.plot([0], [1], "o", color=BLUE, markersize=4)
            axes.plot(a, value, color=BLUE, linewidth=2, label=labels[0])
            dashes = {"color": ORANGE, "linewidth": 1.4, "linestyle": (0, (4, 2))}
            axes.plot(a, ACTIVATIONS[name].derivative(a), **dashes, label=labels[1])
            axes.axhline(0, color=FAINT, linewidth=0.6, zorder=0)
            axes.axvline(0, color=FAINT, linewidth=0.6, zorder=0)
            axes.set_ylim(-1.2, 2.2)
            axes.set_xlabel("a")
            axes.set_title(title, fontsize=9.5, color=INK)
            _write_in_language(axes)
        grid[0][0].legend(loc="upper left", fontsize=8)
    return figure


def _box(examples: LabeledPoints) -> tuple[Limits, Limits]:
    """Choose the part of the plane that is seen: the examples with some room around."""
    box = []
    for values in examples.points.T:
        low, high = float(values.min()), float(values.max())
        room = MARGIN * ((high - low) or 1.0)
        box.append((low - room, high + room))
    return box[0], box[-1]


def _shade(axes: "Axes", shown: DecisionPlane, box: tuple[Limits, Limits]) -> None:
    across, up = (np.linspace(*limits, ACROSS) for limits in box)
    points = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    answer = shown.answer(points).reshape(ACROSS, ACROSS)
    sureness = np.rint(TINTS * np.abs(2 * answer - 1)) / TINTS
    strength = 0.42 * sureness[..., np.newaxis]
    ends = np.where(answer[..., np.newaxis] >= 0.5, _channels(BLUE), _channels(ORANGE))
    shades = 1 - strength * (1 - ends)
    extent = (*box[0], *box[1])
    axes.imshow(shades, extent=extent, origin="lower", aspect="auto", interpolation="none")


def _draw_boundaries(
    axes: "Axes", boundaries: Sequence[DecisionBoundary], box: tuple[Limits, Limits]
) -> None:
    styles = ("solid", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
    for number, boundary in enumerate(boundaries):
        ends = _across(boundary, box)
        if ends is not None:
            style = styles[number % len(styles)]
            name = boundary.name or None
            axes.plot(*ends, color=INK, linewidth=1.5, linestyle=style, label=name)


def _across(
    boundary: DecisionBoundary, box: tuple[Limits, Limits]
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Give two far points of a line, as their abscissae and ordinates; None for no line at all."""
    first, second = boundary.weights
    length = float(np.hypot(first, second))
    if length == 0:
        return None
    middle = [sum(limits) / 2 for limits in box]
    off = (first * middle[0] + second * middle[1] + boundary.bias) / length
    foot = (middle[0] - off * first / length, middle[1] - off * second / length)
    far = 2 * max(high - low for low, high in box)
    step = (-second / length * far, first / length * far)
    xs, ys = ((start - move, start + move) for start, move in zip(foot, step, strict=True))
    return xs, ys


def _draw_examples(axes: "Axes", shown: DecisionPlane, heights: Numbers) -> None:
    examples = shown.examples
    for wanted, marker, colour in ((1.0, "o", BLUE), (0.0, "s", ORANGE)):
        chosen = examples.wanted == wanted
        axes.scatter(
            examples.points[chosen, 0],
            heights[chosen],
            marker=marker,
            s=70 if len(heights) <= 20 else 18,
            color=colour,
            edgecolors="white",
            linewidths=1.0,
            zorder=3,
        )
    wrong = (shown.answer(examples.points) >= 0.5) != (examples.wanted >= 0.5)
    axes.scatter(examples.points[wrong, 0], heights[wrong], marker="x", s=110, color=INK, zorder=4)


def _draw_answers(axes: "Axes", shown: DecisionPlane, limits: tuple[float, float]) -> None:
    """With one input, draw the answer as a curve over it."""
    across = np.linspace(*limits, 801)
    axes.plot(across, shown.answer(across[:, np.newaxis]), color=INK, linewidth=1.6)
    _draw_examples(axes, shown, shown.examples.wanted)
    axes.set_ylim(-0.15, 1.15)


def _write_in_language(axes: "Axes") -> None:
    """Write the numbers of both axes as the language does."""
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(tick_number)


def _channels(colour: str) -> Numbers:
    from matplotlib.colors import to_rgb

    return np.array(to_rgb(colour))
