"""Annotators as a picture: how often each is probably right, and what is mistaken for what."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from imagier.figures import COLOURS, drawing
from imagier.i18n import integer, percent, t
from imagier.labelling.votes.annotators import AnnotatorReport
from imagier.labelling.votes.settlement import Settlement

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_annotators"]

_MOST = 40  # annotators, the least accurate first
_MOST_LABELS = 12  # whose cells can be read
_BLUE, _ORANGE = COLOURS[:2]


def draw_annotators(found: Settlement, reports: Sequence[AnnotatorReport]) -> "Figure":
    """Draw a dot for each annotator and, of few labels, the confusions of all.

    Args:
        found: What the votes say.
        reports: On the annotators, the least accurate first.
    """
    shown = [one for one in reports if one.accuracy is not None or one.failed][:_MOST]
    has_matrix = len(found.votes.labels) <= _MOST_LABELS
    height = max(2.8, 0.17 * len(shown) + 0.9)
    with drawing((8.4 if has_matrix else 4.6, height)) as figure:
        if has_matrix:
            left, right = figure.subplots(1, 2, width_ratios=(1, 1.1))
            _draw_confusion(right, found)
        else:
            left = figure.add_subplot()
        _draw_accuracies(left, shown)
    return figure


def _draw_accuracies(axes: "Axes", reports: Sequence[AnnotatorReport]) -> None:
    for place, one in enumerate(reports):
        if one.failed:
            share = (one.control_right or 0) / (one.control_n or 1)
            axes.plot(share, place, "x", color=_ORANGE, markersize=5)
        elif one.accuracy is not None:
            fill = "white" if one.tells_nothing else _BLUE
            axes.plot(one.accuracy, place, "o", color=_BLUE, markerfacecolor=fill, markersize=4.5)
    names = [f"{_short(one.name)} ({integer(one.votes)})" for one in reports]
    axes.set_yticks(range(len(reports)), names, fontsize=6.5)
    axes.invert_yaxis()
    axes.set_xlim(-0.02, 1.02)
    axes.set_xticks(np.linspace(0, 1, 5), [percent(share, 0) for share in np.linspace(0, 1, 5)])
    axes.set_xlabel(t("votes.plot.accuracy"))


def _draw_confusion(axes: "Axes", found: Settlement) -> None:
    counts = found.model.confusion
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    names = [_short(name) for name in found.votes.labels]
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel(t("votes.plot.given"))
    axes.set_ylabel(t("votes.plot.true"))
    axes.grid(visible=False)
    for row, column in np.ndindex(*shares.shape):
        share = float(shares[row, column])
        ink = "white" if share > 0.6 else "#1f2430"
        axes.text(column, row, percent(share, 0), ha="center", va="center", fontsize=7, color=ink)


def _short(name: str) -> str:
    return name if len(name) <= 16 else name[:15] + "…"
