"""Which labels are settled, and which items need more votes.

Either the probability of a label must reach a confidence, or the share of its votes a majority; a
single vote settles nothing. An item whose votes are split between two labels is settled by neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError
from imagier.files import printable
from imagier.labelling.votes.agreement import Agreement, agreement
from imagier.labelling.votes.controls import (
    PASS_MARK,
    ControlAnswers,
    control_answers,
    known_codes,
    named_right,
)
from imagier.labelling.votes.dawid_skene import DawidSkene, dawid_skene
from imagier.labelling.votes.vote_table import Votes

__all__ = ["Settlement", "VoteOptions", "settle_votes"]

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteOptions:
    """When a label is settled.

    Attributes:
        confidence: The probability that it must reach.
        majority: The share of the votes that it must reach instead; None for the probability.
        least: How many votes an item needs.
        pass_mark: The share of right answers on control items below which an annotator fails.
        seed: Draws the parts of the control items.
    """

    confidence: float = 0.95
    majority: float | None = None
    least: int = 2
    pass_mark: float = PASS_MARK
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settlement:
    """What the votes say.

    Attributes:
        votes: All of them.
        kept: Those that count: without annotators who fail the control items.
        options: When a label is settled.
        agreement: How well annotators agree; None where no item has two votes.
        known: The label of each control item, −1 for other items, (N,).
        controls: What annotators said of them; None without control items.
        control_hits: How many of them are named right while treated as unknown; None without.
        model: What Dawid and Skene find.
        majority: The label with most votes that count, ties left to the model, (N,).
        majority_share: Its share of them, (N,).
        is_tied: Whether another label has as many votes, (N,).
        label: That of each item, (N,).
        is_settled: Whether it is settled, (N,).
    """

    votes: Votes
    kept: Votes
    options: VoteOptions
    agreement: Agreement | None
    known: Codes
    controls: ControlAnswers | None
    control_hits: int | None
    model: DawidSkene
    majority: Codes
    majority_share: Numbers
    is_tied: NDArray[np.bool_]
    label: Codes
    is_settled: NDArray[np.bool_]

    @property
    def probability(self) -> Numbers:
        """The probability of the label of each item, (N,)."""
        return self.model.probabilities[np.arange(len(self.label)), self.label]

    @property
    def votes_per_item(self) -> Codes:
        """How many votes count for each item, (N,)."""
        return np.bincount(self.kept.item, minlength=len(self.votes.items))


def settle_votes(
    votes: Votes,
    *,
    controls: Mapping[str, str] | None = None,
    options: VoteOptions | None = None,
) -> Settlement:
    """Settle the labels of items that several annotators voted on.

    Args:
        votes: Who gave which item which label.
        controls: The label of each item that is known beforehand.
        options: When a label is settled.

    Raises:
        DataError: `votes_controls_unmatched`, where no control item has a vote;
            `votes_all_failed`, where every annotator fails them.

    >>> from imagier.labelling.votes.vote_table import make_votes
    >>> votes = make_votes([("1", "ann", "cat"), ("1", "bob", "cat"), ("2", "ann", "dog"),
    ...                     ("2", "bob", "cat"), ("3", "ann", "dog")])
    >>> settled = settle_votes(votes, options=VoteOptions(majority=0.9))
    >>> settled.is_settled.tolist(), settled.is_tied.tolist()
    ([True, False, False], [False, True, False])
    """
    options = options or VoteOptions()
    known = known_codes(votes, controls or {})
    answers, hits, kept = None, None, votes
    if controls is not None:
        if (known < 0).all():
            example = printable(next(iter(controls), ""))[:60]
            other = printable(votes.items[0])[:60]
            raise DataError("votes_controls_unmatched", example=example, item=other)
        answers = control_answers(votes, known, pass_mark=options.pass_mark)
        kept = votes.without(answers.failed)
        if not len(kept):
            raise DataError("votes_all_failed", n=len(votes.annotators))
        hits = named_right(votes, known, pass_mark=options.pass_mark, seed=options.seed)
    model = dawid_skene(kept, known=known)
    majority, share, is_tied = _majority(kept.counts, model.probabilities)
    label = majority if options.majority is not None else model.probabilities.argmax(axis=1)
    label = np.where(known >= 0, known, label)
    return Settlement(
        votes=votes,
        kept=kept,
        options=options,
        agreement=agreement(votes),
        known=known,
        controls=answers,
        control_hits=hits,
        model=model,
        majority=majority,
        majority_share=share,
        is_tied=is_tied,
        label=label,
        is_settled=_is_settled(kept, model, share, is_tied, known, options),
    )


def _majority(counts: Numbers, probabilities: Numbers) -> tuple[Codes, Numbers, NDArray[np.bool_]]:
    """Give the label with most votes, its share, and whether another has as many."""
    most = counts.max(axis=1, keepdims=True)
    is_most = counts == most
    label = np.where(is_most, probabilities, -1).argmax(axis=1)
    share = most[:, 0] / np.maximum(counts.sum(axis=1), 1)
    return label, share, is_most.sum(axis=1) > 1


def _is_settled(
    votes: Votes,
    model: DawidSkene,
    share: Numbers,
    is_tied: NDArray[np.bool_],
    known: Codes,
    options: VoteOptions,
) -> NDArray[np.bool_]:
    n = np.bincount(votes.item, minlength=len(votes.items))
    if options.majority is None:
        is_sure = model.probabilities.max(axis=1) >= options.confidence
    else:
        is_sure = (share >= options.majority) & ~is_tied
    return np.asarray((is_sure & (n >= options.least)) | (known >= 0))
