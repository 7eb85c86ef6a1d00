"""Pictures of the derivative: secants that turn into the tangent, and the error of each step h.

A secant goes through the curve at t and at t + h; its slope is the forward quotient. As h becomes
smaller it turns about the first point, and the line that it comes near is the tangent (chapter 9,
"une tangente comme position limite").
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imagier.figures import COLOURS, FAINT, INK, RULE, drawing, write_ticks
from imagier.gradient.differences import Function, derivative
from imagier.gradient.rounding import errors_by_step
from imagier.i18n import significant, superscript, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["secants", "tangent_figure"]

_REACH = 2.0  # how far around the place the curve is drawn, beside the place's own size
_FRAMES = 26
_SMALLEST = 1e-17  # an error of 0 is drawn here: a logarithm has no 0
_BLUE, _ORANGE, _GREEN = COLOURS[:3]
_LINES = (("forward", _ORANGE, "o"), ("central", _BLUE, "s"), ("complex", _GREEN, "^"))


def tangent_figure(function: Function, at: float, *, variable: str) -> "Figure":
    """Draw the curve with its tangent and some secants; beside it, the error for each step.

    Args:
        function: A function of one variable that takes arrays and complex numbers.
        at: Where the tangent touches.
        variable: The variable's name.
    """
    with drawing((8.6, 3.6)) as figure:
        left, right = figure.subplots(1, 2)
        window = _window(at)
        _draw_curve(left, function, window, variable)
        for share, shade in ((0.9, 0.35), (0.5, 0.6), (0.25, 0.9)):
            _draw_secant(left, function, at, share * (window[-1] - at), shade)
        _draw_tangent(left, function, at, window)
        left.legend(loc="upper left", fontsize=8)
        _draw_errors(right, function, at)
    return figure


def secants(function: Function, at: float, *, variable: str) -> Iterator["Figure"]:
    """Draw secants with an ever smaller h, a figure each; the last one is the tangent.

    Args:
        function: A function of one variable that takes arrays.
        at: Where the tangent touches.
        variable: The variable's name.
    """
    window = _window(at)
    widest = 0.9 * (window[-1] - at)
    for h in (*np.geomspace(widest, widest / 100, _FRAMES), None):
        with drawing((4.8, 3.6)) as figure:
            axes = figure.add_subplot()
            _draw_curve(axes, function, window, variable)
            if h is None:
                _draw_tangent(axes, function, at, window)
                text = t(
                    "gradient.figure.tangent_slope", slope=significant(derivative(function, at))
                )
            else:
                slope = _draw_secant(axes, function, at, float(h), 1)
                text = t(
                    "gradient.figure.secant_slope",
                    h=significant(float(h)),
                    slope=significant(slope),
                )
            axes.set_title(text, loc="left", fontsize=10, color=INK)
        yield figure


def _window(at: float) -> NDArray[np.float64]:
    """Choose the stretch of the variable that is drawn."""
    reach = _REACH * max(1.0, abs(at))
    return np.linspace(at - reach, at + reach, 301)


def _draw_curve(
    axes: "Axes", function: Function, window: NDArray[np.float64], variable: str
) -> None:
    values = _values(function, window)
    axes.plot(window, values, color=_BLUE, linewidth=2, label=t("gradient.figure.curve"))
    low, high = np.nanmin(values), np.nanmax(values)
    margin = 0.08 * (high - low) or 1.0
    axes.set_xlim(window[0], window[-1])
    axes.set_ylim(low - margin, high + margin)
    axes.set_xlabel(variable)
    write_ticks(axes)


def _values(function: Function, window: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the curve; where it has no value there is a gap, a pole's peak is cut off."""
    values = np.asarray(function(window), np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    middle, spread = np.nanmedian(values), np.nanquantile(np.abs(values), 0.9)
    return np.where(np.abs(values - middle) > 20 * spread, np.nan, values)


def _draw_secant(axes: "Axes", function: Function, at: float, h: float, shade: float) -> float:
    """Draw the line through two points of the curve; give its slope."""
    here, there = float(function(at)), float(function(at + h))
    slope = (there - here) / h
    if not np.isfinite(slope):
        return slope
    label = t("gradient.figure.secant", h=significant(h))
    axes.axline((at, here), slope=slope, color=_ORANGE, alpha=shade, linewidth=1.3, label=label)
    axes.plot([at, at + h], [here, there], "o", color=_ORANGE, alpha=shade, markersize=4.5)
    return slope


def _draw_tangent(axes: "Axes", function: Function, at: float, window: NDArray[np.float64]) -> None:
    here, slope = float(function(at)), derivative(function, at)
    values = here + slope * (window - at)
    label = t("gradient.figure.tangent_line")
    axes.plot(window, values, color=INK, linewidth=1.5, linestyle=(0, (4, 2)), label=label)
    axes.plot([at], [here], "o", color=INK, markersize=5)


def _draw_errors(axes: "Axes", function: Function, at: float) -> None:
    """Draw the error of each quotient against h, both by powers of ten."""
    errors = errors_by_step(function, at)
    steps = [error.step for error in errors]
    for name, colour, mark in _LINES:
        sizes = [max(getattr(error, f"{name}_error"), _SMALLEST) for error in errors]
        label = t(f"gradient.figure.{name}")
        axes.loglog(steps, sizes, color=colour, marker=mark, markersize=3.5, label=label)
    axes.invert_xaxis()
    axes.set_xlabel(t("gradient.figure.step"))
    axes.set_title(t("gradient.figure.error"), loc="left", fontsize=9, color=FAINT)
    axes.legend(loc="best", fontsize=8)
    across = range(-16, 0, 3)
    axes.set_xticks([10.0**power for power in across], [_power_of_ten(power) for power in across])
    up = [power for power in range(-17, 3, 3) if power <= np.log10(axes.get_ylim()[1])]
    labels = ["0", *map(_power_of_ten, up[1:])]
    axes.set_yticks([10.0**power for power in up], labels)
    axes.minorticks_off()
    axes.axhline(_SMALLEST, color=RULE, linewidth=0.6)


def _power_of_ten(power: int) -> str:
    return f"10{superscript(power)}"
