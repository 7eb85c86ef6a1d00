"""What the pictures without a name probably are, learnt from those that have one.

A head on the features of all pictures is fitted on what has been named so far, in a second, and
fitted again as names come in: as soon as they are a tenth more. A name that a picture was left out
of is not proposed for it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.labelling.annotation.decisions import Annotations

__all__ = ["ModelAnswers", "Proposals", "Proposer"]

Numbers = NDArray[np.float64]
_FOLDS = 3
_L2_VALUES = (0.1, 0.03, 0.01)
_MORE = 1.1  # times the names of the last fit
_LEAST = 4  # names without which nothing is fitted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proposals:
    """Probabilities of names.

    Attributes:
        names: K of them.
        probabilities: For all pictures, (N, K).
        accuracy: How often the proposals are right on named pictures left out; None where that was
            not measured.
    """

    names: tuple[str, ...]
    probabilities: Numbers
    accuracy: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelAnswers:
    """What a model that was learnt before says of all pictures.

    Attributes:
        names: Its K classes.
        probabilities: Of each picture, (N, K).
    """

    names: tuple[str, ...]
    probabilities: Numbers


class Proposer:
    """Proposes names, by a head that is fitted again as names come in.

    Args:
        paths: The pictures.
        points: What describes each, (N, D).
        model: What a model says of them; where it is right more often than the head, it proposes.
        seed: Parts the named pictures into folds.
    """

    def __init__(
        self,
        paths: Sequence[str],
        points: Numbers,
        *,
        model: ModelAnswers | None = None,
        seed: int = 0,
    ) -> None:
        self._place = {path: number for number, path in enumerate(paths)}
        self._points = points.astype(np.float32)
        self._model = model
        self._seed = seed
        self._fitted: Proposals | None = None
        self._known = 0

    def propose(self, state: Annotations) -> Proposals | None:
        """Give the probabilities of names for all pictures; None while too little is named.

        Args:
            state: The names so far.
        """
        names = {path: name for path, name in state.names.items() if path in self._place}
        is_new = set(names.values()) != set(self._fitted.names if self._fitted else ())
        if len(names) >= self._known * _MORE or len(names) < self._known or is_new:
            self._fitted = self._fit(names)
            self._known = max(len(names), 1)
        if self._fitted is None:
            return None
        probabilities = self._fitted.probabilities.copy()
        for path, refused in state.refused.items():
            if path in self._place:
                columns = [n for n, name in enumerate(self._fitted.names) if name in refused]
                probabilities[self._place[path], columns] = 0
        sums = probabilities.sum(axis=1, keepdims=True)
        probabilities /= np.maximum(sums, 1e-12)
        return Proposals(
            names=self._fitted.names,
            probabilities=probabilities,
            accuracy=self._fitted.accuracy,
        )

    def _fit(self, names: Mapping[str, str]) -> Proposals | None:
        head = self._head(names)
        model = self._model
        if model is None:
            return head
        rows = np.array([self._place[path] for path in names], np.int64)
        answers = [model.names[best] for best in model.probabilities[rows].argmax(axis=1)]
        pairs = zip(answers, names.values(), strict=True)
        accuracy = sum(one == other for one, other in pairs) / len(names) if names else None
        if head is not None and (head.accuracy or 0) >= (accuracy or 0):
            return head
        return Proposals(names=model.names, probabilities=model.probabilities, accuracy=accuracy)

    def _head(self, names: Mapping[str, str]) -> Proposals | None:
        from imagier.features import fit_head

        classes = tuple(sorted(set(names.values())))
        if len(classes) < 2 or len(names) < _LEAST:
            return None
        rows = np.array([self._place[path] for path in names], np.int64)
        labels = np.array([classes.index(name) for name in names.values()], np.int64)
        order = np.random.default_rng(self._seed).permutation(len(labels))
        folds = np.empty(len(labels), np.int64)
        folds[order] = np.arange(len(labels)) % min(_FOLDS, len(labels))
        fitted = fit_head(
            self._points[rows],
            labels,
            folds,
            class_weights=[1.0] * len(classes),
            l2_values=_L2_VALUES,
        )
        logits = (self._points @ fitted.head.weights.T + fitted.head.bias).astype(np.float64)
        logits -= logits.max(axis=1, keepdims=True)
        shares = np.exp(logits)
        shares /= shares.sum(axis=1, keepdims=True)
        return Proposals(names=classes, probabilities=shares, accuracy=fitted.best.accuracy)
