r"""Dawid and Skene: who errs on what, and what the labels are, found from the votes alone.

The majority gives every vote the same weight. But annotators differ: one sees what others miss, one
guesses, one calls every face sad. If the true labels were known, each annotator's errors could be
counted; if the errors were known, each vote could be weighed. Neither is known, so both are found
in turns, which is the EM algorithm:

    M step   π_a[t, l]  =  (α·p[l, t] + Σ_i T[i, t] · [a gave i the label l])  / sum over l
             q[t]       =  (1 + Σ_i T[i, t]) / (K + N)
    E step   T[i, t]    ∝  q[t] · Π_votes of i  π_a[t, l]

T[i, t] is the probability that item i is truly t, π_a the confusion matrix of annotator a, q the
share of each label. The first T are the shares of the votes, that is, the majority. Known labels
(control items) are rows of T that are given and stay.

The term with α is a prior: each annotator begins as one who has been seen with α votes for each
true label, spread as those of all annotators together. Without it, an annotator with three votes
seems never to err, and outvotes everybody.

Two who are often right against one who guesses:

>>> from imagier.labelling.votes.vote_table import make_votes
>>> truth = "aabbaabb"
>>> votes = make_votes(
...     [(str(i), who, label) for who, given in (("ann", truth), ("bob", "aabbaaba"),
...      ("eve", "abababab")) for i, label in enumerate(given)])
>>> found = dawid_skene(votes)
>>> "".join(votes.labels[label] for label in found.probabilities.argmax(axis=1))
'aabbaabb'
>>> found.accuracies(votes).round(2).tolist()
[0.91, 0.86, 0.49]

Source: A. Dawid and A. Skene, "Maximum likelihood estimation of observer error-rates using the EM
algorithm", Applied Statistics 28 (1979).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.labelling.votes.vote_table import Votes

__all__ = ["PRIOR_VOTES", "DawidSkene", "dawid_skene"]

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]
PRIOR_VOTES = 4.0  # chosen on simulated votes: docs/measurements.md
_MOST_STEPS = 500
_STILL = 1e-7  # of the log-likelihood per vote
_NUMBERS_AT_ONCE = 2**22
_UNKNOWN = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DawidSkene:
    """What the votes say together.

    Attributes:
        probabilities: Of each label for each item, (N, K).
        shares: Of each label among all items, (K,).
        pairs: Each annotator with each label that he gave, as annotator · K + label, (P,).
        errors: How often the annotator of a pair gives its label, by what is true, (P, K).
        seen: How often he did, by what is probably true, (P, K).
        log_likelihoods: After each step; it rises, but for the prior.
        has_settled: Whether it no longer moved at the end.
    """

    probabilities: Numbers
    shares: Numbers
    pairs: Codes
    errors: Numbers
    seen: Numbers
    log_likelihoods: tuple[float, ...]
    has_settled: bool

    def accuracies(self, votes: Votes) -> Numbers:
        """Estimate how often each annotator is right on what he voted on, (A,); NaN without votes.

        Args:
            votes: Those that this was found from.
        """
        right = self.probabilities[votes.item, votes.label]
        size = len(votes.annotators)
        n = np.bincount(votes.annotator, minlength=size)
        sums = np.bincount(votes.annotator, right, minlength=size)
        return np.asarray(sums / np.where(n, n, np.nan))

    @property
    def confusion(self) -> Numbers:
        """Count the votes of all annotators, rows probably true and columns given, (K, K)."""
        k = len(self.shares)
        found = np.zeros((k, k))
        np.add.at(found, self.pairs % k, self.seen)
        return found.T


def dawid_skene(
    votes: Votes, *, known: Codes | None = None, prior_votes: float = PRIOR_VOTES
) -> DawidSkene:
    """Find the labels of all items and the errors of all annotators together.

    Args:
        votes: Who gave which item which label.
        known: The label of each item that is known, −1 for others, (N,).
        prior_votes: How many votes for each true label an annotator is thought to have given
            before, in the way of all annotators.
    """
    counts = votes.counts
    given = np.full(len(votes.items), _UNKNOWN) if known is None else known
    fixed = np.flatnonzero(given != _UNKNOWN)
    sums = _Sums(votes)
    truth = _with_known(_rows_to_one(counts), fixed, given)
    likelihoods: list[float] = []
    has_settled = False
    while not has_settled and len(likelihoods) < _MOST_STEPS:
        shares, errors = _maximise(sums, truth, prior_votes)
        logs = sums.by_item(np.log(errors)) + np.log(shares)
        top = logs.max(axis=1, keepdims=True)
        truth = np.exp(logs - top)
        total = truth.sum(axis=1, keepdims=True)
        truth = _with_known(truth / total, fixed, given)
        seen = top[:, 0] + np.log(total[:, 0])
        seen[fixed] = logs[fixed, given[fixed]]
        likelihoods.append(float(seen.sum()))
        if len(likelihoods) > 1:
            has_settled = abs(likelihoods[-1] - likelihoods[-2]) <= _STILL * max(1, len(votes))
    return DawidSkene(
        probabilities=truth,
        shares=shares,
        pairs=sums.pairs,
        errors=errors,
        seen=sums.by_pair(truth),
        log_likelihoods=tuple(likelihoods),
        has_settled=has_settled,
    )


def _maximise(sums: "_Sums", truth: Numbers, prior_votes: float) -> tuple[Numbers, Numbers]:
    """Count shares and errors as if the probabilities of the labels were true (M step)."""
    items, k = truth.shape
    shares = (1 + truth.sum(axis=0)) / (k + items)
    seen = sums.by_pair(truth)  # (P, K)
    whole = np.zeros((k, k))  # of all annotators, by the label given
    np.add.at(whole, sums.pairs % k, seen)
    usual = (whole + 1 / k) / (whole.sum(axis=0) + 1)
    annotator = sums.pairs // k
    totals = np.zeros((sums.annotators, k))
    np.add.at(totals, annotator, seen)
    smoothed = seen + prior_votes * usual[sums.pairs % k]
    errors = smoothed / (totals[annotator] + prior_votes)
    return shares, np.maximum(errors, 1e-12)


class _Sums:
    """Sums over the votes of an item, and over those of a pair of annotator and label."""

    def __init__(self, votes: Votes) -> None:
        k = len(votes.labels)
        self.annotators = len(votes.annotators)
        self._items = len(votes.items)
        pair_of = votes.annotator * k + votes.label
        self.pairs, pair = np.unique(pair_of, return_inverse=True)
        order = np.argsort(pair, kind="stable")
        self._pair_by_item, self._item_starts = pair, _starts(votes.item)
        self._item_by_pair, self._pair_starts = votes.item[order], _starts(pair[order])
        self._voted = votes.item[self._item_starts]
        self._k = k

    def by_item(self, rows: Numbers) -> Numbers:
        """Add up the rows of the pairs, (P, K), over the votes of each item, (N, K)."""
        found = np.zeros((self._items, self._k))
        found[self._voted] = _grouped(rows, self._pair_by_item, self._item_starts)
        return found

    def by_pair(self, rows: Numbers) -> Numbers:
        """Add up the rows of the items, (N, K), over the votes of each pair, (P, K)."""
        return _grouped(rows, self._item_by_pair, self._pair_starts)


def _grouped(rows: Numbers, place: Codes, starts: Codes) -> Numbers:
    """Add up the rows at the places between two starts, some millions of numbers at a time."""
    found = np.empty((len(starts), rows.shape[1]))
    ends = np.append(starts[1:], len(place))
    step = max(1, _NUMBERS_AT_ONCE // rows.shape[1])
    first = 0
    while first < len(starts):
        last = max(first + 1, int(np.searchsorted(ends, starts[first] + step, side="right")))
        part = rows[place[starts[first] : ends[last - 1]]]
        found[first:last] = np.add.reduceat(part, starts[first:last] - starts[first], axis=0)
        first = last
    return found


def _starts(codes: Codes) -> Codes:
    """Tell where each run of equal codes begins."""
    return np.flatnonzero(np.diff(codes, prepend=-1))


def _with_known(truth: Numbers, fixed: Codes, given: Codes) -> Numbers:
    truth[fixed] = 0
    truth[fixed, given[fixed]] = 1
    return truth


def _rows_to_one(counts: Numbers) -> Numbers:
    """Turn counts into shares; equal ones where there is no vote."""
    sums = counts.sum(axis=1, keepdims=True)
    return np.asarray(np.where(sums > 0, counts / np.maximum(sums, 1), 1 / counts.shape[1]))
