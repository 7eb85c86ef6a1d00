"""How probable is a text, when a reader says for each column of a line what it may show?

The reader never says where a character begins. Any path through the columns that spells the text
counts: characters in a row that are the same are one, and blanks (∅) vanish, so that with three
columns `7∅7`, but neither `777` nor `∅77`, spells 77. The probability of a text is the sum over all
its paths. There are thousands of millions of them for a line of 64 columns; but they share their
beginnings. On the row of states ∅ 7 ∅ 7 ∅ a path stays where it is, goes on to the next state, or
leaps over a blank between two characters that differ; so the sums of a column follow from those of
the column before.

>>> half = np.full((3, 2), 0.5)  # three columns, each blank or 7
>>> round(float(np.exp(log_probability(half, [1, 1]))), 6)  # one of eight paths
0.125
>>> round(float(np.exp(log_probability(half, [1]))), 6)  # 7∅∅ 77∅ 777 ∅7∅ ∅77 ∅∅7
0.75

The most probable of the paths of a text says in which columns each character stands:

>>> columns = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.9, 0.1]])
>>> best_alignment(columns, [1]).tolist()
[[1, 2]]

Source: A. Graves et al., "Connectionist temporal classification: labelling unsegmented sequence
data with recurrent neural networks", ICML 2006.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["best_alignment", "best_alignments", "log_probabilities", "log_probability"]

Numbers = Sequence[int] | NDArray[np.integer[Any]]


def log_probability(probabilities: NDArray[np.floating], text: Numbers) -> float:
    """Sum the probabilities of all paths that spell a text.

    Args:
        probabilities: Of each class in each column, (columns, classes); class 0 is the blank.
        text: The classes of its characters, from 1, (length).

    Returns:
        The natural logarithm of the sum; minus infinity for a text that cannot be.
    """
    return float(log_probabilities(probabilities, [text])[0])


def log_probabilities(
    probabilities: NDArray[np.floating], texts: Sequence[Numbers]
) -> NDArray[np.float64]:
    """Sum the probabilities of all paths of many texts at once.

    Args:
        probabilities: (columns, classes) for texts of one line, or (texts, columns, classes) for
            one text a line.
        texts: The classes of each text.

    Returns:
        The natural logarithms, (texts).
    """
    lattice = _lattice(probabilities, texts)
    # two rows before the first state, from which nothing comes
    sums = np.full((lattice.emissions.shape[1] + 2, len(texts)), -np.inf)
    sums[2:4] = lattice.emissions[0, :2]
    for emissions in lattice.emissions[1:]:
        step = np.logaddexp(sums[2:], sums[1:-1])
        step = np.logaddexp(step, sums[:-2] + lattice.leaps)
        sums[2:] = step + emissions
    return np.asarray(np.logaddexp(*lattice.ends(sums[2:])))


def best_alignment(probabilities: NDArray[np.floating], text: Numbers) -> NDArray[np.int64]:
    """Tell in which columns each character stands on the most probable path of a text.

    Args:
        probabilities: As of `log_probability`.
        text: The classes of its characters, from 1.

    Returns:
        First and last column of each character, (length, 2); those between belong to it too.

    Raises:
        ValueError: The text has no path of a probability above 0.
    """
    return best_alignments(probabilities, [text])[0]


def best_alignments(
    probabilities: NDArray[np.floating], texts: Sequence[Numbers]
) -> list[NDArray[np.int64]]:
    """Tell the columns of each character of many texts at once; arguments and errors as above."""
    lattice = _lattice(probabilities, texts)
    columns, states, count = lattice.emissions.shape
    best = np.full((states + 2, count), -np.inf)
    best[2:4] = lattice.emissions[0, :2]
    steps = np.zeros((columns, states, count), np.int8)  # how many states a path came forward
    for column in range(1, columns):
        ways = np.stack([best[2:], best[1:-1], best[:-2] + lattice.leaps])
        steps[column] = ways.argmax(axis=0)
        best[2:] = ways.max(axis=0) + lattice.emissions[column]
    ends = np.stack(lattice.ends(best[2:]))
    if np.isneginf(ends.max(axis=0)).any():
        raise ValueError("a text has no path of a probability above 0")
    paths = np.empty((columns, count), np.int64)
    place = np.maximum(2 * lattice.lengths - ends.argmax(axis=0), 0)
    for column in range(columns - 1, -1, -1):
        paths[column] = place
        place = place - steps[column, place, np.arange(count)]
    return [_spans(path, length) for path, length in zip(paths.T, lattice.lengths, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lattice:
    """The states ∅ a ∅ b ∅ of each text, filled up with blanks to the length of the longest.

    Attributes:
        emissions: Logarithm of what each column gives each state, (columns, states, texts).
        leaps: 0 where a path may leap to a state over the blank before it, else minus infinity.
        lengths: Of the texts, (texts).
    """

    emissions: NDArray[np.float64]
    leaps: NDArray[np.float64]
    lengths: NDArray[np.int64]

    def ends(self, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the values of a path's last states: the last blank and the last character."""
        texts = np.arange(len(self.lengths))
        last_characters = values[np.maximum(2 * self.lengths - 1, 0), texts]
        last_characters = np.where(self.lengths > 0, last_characters, -np.inf)
        return values[2 * self.lengths, texts], last_characters


def _lattice(probabilities: NDArray[np.floating], texts: Sequence[Numbers]) -> _Lattice:
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    classes = np.zeros((2 * int(lengths.max(initial=0)) + 1, len(texts)), np.int64)
    for place, text in enumerate(texts):
        classes[1 : 2 * len(text) : 2, place] = text
    leaps = np.full(classes.shape, -np.inf)
    leaps[2:][(classes[2:] != 0) & (classes[2:] != classes[:-2])] = 0.0
    with np.errstate(divide="ignore"):  # the logarithm of 0 is what is meant
        logarithms = np.log(probabilities.astype(np.float64))
    if logarithms.ndim == 2:
        emissions = logarithms[:, classes]
    else:
        emissions = logarithms[np.arange(len(texts)), :, classes].transpose(2, 0, 1)
    return _Lattice(emissions=np.ascontiguousarray(emissions), leaps=leaps, lengths=lengths)


def _spans(path: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Give the first and the last column in which a path is in the state of each character."""
    states = 2 * np.arange(length) + 1
    first = np.searchsorted(path, states, side="left")
    return np.stack([first, np.searchsorted(path, states, side="right") - 1], axis=1)
