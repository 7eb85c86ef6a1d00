"""A picture of a journey: how far at each time, and below how fast."""

from typing import TYPE_CHECKING

from imagier.figures import COLOURS, drawing
from imagier.gradient.axes import own_marks
from imagier.gradient.speeds import Speeds
from imagier.i18n import t

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["travel_figure"]

_MOST_MARKS = 40


def travel_figure(trip: Speeds, *, names: tuple[str, str]) -> "Figure":
    """Draw distances over time; below, mean speeds as steps, and speeds at each time as a line.

    Args:
        trip: The journey.
        names: What the times and the distances are called.
    """
    mark = "o" if len(trip.times) <= _MOST_MARKS else None
    with drawing((6.4, 4.6)) as figure:
        above, below = figure.subplots(2, 1, sharex=True)
        above.plot(trip.times, trip.distances, color=COLOURS[0], marker=mark, markersize=4)
        above.set_ylabel(names[1])
        steps = [*trip.means, trip.means[-1]]
        label = t("gradient.figure.means")
        below.step(trip.times, steps, where="post", color=COLOURS[1], linewidth=1.4, label=label)
        label = t("gradient.figure.instants")
        below.plot(
            trip.times, trip.instants, color=COLOURS[0], marker=mark, markersize=4, label=label
        )
        below.set_xlabel(names[0])
        below.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0)
        for axes in (above, below):
            own_marks(axes)
    return figure
