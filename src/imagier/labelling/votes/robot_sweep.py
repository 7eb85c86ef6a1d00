"""What `imagier votes --simulate` answers: when robots outnumber humans, and what helps.

How the votes are made up stands in `simulation.py`; three ways to label are compared on them, on
the items whose label is not known beforehand.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.answers import AnswerFigure, AnswerTable, Shown, text_table
from imagier.figures import BLUE, FAINT, ORANGE, drawing, write_ticks
from imagier.i18n import integer, percent, plain_percent, t
from imagier.labelling.votes.controls import control_answers
from imagier.labelling.votes.dawid_skene import dawid_skene
from imagier.labelling.votes.simulation import Crowd, SimulatedVotes, simulate_votes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ROBOT_SHARES", "RobotSweep", "sweep_robots"]

ROBOT_SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_WAYS = ("majority", "dawid_skene", "controls")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class RobotSweep(Shown):
    """How many labels are right, by the share of robots.

    Attributes:
        crowd: Who votes.
        shares: Of robots among annotators.
        accuracies: Of majority, Dawid–Skene, and both control items and Dawid–Skene, (S, 3).
        robots_found: The share of robots that fail the control items, (S,); NaN without robots.
        humans_lost: The share of humans that fail them, (S,).
        runs: How many crowds were drawn for each share.
        seed: Draws them.
    """

    crowd: Crowd
    shares: tuple[float, ...]
    accuracies: NDArray[np.float64]
    robots_found: NDArray[np.float64]
    humans_lost: NDArray[np.float64]
    runs: int
    seed: int

    @property
    def notes(self) -> tuple[str, ...]:
        """That all of it is made up."""
        return (t("votes.sweep.synthetic"),)

    def lines(self) -> Iterator[str]:
        """Give the table, a row a share of robots."""
        crowd = self.crowd
        yield t(
            "votes.sweep.title",
            items=integer(crowd.items),
            annotators=integer(crowd.annotators),
            labels=integer(crowd.labels),
            votes=integer(crowd.votes),
            controls=integer(crowd.controls),
            runs=integer(self.runs),
        )
        yield ""
        titles = ("robots", *_WAYS, "found", "lost")
        rows = [[t(f"votes.sweep.{title}") for title in titles]]
        for place, share in enumerate(self.shares):
            found = self.robots_found[place]
            rows.append(
                [
                    plain_percent(share),
                    *map(percent, self.accuracies[place].tolist()),
                    "–" if np.isnan(found) else percent(float(found)),
                    percent(float(self.humans_lost[place])),
                ]
            )
        yield from text_table(rows, left=())
        yield ""
        yield t("votes.sweep.meaning")

    def to_json(self) -> dict[str, Any]:
        """Give all of it."""
        return {
            "items": self.crowd.items,
            "controls": self.crowd.controls,
            "annotators": self.crowd.annotators,
            "labels": self.crowd.labels,
            "votes_per_item": self.crowd.votes,
            "runs": self.runs,
            "seed": self.seed,
            "shares": [self._row(place) for place in range(len(self.shares))],
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give the three accuracies over the share of robots."""
        return {"figure": AnswerFigure(label=t("votes.sweep.figure"), draw=self._draw)}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give the same as a table."""
        rows = [list(self._row(place).values()) for place in range(len(self.shares))]
        return {"table": AnswerTable(columns=tuple(self._row(0)), rows=rows)}

    def _row(self, place: int) -> dict[str, float | None]:
        found = float(self.robots_found[place])
        ways = zip(_WAYS, self.accuracies[place].tolist(), strict=True)
        return {
            "robots": self.shares[place],
            **{way: round(value, 4) for way, value in ways},
            "robots_found": None if np.isnan(found) else round(found, 4),
            "humans_lost": round(float(self.humans_lost[place]), 4),
        }

    def _draw(self) -> "Figure":
        with drawing((5.2, 3.2)) as figure:
            axes = figure.add_subplot()
            styles = (("o", "dotted", FAINT), ("s", "dashed", ORANGE), ("^", "solid", BLUE))
            for way, (marker, dashes, colour) in enumerate(styles):
                axes.plot(
                    self.shares,
                    self.accuracies[:, way],
                    marker=marker,
                    linestyle=dashes,
                    color=colour,
                    label=t(f"votes.sweep.{_WAYS[way]}"),
                )
            axes.set_xlabel(t("votes.sweep.robots_axis"))
            axes.set_ylabel(t("votes.sweep.accuracy_axis"))
            axes.set_ylim(0, 1.02)
            write_ticks(axes)
            axes.legend(loc="lower left")
        return figure


def sweep_robots(
    *,
    crowd: Crowd | None = None,
    shares: tuple[float, ...] = ROBOT_SHARES,
    runs: int = 20,
    seed: int = 0,
) -> RobotSweep:
    """Let robots become more, and measure how many labels are right.

    Args:
        crowd: Who votes.
        shares: Of robots among annotators.
        runs: How many crowds to draw for each share.
        seed: Draws them.

    >>> sweep = sweep_robots(shares=(0.0, 0.6), runs=2)
    >>> few, many = sweep.accuracies.round(1).tolist()
    >>> few
    [1.0, 1.0, 1.0]
    >>> many[2] > 0.8 > 0.5 > many[0]
    True
    """
    crowd = crowd or Crowd()
    figures = np.array(
        [
            np.mean(
                [_scores(simulate_votes(share, crowd, seed=(seed, run))) for run in range(runs)], 0
            )
            for share in shares
        ]
    )
    return RobotSweep(
        crowd=crowd,
        shares=shares,
        accuracies=figures[:, :3],
        robots_found=figures[:, 3],
        humans_lost=figures[:, 4],
        runs=runs,
        seed=seed,
    )


def _scores(made: SimulatedVotes) -> list[float]:
    """Score three ways on the items that are no control items, and what control items find."""
    votes, rest, truth = made.votes, made.known < 0, made.truth
    failed = control_answers(votes, made.known).failed
    labels = (
        votes.counts.argmax(axis=1),
        dawid_skene(votes).probabilities.argmax(axis=1),
        dawid_skene(votes.without(failed), known=made.known).probabilities.argmax(axis=1),
    )
    right = [float((found == truth)[rest].mean()) for found in labels]
    robots = float(failed[made.is_robot].mean()) if made.is_robot.any() else float("nan")
    humans = float(failed[~made.is_robot].mean()) if not made.is_robot.all() else float("nan")
    return [*right, robots, humans]
