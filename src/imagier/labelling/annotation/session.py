"""A session of naming: which pictures are asked for next, and with which name proposed.

First come groups of pictures that look alike, the largest first: each is named at once, and who is
no member is left out. Then come pages of pictures for which the same name is proposed, as long as
such a page names more pictures a click than one picture at a time would; else the picture that the
proposals are least sure of. Every picture is seen by the annotator before it bears a name.

A click is one name given or accepted, for a page or a picture, one picture left out, or one page
skipped. How many clicks that saves is measured in `docs/measurements.md`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from imagier.kmeans import kmeans
from imagier.labelling.annotation.decisions import Annotations, Decision
from imagier.labelling.annotation.proposals import ModelAnswers, Proposals, Proposer
from imagier.labelling.descriptions import main_directions

__all__ = ["PAGE", "Question", "Session"]

PAGE = 40
GROUP = 20  # pictures in a group, in the mean
SMALL_GROUP, MANY_GROUPS = 5, 60  # in small folders: as few, until there are as many
_MOST_GROUPS = 400
_DIRECTIONS, _FEATURES = 32, 128
_RESTARTS = 3
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Pictures to be named together.

    Attributes:
        kind: A group of pictures that look alike, a page of pictures with one name proposed, or a
            single picture.
        paths: The pictures, below the folder, the most typical or surest first.
        proposed: The name that is proposed; None where there is none.
        probabilities: That it is right, for each; None where there is none.
    """

    kind: Literal["group", "page", "picture"]
    paths: tuple[str, ...]
    proposed: str | None = None
    probabilities: tuple[float, ...] | None = None


class Session:
    """The questions of a session; it asks, and what is decided goes to `record`.

    Args:
        paths: The pictures, below their folder.
        points: What describes each, (N, D).
        state: The decisions so far.
        record: Takes each new decision into `state`, and keeps it.
        groups: How many groups; None for one of twenty pictures in the mean, of fewer
            in small folders.
        model: What a model says of the pictures.
        page: How many pictures are shown together.
        seed: Draws the first centres of the groups.
    """

    def __init__(
        self,
        paths: Sequence[str],
        points: Numbers,
        *,
        state: Annotations,
        record: Callable[[Decision], None],
        groups: int | None = None,
        model: ModelAnswers | None = None,
        page: int = PAGE,
        seed: int = 0,
    ) -> None:
        self.paths = tuple(paths)
        self.state = state
        self.record = record
        self._page = page
        features = main_directions(points, _FEATURES)
        self._groups = _groups(features[:, :_DIRECTIONS], groups, seed=seed)
        self._proposer = Proposer(self.paths, features, model=model, seed=seed)

    @property
    def left(self) -> list[int]:
        """The places of the pictures without a name."""
        names = self.state.names
        return [place for place, path in enumerate(self.paths) if path not in names]

    @property
    def accuracy(self) -> float | None:
        """How often proposals are right on named pictures left out; None where not measured."""
        found = self._proposer.propose(self.state)
        return found.accuracy if found else None

    def question(self) -> Question | None:
        """Give the next question; None where all pictures have names."""
        return next(iter(self.questions()), None)

    def questions(self) -> Iterable[Question]:
        """Give the questions that could be asked now, each picture in one of them."""
        proposals = self._proposer.propose(self.state)
        state, asked = self.state, set[int]()
        for group in self._groups:
            rest = [
                place
                for place in group
                if not any(self.paths[place] in one for one in (state.names, state.refused))
                and not state.skipped.get(self.paths[place])
            ]
            for first in range(0, len(rest), self._page):
                places = rest[first : first + self._page]
                asked.update(places)
                yield self._asked("group", places, proposals)
        left = [place for place in self.left if place not in asked]
        yield from self._proposed(left, proposals)

    def name(self, question: Question, name: str, left_out: Iterable[int] = ()) -> None:
        """Name the pictures of a question.

        Args:
            question: It.
            name: Of all but those left out.
            left_out: Places in the question, from 0.
        """
        out = set(left_out)
        paths = tuple(path for place, path in enumerate(question.paths) if place not in out)
        others = tuple(path for place, path in enumerate(question.paths) if place in out)
        self.record(Decision(do="name", name=name, paths=paths, left_out=others))

    def skip(self, question: Question) -> None:
        """Leave the pictures of a question for later."""
        self.record(Decision(do="skip", paths=question.paths))

    def undo(self) -> Decision | None:
        """Take the last decision back; None where there is none."""
        last = self.state.last
        if last is not None:
            self.record(Decision(do="undo"))
        return last

    def _proposed(self, left: list[int], proposals: Proposals | None) -> Iterable[Question]:
        """Ask for pages that name many pictures a click, then for single pictures."""
        if proposals is None:
            skipped = self.state.skipped
            for place in sorted(left, key=lambda one: skipped.get(self.paths[one], 0)):
                yield Question(kind="picture", paths=(self.paths[place],))
            return
        rest = np.array(left, np.int64)
        while len(rest):
            places = self._best_page(rest, proposals)
            if places is None:
                break
            yield self._asked("page", places.tolist(), proposals)
            rest = rest[~np.isin(rest, places)]
        top = proposals.probabilities[rest].max(axis=1)
        times = [self.state.skipped.get(self.paths[place], 0) for place in rest.tolist()]
        for at in np.lexsort((top, times)).tolist():
            yield self._asked("picture", [int(rest[at])], proposals)

    def _best_page(self, rest: NDArray[np.int64], proposals: Proposals) -> NDArray[np.int64] | None:
        """Find the page that names most pictures a click; None where single pictures do better."""
        shares = proposals.probabilities[rest]
        top, best = shares.max(axis=1), shares.argmax(axis=1)
        fresh = np.array([self.state.skipped.get(self.paths[one], 0) < 2 for one in rest.tolist()])
        chosen, gain = None, 1.0
        for column in range(shares.shape[1]):
            members = np.flatnonzero((best == column) & fresh)
            members = members[np.argsort(-top[members], kind="stable")][: self._page]
            right = float(top[members].sum())
            clicks = 1 + len(members) - right
            if len(members) > 1 and right / clicks > gain:
                chosen, gain = members, right / clicks
        return None if chosen is None else rest[chosen]

    def _asked(
        self,
        kind: Literal["group", "page", "picture"],
        places: Sequence[int],
        proposals: Proposals | None,
    ) -> Question:
        paths = tuple(self.paths[place] for place in places)
        if proposals is None:
            return Question(kind=kind, paths=paths)
        shares = proposals.probabilities[list(places)]
        column = int(shares.sum(axis=0).argmax())
        return Question(
            kind=kind,
            paths=paths,
            proposed=proposals.names[column],
            probabilities=tuple(shares[:, column].tolist()),
        )


def _groups(points: Numbers, k: int | None, *, seed: int) -> list[list[int]]:
    """Part the pictures into groups, the largest first, the most typical picture first in each."""
    n = len(points)
    wanted = k or min(_MOST_GROUPS, round(max(n / GROUP, min(n / SMALL_GROUP, MANY_GROUPS))))
    wanted = max(1, min(wanted, n))
    clusters = kmeans(points, wanted, restarts=_RESTARTS, seed=seed)
    labels = clusters.assign(points)
    distances = np.linalg.norm(points - clusters.centres[labels], axis=1)
    order = np.lexsort((distances, labels))
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    parts = [part.tolist() for part in np.split(order, starts[1:])]
    return sorted(parts, key=len, reverse=True)
