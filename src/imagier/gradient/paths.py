"""Pictures of descents: points on a curve, or on a map of heights; and how the slope falls.

With one variable the curve is drawn with the points on it, with two a map whose lines join equal
heights, as on a hiker's map: each step leaves at a right angle to the line it stands on. With more
variables only the slope can be shown.
"""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.figures import COLOURS, FAINT, INK, drawing, write_ticks
from imagier.gradient.descent import GradientStep
from imagier.gradient.differences import Function
from imagier.i18n import integer, significant, superscript, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["path_figure", "path_film"]

Path = Sequence[GradientStep]
_AWAY = 6.0  # points further from the start than so many first moves are outside the picture
_MARGIN = 0.25
_GRID = 141
_LEVELS = 16
_MOST_PATHS, _MOST_MARKS, _MOST_FRAMES = 40, 120, 30
_BLUE, _ORANGE = COLOURS[:2]
_WATER = ("#b9d6ea", "#e9f2f8", "#ffffff")  # low is dark


def path_figure(function: Function, paths: Sequence[Path], *, names: Sequence[str]) -> "Figure":
    """Draw descents where the function can be drawn; beside them how the slope falls.

    Args:
        function: Takes a point (n,) or points (n, ...).
        paths: The steps of each descent.
        names: The variables, n of them.
    """
    shown = paths[:_MOST_PATHS]
    panels = 2 if len(names) <= 2 else 1
    with drawing((4.3 * panels, 3.7)) as figure:
        grid = figure.subplots(1, panels, squeeze=False)[0]
        if panels == 2:
            _draw_ground(grid[0], function, shown, names)
            for path in shown:
                _draw_points(grid[0], path, whole=len(shown) == 1)
        _draw_slopes(grid[-1], shown)
    return figure


def path_film(function: Function, path: Path, *, names: Sequence[str]) -> Iterator["Figure"]:
    """Draw a descent as it grows, a figure for each step, or for some of many.

    Args:
        function: Takes a point (n,) or points (n, ...).
        path: The steps.
        names: The variables, one or two.
    """
    for number in _frames(len(path)):
        with drawing((4.8, 3.8)) as figure:
            axes = figure.add_subplot()
            _draw_ground(axes, function, [path], names)
            _draw_points(axes, path[: number + 1], whole=True)
            step = path[number]
            facts = {"number": integer(step.number), "value": significant(step.value)}
            axes.set_title(t("gradient.figure.step_number", **facts), loc="left", color=INK)
        yield figure


def _frames(count: int) -> list[int]:
    """Choose the steps that are seen: the first ones all, then ever fewer."""
    if count <= _MOST_FRAMES:
        return list(range(count))
    first = _MOST_FRAMES // 2
    later = np.geomspace(first, count - 1, _MOST_FRAMES - first).round().astype(int)
    return sorted({*range(first), *later.tolist()})


def _draw_ground(
    axes: "Axes", function: Function, paths: Sequence[Path], names: Sequence[str]
) -> None:
    """Draw the curve, or the map of heights."""
    window = _window(paths)
    if len(names) == 1:
        across = np.linspace(*window[0], 401)
        axes.plot(across, _finite(function(across[np.newaxis])), color=_BLUE, linewidth=2, zorder=1)
        _fit_heights(axes, function, paths, window[0])
        axes.set_ylabel("g")
    else:
        _draw_map(axes, function, window)
        axes.set_ylim(*window[1])
        axes.set_aspect("equal")
        axes.set_ylabel(names[1])
    axes.set_xlim(*window[0])
    axes.set_xlabel(names[0])
    write_ticks(axes)


def _draw_map(axes: "Axes", function: Function, window: list[tuple[float, float]]) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    x, y = (np.linspace(*side, _GRID) for side in window)
    heights = _finite(function(np.stack(np.meshgrid(x, y))))
    low, high = np.nanmin(heights), np.nanmax(heights)
    if not high > low:
        return
    # close lines at the bottom, where the end of a descent is to be seen
    levels = low + (high - low) * np.linspace(0, 1, _LEVELS) ** 2.5
    tints = LinearSegmentedColormap.from_list("water", _WATER)
    tint: Any = {"cmap": tints, "levels": levels, "norm": _ranks(levels)}
    axes.contourf(x, y, heights, **tint)
    lines: Any = {"colors": [FAINT], "linewidths": 0.5, "linestyles": "solid", "alpha": 0.6}
    axes.contour(x, y, heights, levels=levels[1:], **lines)
    axes.grid(visible=False)


def _ranks(levels: NDArray[np.float64]) -> Any:
    """Tint by the number of the line, not by the height: the bottom would be one single tint."""
    from matplotlib.colors import BoundaryNorm

    return BoundaryNorm(levels, 256)


def _window(paths: Sequence[Path]) -> list[tuple[float, float]]:
    """Choose what is seen: where the points are, those that went far away left out."""
    points = np.concatenate([_near(path) for path in paths])
    low, high = points.min(axis=0), points.max(axis=0)
    # as wide as high, so that right angles look right
    size = float(np.max(high - low)) or max(1.0, float(np.max(np.abs(high))))
    middle, reach = (low + high) / 2, (0.5 + _MARGIN) * size
    return list(zip((middle - reach).tolist(), (middle + reach).tolist(), strict=True))


def _near(path: Path) -> NDArray[np.float64]:
    start = path[0].point
    reach = _AWAY * max(path[1].move if len(path) > 1 else 0.0, 0.25 * math.hypot(*start), 0.25)
    if path[-1].reason in ("flat", "still"):
        reach = max(reach, 1.1 * math.dist(start, path[-1].point))
    kept = [step.point for step in path if math.dist(step.point, start) <= reach]
    return np.array(kept)


def _fit_heights(
    axes: "Axes", function: Function, paths: Sequence[Path], side: tuple[float, float]
) -> None:
    """Show the heights that the curve has where the points are."""
    values = _finite(function(np.linspace(*side, 401)[np.newaxis]))
    seen = [step.value for path in paths for step in path if side[0] <= step.point[0] <= side[1]]
    seen = [value for value in seen if math.isfinite(value)]
    low, high = min(np.nanmin(values), *seen), max(np.nanquantile(values, 0.9), *seen)
    margin = 0.1 * (high - low) or 1.0
    axes.set_ylim(low - margin, high + margin)


def _draw_points(axes: "Axes", path: Path, *, whole: bool) -> None:
    """Draw the steps of one descent, its start hollow and its end full."""
    points = np.array([step.point for step in path])
    values = np.array([step.value for step in path])
    x, y = (points[:, 0], values) if points.shape[1] == 1 else points.T[:2]
    mark = "o" if whole and len(path) <= _MOST_MARKS else None
    axes.plot(x, y, color=_ORANGE, linewidth=1.2, marker=mark, markersize=3, zorder=3)
    axes.plot(x[:1], y[:1], "o", color="white", markeredgecolor=_ORANGE, markersize=6, zorder=4)
    axes.plot(x[-1:], y[-1:], "o", color=INK, markersize=6, zorder=5)


def _draw_slopes(axes: "Axes", paths: Sequence[Path]) -> None:
    """Draw the length of the gradient over the steps, by powers of ten: where it is 0, it ends."""
    for path in paths:
        seen = [step for step in path if 0 < step.slope < math.inf]
        numbers, slopes = [step.number for step in seen], [step.slope for step in seen]
        shade = 1.0 if len(paths) == 1 else 0.6
        axes.plot(numbers, slopes, color=_ORANGE, linewidth=1.4, alpha=shade)
    axes.set_yscale("log")
    axes.set_xlabel(t("gradient.figure.steps"))
    axes.set_title(t("gradient.figure.slope"), loc="left", fontsize=9, color=FAINT)
    low, high = np.log10(axes.get_ylim())
    step = max(1, round((high - low) / 6))
    powers = range(math.ceil(low), math.floor(high) + 1, step)
    labels = [f"10{superscript(power)}" for power in powers]
    axes.set_yticks([10.0**power for power in powers], labels)
    axes.minorticks_off()


def _finite(values: Any) -> NDArray[np.float64]:
    numbers = np.asarray(values, np.float64)
    finite: NDArray[np.float64] = np.where(np.isfinite(numbers), numbers, np.nan)
    return finite
