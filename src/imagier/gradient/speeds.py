"""From a table of times and distances to speeds: the derivative where there is no formula.

A car leaves Nice for Paris; g(t) is how far it is at the time t. Its mean speed between two times
is distance by time, (g(t + Δt) - g(t)) / Δt; its speed at one time is what that tends to, and the
table can only come near it. Each inner line takes the parabola through itself and its two
neighbours, and the slope of that parabola there (chapter 9).

The deck gives the car no numbers; these are invented, in hours and kilometres:

>>> trip = speeds([0, 0.5, 1, 2, 2.5], [0, 30, 90, 220, 270])
>>> trip.means
(60.0, 120.0, 130.0, 100.0)
>>> [round(speed, 1) for speed in trip.instants]
[30.0, 90.0, 123.3, 110.0, 90.0]
>>> trip.mean
108.0
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imagier.errors import DataError

__all__ = ["Speeds", "speeds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speeds:
    """What a table of times and distances says about speeds.

    Attributes:
        times: The times, n of them, rising.
        distances: How far at each time, n.
        means: The mean speed from each line to the next, n - 1.
        instants: The speed at each time, as near as the table can tell it, n.
    """

    times: tuple[float, ...]
    distances: tuple[float, ...]
    means: tuple[float, ...]
    instants: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean speed of the whole table."""
        return (self.distances[-1] - self.distances[0]) / (self.times[-1] - self.times[0])


def speeds(times: Sequence[float], distances: Sequence[float]) -> Speeds:
    """Compute mean speeds between the lines of a table, and speeds at them.

    Args:
        times: Times, (n,), each later than the one before.
        distances: How far at each time, (n,).

    Raises:
        DataError: `too_few_times`, below two lines; `times_not_rising`, with the line.
    """
    t, g = np.asarray(times, np.float64), np.asarray(distances, np.float64)
    if len(t) < 2:
        raise DataError("too_few_times", n=len(t))
    behind = np.flatnonzero(np.diff(t) <= 0)
    if behind.size:
        line = int(behind[0]) + 2
        later, earlier = f"{t[line - 1]:.10g}", f"{t[line - 2]:.10g}"
        raise DataError("times_not_rising", line=line, time=later, before=earlier)
    # a parabola needs three points; two give one straight line
    instants = np.gradient(g, t, edge_order=2 if len(t) > 2 else 1)
    return Speeds(
        times=tuple(t.tolist()),
        distances=tuple(g.tolist()),
        means=tuple((np.diff(g) / np.diff(t)).tolist()),
        instants=tuple(instants.tolist()),
    )
