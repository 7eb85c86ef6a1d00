"""The cloud, the curve, its two bands, and below the errors that are left.

A good model leaves errors without a shape: a band around 0 of the same width everywhere. An arch
means that the curve has the wrong bend, a funnel that large values scatter more than small ones.
"""

from typing import TYPE_CHECKING

import numpy as np

from imagier.figures import COLOURS, FAINT, INK, drawing, write_ticks
from imagier.i18n import decimal, percent, t
from imagier.regression.estimation import Fit
from imagier.regression.family import Numbers
from imagier.regression.prediction import Predictions, predict
from imagier.regression.softmax import SoftmaxFit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_fit", "draw_labels"]

BLUE, ORANGE = COLOURS[:2]

_MARKERS = "os^Dvp*X<>"
_DENSE = 300
_MOST_STICKS = 80


def draw_fit(
    fit: Fit,
    *,
    names: tuple[str, ...],
    target: str,
    level: float = 0.95,
    remark: str = "",
    inches: tuple[float, float] = (6.4, 5.4),
) -> "Figure":
    """Draw the points, the function that was found, and the errors that are left.

    With one variable the curve stands over x, with its bands. With several, what was measured
    stands over what the function says: all points would lie on the diagonal if it made no error.

    Args:
        fit: What was found.
        names: The names of the variables.
        target: What is explained, with its unit.
        level: The level of the bands.
        remark: What to write beside the points.
        inches: Width and height.
    """
    is_curve = fit.x.shape[1] == 1
    below = fit.x[:, 0] if is_curve else fit.values
    with drawing(inches) as figure:
        above, under = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1.1))
        if is_curve:
            _draw_curve(above, fit, level)
        else:
            _draw_diagonal(above, fit)
        above.set_ylabel(target)
        _write_legend(above, remark)
        _draw_residuals(under, below, fit.residuals)
        predicted = t("regression.figure.predicted", name=target)
        under.set_xlabel(names[0] if is_curve else predicted)
        for axes in (above, under):
            write_ticks(axes)
    return figure


def draw_labels(
    fit: SoftmaxFit, *, remark: str = "", inches: tuple[float, float] = (6.4, 4.8)
) -> "Figure":
    """Draw the classes: probabilities over one variable, or regions over the first two.

    With more than two variables the others are kept at their mean, which the axes say.

    Args:
        fit: What was found.
        remark: What to write beside the points.
        inches: Width and height.
    """
    with drawing(inches) as figure:
        axes = figure.add_subplot()
        if fit.x.shape[1] == 1:
            _draw_probabilities(axes, fit)
        else:
            _draw_regions(axes, fit)
        _write_legend(axes, remark)
        write_ticks(axes)
    return figure


def _draw_curve(axes: "Axes", fit: Fit, level: float) -> None:
    x = fit.x[:, 0]
    margin = 0.03 * float(np.ptp(x))
    low = max(x.min() - margin, 1e-9 * x.min()) if x.min() > 0 else x.min() - margin
    dense = np.linspace(low, x.max() + margin, _DENSE)
    answer = predict(fit, dense[:, np.newaxis], level=level)
    _draw_points(axes, x, fit.y)
    if len(x) <= _MOST_STICKS:  # the deck's errors: from the point to the curve
        axes.vlines(x, fit.y, fit.values, color=ORANGE, linewidth=1.1, zorder=2)
    axes.plot(dense, answer.values, color=BLUE, linewidth=2, zorder=4, label=_family_name(fit))
    _draw_bands(axes, dense, answer, percent(level, 0))


def _draw_bands(axes: "Axes", dense: Numbers, answer: Predictions, level: str) -> None:
    if answer.mean is None or answer.new is None:
        return
    new, mean = (t(f"regression.figure.{band}", level=level) for band in ("new", "mean"))
    for ends, alpha, label in ((answer.mean, 0.28, mean), (answer.new, 0.10, new)):
        axes.fill_between(dense, *ends.T, color=BLUE, alpha=alpha, linewidth=0, label=label)
        axes.plot(dense, ends, color=BLUE, alpha=3 * alpha, linewidth=0.6, zorder=4)


def _draw_diagonal(axes: "Axes", fit: Fit) -> None:
    ends = [fit.values.min(), fit.values.max()]
    label = t("regression.figure.diagonal")
    axes.plot(ends, ends, color=BLUE, linewidth=2, zorder=4, label=label)
    if len(fit.y) <= _MOST_STICKS:
        axes.vlines(fit.values, fit.y, fit.values, color=ORANGE, linewidth=1.1, zorder=2)
    _draw_points(axes, fit.values, fit.y)


def _draw_points(axes: "Axes", x: Numbers, y: Numbers, size: float = 20) -> None:
    """Draw the points, smaller and paler the more there are, so that a crowd shows its middle."""
    n = len(x)
    label = t("regression.figure.points", n=n, count=decimal(n, 0))
    small, pale = (size, 1.0) if n <= 200 else (6, 1.0) if n <= 2_000 else (3, (2_000 / n) ** 0.6)
    is_crowd = n > 2_000  # the line is drawn over a crowd, and an SVG does not hold each point
    points = axes.scatter(x, y, s=small, color=INK, alpha=pale, linewidth=0)
    points.set(zorder=3 if is_crowd else 5, rasterized=is_crowd)
    axes.scatter([], [], s=size, color=INK, linewidth=0, label=label)


def _draw_residuals(axes: "Axes", x: Numbers, residuals: Numbers) -> None:
    axes.axhline(0, color=BLUE, linewidth=1.5, zorder=4)
    if len(x) <= _MOST_STICKS:
        axes.vlines(x, 0, residuals, color=ORANGE, linewidth=1.1)
    _draw_points(axes, x, residuals, size=14)
    axes.set_ylabel(t("regression.figure.error"))
    reach = 1.15 * float(np.abs(residuals).max()) or 1.0
    axes.set_ylim(-reach, reach)


def _draw_probabilities(axes: "Axes", fit: SoftmaxFit) -> None:
    x = fit.x[:, 0]
    dense = np.linspace(x.min(), x.max(), _DENSE)
    shares = fit.predict(dense[:, np.newaxis])
    for place, name in enumerate(fit.classes):
        colour = COLOURS[place % len(COLOURS)]
        marker = _MARKERS[place % len(_MARKERS)]
        axes.plot(dense, shares[:, place], color=colour, linewidth=2, label=name)
        known = x[fit.truth == place]
        height = np.full(len(known), -0.04 - 0.04 * place)
        axes.scatter(known, height, s=16, color=colour, marker=marker, linewidth=0)
    axes.set_xlabel(fit.names[0])
    axes.set_ylabel(t("regression.figure.probability"))


def _draw_regions(axes: "Axes", fit: SoftmaxFit) -> None:
    """Tint each place by its likeliest class, paler where the answer is less sure."""
    from matplotlib.colors import to_rgb

    low, high = fit.x[:, :2].min(axis=0), fit.x[:, :2].max(axis=0)
    margin = 0.05 * (high - low)
    low, high = low - margin, high + margin
    across, up = (np.linspace(a, b, _DENSE) for a, b in zip(low, high, strict=True))
    points = np.tile(fit.x.mean(axis=0), (_DENSE**2, 1))
    points[:, 0], points[:, 1] = (grid.ravel() for grid in np.meshgrid(across, up))
    shares = fit.predict(points)
    colours = np.array([to_rgb(COLOURS[k % len(COLOURS)]) for k in range(len(fit.classes))])
    sure = shares.max(axis=1, keepdims=True)
    tint = 1 - 0.45 * sure * (1 - colours[shares.argmax(axis=1)])
    extent = (low[0], high[0], low[1], high[1])
    picture = tint.reshape(_DENSE, _DENSE, 3)
    axes.imshow(picture, origin="lower", extent=extent, aspect="auto", interpolation="bilinear")
    for place, name in enumerate(fit.classes):
        known = fit.x[fit.truth == place]
        marker, colour = _MARKERS[place % len(_MARKERS)], colours[place]
        axes.scatter(
            known[:, 0],
            known[:, 1],
            s=24,
            color=[colour],
            marker=marker,
            label=name,
            edgecolor="white",
            linewidth=0.6,
        )
    rest = t("regression.figure.at_mean") if fit.x.shape[1] > 2 else ""
    axes.set_xlabel(fit.names[0] + rest)
    axes.set_ylabel(fit.names[1])
    axes.grid(visible=False)


def _write_legend(axes: "Axes", remark: str) -> None:
    """Write the legend above and a remark at its right."""
    handles, _ = axes.get_legend_handles_labels()
    columns = 2 if len(handles) == 4 else 6
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, borderpad=0)
    axes.annotate(
        remark,
        (1, 1),
        xycoords="axes fraction",
        xytext=(0, 6),
        textcoords="offset points",
        horizontalalignment="right",
        color=FAINT,
        fontsize=8,
    )


def _family_name(fit: Fit) -> str:
    name = fit.family.name
    key = {"line": "line", "exp": "exp", "power": "power", "growth": "growth"}.get(name)
    return t(f"regression.family.{key}") if key else name
