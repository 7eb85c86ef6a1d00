"""Pictures of k-means: the clusters with their centres, the steps as a film, the scores of k.

Points in one column are drawn on a line, in two as they are; of more columns the two principal axes
are shown, the plane in which the cloud is widest. Clusters are told apart by colour and by mark,
and their centres carry their numbers, from 1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.figures import COLOURS, drawing
from imagier.i18n import decimal, integer, t, tick_number
from imagier.kmeans.blocks import nearest
from imagier.kmeans.iterations import KMeansStep
from imagier.kmeans.scores import ClusterChoice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "MOST_DRAWN",
    "Projection",
    "draw_choice",
    "draw_clusters",
    "draw_steps",
    "projection_of",
]

Numbers = NDArray[np.float64]
MOST_DRAWN = 4000  # points in one picture: more make a blot
_MOST_FRAMES = 40
_INK, _FAINT = "#1f2430", "#5c6470"
_MARKS = ("o", "s", "^", "D", "v", "P", "X")
_FINE = 240  # cells along a side of the coloured ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """How points of D columns are seen: a plane through their mean, and names for its axes.

    Attributes:
        middle: (D,).
        axes: (2, D).
        names: Of the two axes.
        is_whole: Whether nothing is lost: the points have two columns.
    """

    middle: Numbers
    axes: Numbers
    names: tuple[str, str]
    is_whole: bool

    def see(self, points: Numbers) -> Numbers:
        """Give the places of points (N, D) in the picture, (N, 2)."""
        return (points - self.middle) @ self.axes.T


def projection_of(points: Numbers, names: Sequence[str]) -> Projection:
    """Choose how to look at points (N, D) whose columns have these D names."""
    columns = points.shape[1]
    if columns <= 2:
        shown = (names[0], names[1] if columns == 2 else "")
        axes = np.eye(2, columns)
        return Projection(middle=np.zeros(columns), axes=axes, names=shown, is_whole=columns == 2)
    middle = points.mean(axis=0)
    axes = np.linalg.svd(points[:: -(-len(points) // 10_000)] - middle, full_matrices=False)[2][:2]
    axes = np.vstack([axes, np.zeros((2 - len(axes), columns))])
    shown = (t("kmeans.figure.axis", n=1), t("kmeans.figure.axis", n=2))
    return Projection(middle=middle, axes=axes, names=shown, is_whole=False)


def draw_clusters(
    points: Numbers, labels: NDArray[np.int64], centres: Numbers, *, plane: Projection
) -> "Figure":
    """Draw points in the colours of their clusters, with the centres and their numbers.

    Args:
        points: (N, D); of more than `MOST_DRAWN`, some are drawn.
        labels: (N,).
        centres: (k, D).
        plane: How to look at them.
    """
    chosen = _some(len(points))
    with drawing((5.2, 4.4)) as figure:
        axes = _axes(figure, plane, points)
        _draw_ground(axes, centres, plane)
        _draw_points(axes, plane.see(points[chosen]), labels[chosen])
        _draw_centres(axes, plane.see(centres))
    return figure


def draw_steps(
    points: Numbers, steps: Sequence[KMeansStep], *, plane: Projection
) -> Iterator["Figure"]:
    """Draw one picture for each step: points going to their centres, centres to their means.

    Args:
        points: (N, D).
        steps: Of `imagier.kmeans.steps`; of more than 40, the first and some of the others.
        plane: How to look at them.
    """
    chosen = _some(len(points))
    seen = plane.see(points[chosen])
    before = plane.see(steps[0].centres)
    for number in _frames(len(steps)):
        step = steps[number]
        centres = plane.see(step.centres)
        with drawing((5.2, 4.6)) as figure:
            axes = _axes(figure, plane, points)
            _draw_ground(axes, step.centres, plane)
            _draw_points(axes, seen, step.labels[chosen])
            for start, end in zip(before, centres, strict=True):
                axes.plot(*zip(start, end, strict=True), color=_INK, linewidth=1.1)
            _draw_centres(axes, centres)
            axes.set_title(_title(step), loc="left", fontsize=9, color=_INK)
        before = centres
        yield figure


def draw_choice(choice: ClusterChoice) -> "Figure":
    """Draw the three scores over k, with what each says and the recommendation.

    Args:
        choice: With at least one k that was scored.
    """
    ks = [score.k for score in choice.scores]
    with drawing((8.4, 2.7)) as figure:
        for place, name in enumerate(("silhouette", "calinski_harabasz", "gap")):
            axes = figure.add_subplot(1, 3, place + 1)
            values = [getattr(score, name) for score in choice.scores]
            heights = np.array([np.nan if value is None else value for value in values])
            errors = [score.gap_error for score in choice.scores] if name == "gap" else None
            axes.errorbar(ks, heights, errors, color=COLOURS[0], marker="o", markersize=3.5,
                          elinewidth=0.9, capsize=2)  # fmt: skip
            vote = choice.votes[name]
            axes.plot(vote, heights[ks.index(vote)], "o", markersize=10, color=COLOURS[1],
                      markerfacecolor="none", markeredgewidth=1.6)  # fmt: skip
            axes.axvline(choice.k, color=_FAINT, linewidth=0.9, linestyle=(0, (2, 2)), zorder=0)
            axes.set_title(t(f"kmeans.score.{name}"), loc="left", fontsize=9)
            axes.set_xlabel("k")
            axes.set_xticks(ks)
            axes.yaxis.set_major_formatter(tick_number)
    return figure


def _axes(figure: "Figure", plane: Projection, points: Numbers) -> "Axes":
    axes = figure.add_subplot()
    seen = plane.see(points)
    low, high = seen.min(axis=0), seen.max(axis=0)
    room = np.where(high > low, 0.06 * (high - low), 0.5)
    axes.set_xlim(low[0] - room[0], high[0] + room[0])
    axes.set_ylim(low[1] - room[1], high[1] + room[1])
    axes.set_xlabel(plane.names[0])
    axes.set_ylabel(plane.names[1])
    axes.grid(visible=False)
    axes.xaxis.set_major_formatter(tick_number)
    axes.yaxis.set_major_formatter(tick_number)
    if not plane.names[1]:
        axes.set_yticks([])
    return axes


def _draw_ground(axes: "Axes", centres: Numbers, plane: Projection) -> None:
    """Tint each place like the centre it is nearest to; only where the picture is the whole."""
    if not plane.is_whole:
        return
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    x, y = np.meshgrid(np.linspace(left, right, _FINE), np.linspace(bottom, top, _FINE))
    owner, _ = nearest(np.column_stack([x.ravel(), y.ravel()]), centres)
    tints = np.array([_channels(COLOURS[j % len(COLOURS)]) for j in range(len(centres))])
    ground = (255 - 0.13 * (255 - tints[owner])).astype(np.uint8).reshape(_FINE, _FINE, 3)
    axes.imshow(ground, extent=(left, right, bottom, top), origin="lower", aspect="auto", zorder=0)


def _draw_points(axes: "Axes", seen: Numbers, labels: NDArray[np.int64]) -> None:
    size = float(np.clip(6000 / len(seen), 3, 22))
    for j in np.unique(labels).tolist():
        part = seen[labels == j]
        style: dict[str, Any] = {"marker": _MARKS[j % len(_MARKS)], "linewidths": 0}
        axes.scatter(
            part[:, 0], part[:, 1], s=size, color=COLOURS[j % len(COLOURS)], alpha=0.75, **style
        )


def _draw_centres(axes: "Axes", seen: Numbers) -> None:
    axes.scatter(
        seen[:, 0], seen[:, 1], s=190, color="white", edgecolors=_INK, linewidths=1.3, zorder=4
    )
    for number, (x, y) in enumerate(seen.tolist(), start=1):
        axes.text(x, y, str(number), ha="center", va="center_baseline", fontsize=8, zorder=5,
                  color=_INK, clip_on=True)  # fmt: skip


def _title(step: KMeansStep) -> str:
    phase = t(f"kmeans.phase.{step.phase}")
    return t("kmeans.figure.step", number=step.number, phase=phase, inertia=_number(step.inertia))


def _number(value: float) -> str:
    return integer(round(value)) if value >= 1000 else decimal(value, 2)


def _some(count: int) -> NDArray[np.int64]:
    """Choose which points are drawn, the same in all pictures."""
    if count <= MOST_DRAWN:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, MOST_DRAWN, replace=False))


def _frames(count: int) -> list[int]:
    """Choose which steps are drawn: all the first, where most happens, then some, and the last."""
    if count <= _MOST_FRAMES:
        return list(range(count))
    first = _MOST_FRAMES // 2
    return [
        *range(first),
        *np.linspace(first, count - 1, _MOST_FRAMES - first).astype(int).tolist(),
    ]


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
