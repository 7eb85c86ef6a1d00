"""Robots among humans: votes that are made up, to see when the majority fails and what helps.

Humans err each in their own way, and rather seldom. Robots share one reading: on most items they
give the same wrong label, as programs do that were copied from each other. While robots are few the
majority holds. When they are more, their label is the majority, and the algorithm of Dawid and
Skene, which begins with it, finds that they agree and that it is humans who err. From the votes
alone this cannot be told. A few items whose label is known can.

The deck's captchas label pictures that way: one known word, one unknown.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.labelling.votes.vote_table import Votes

__all__ = ["Crowd", "SimulatedVotes", "simulate_votes"]

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Who votes, and on what.

    Attributes:
        items: How many, control items among them.
        controls: How many of these have a known label.
        annotators: Humans and robots.
        labels: How many there are.
        votes: How many each item gets.
        human: The accuracies of humans, from and to.
        robot_right: How often the reading that robots share is right.
        robot_faithful: How often a robot gives it, and no label drawn by lot.
    """

    items: int = 200
    controls: int = 40
    annotators: int = 40
    labels: int = 4
    votes: int = 9
    human: tuple[float, float] = (0.65, 0.95)
    robot_right: float = 0.3
    robot_faithful: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedVotes:
    """Votes of which all is known.

    Attributes:
        votes: They.
        truth: The true label of each item, (N,).
        known: The same of the control items, −1 for others, (N,).
        is_robot: Who is none, (A,).
    """

    votes: Votes
    truth: Codes
    known: Codes
    is_robot: NDArray[np.bool_]


def simulate_votes(
    robots: float, crowd: Crowd | None = None, *, seed: int | tuple[int, ...] = 0
) -> SimulatedVotes:
    """Make up the votes of humans and robots.

    Args:
        robots: Their share among annotators.
        crowd: Who votes.
        seed: Draws all of it.
    """
    crowd = crowd or Crowd()
    chance = np.random.default_rng(seed)
    n, k, size = crowd.items, crowd.labels, crowd.annotators
    truth = chance.integers(0, k, n)
    reading = np.where(chance.random(n) < crowd.robot_right, truth, _other(truth, k, chance))
    accuracy = chance.uniform(*crowd.human, size)
    is_robot = np.arange(size) < round(robots * size)
    item = np.repeat(np.arange(n), crowd.votes)
    annotator = np.sort(chance.random((n, size)).argsort(axis=1)[:, : crowd.votes]).ravel()
    robot_says = np.where(
        chance.random(len(item)) < crowd.robot_faithful,
        reading[item],
        chance.integers(0, k, len(item)),
    )
    is_right = chance.random(len(item)) < accuracy[annotator]
    human_says = np.where(is_right, truth[item], _other(truth[item], k, chance))
    votes = Votes(
        items=tuple(map(str, range(n))),
        annotators=tuple(f"{'robot' if one else 'human'}{at}" for at, one in enumerate(is_robot)),
        labels=tuple(map(str, range(k))),
        item=item,
        annotator=annotator,
        label=np.where(is_robot[annotator], robot_says, human_says),
    )
    known = np.where(np.arange(n) < crowd.controls, truth, -1)
    return SimulatedVotes(votes=votes, truth=truth, known=known, is_robot=is_robot)


def _other(labels: Codes, k: int, chance: np.random.Generator) -> Codes:
    """Draw a label that is another."""
    return (labels + chance.integers(1, k, len(labels))) % k
