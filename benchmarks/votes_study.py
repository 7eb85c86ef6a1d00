"""How many votes should the prior of Dawid and Skene weigh, and what do real votes say?

    python -m benchmarks.votes_study [CROWDS]

The prior was chosen on crowds that are made up, 250 of them unless told otherwise: 2 to 10 labels,
60 to 600 items, 5 to 40 annotators of whom some vote much more than others, 2 to 10 votes an item;
each annotator errs in his own way, and all of them rather in the same direction. For each prior:
the share of labels that are right, of labels settled at 95 % that are right, how often it does
worse than the majority by more than a point. Then, with the prior that was taken and without one,
the votes of `IMAGIER_DATA/votes`, whose truth is known. Prints one JSON object.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagier.labelling.votes import Votes, dawid_skene, settle_table
from imagier.labelling.votes.dawid_skene import PRIOR_VOTES

__all__ = ["CROWDS", "NAMES", "PRIORS", "SEED", "choose_prior", "crowd", "main", "real_votes"]

PRIORS = (0.01, 0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
CROWDS, SEED = 250, 1
NAMES = ("bluebirds", "faces")


def crowd(chance: np.random.Generator) -> tuple[Votes, NDArray[np.int64]]:
    """Make up votes and their truth."""
    k, n = int(chance.choice([2, 3, 5, 10])), int(chance.choice([60, 200, 600]))
    size = int(chance.choice([5, 15, 40]))
    per = min(size, int(chance.choice([2, 3, 5, 10])))
    truth = chance.choice(k, n, p=chance.dirichlet(np.full(k, 5.0)))
    usual = chance.dirichlet(np.ones(k), k)  # where errors go, for all
    matrices = np.empty((size, k, k))
    for who in range(size):
        for true, accuracy in enumerate(chance.beta(4, 1.7, k)):
            errors = chance.dirichlet(4 * k * usual[true] + 0.05)
            errors[true] = 0
            matrices[who, true] = (1 - accuracy) * errors / errors.sum()
            matrices[who, true, true] = accuracy
    activity = chance.dirichlet(np.full(size, 0.7)) + 1e-4
    shares = activity / activity.sum()
    chosen = [np.sort(chance.choice(size, per, replace=False, p=shares)) for _ in range(n)]
    annotator, item = np.concatenate(chosen), np.repeat(np.arange(n), per)
    drawn = chance.random(len(item))
    label = (matrices[annotator, truth[item]].cumsum(axis=1) < drawn[:, None]).sum(axis=1)
    votes = Votes(
        items=tuple(map(str, range(n))),
        annotators=tuple(map(str, range(size))),
        labels=tuple(map(str, range(k))),
        item=item,
        annotator=annotator,
        label=label.clip(0, k - 1),
    )
    return votes, truth


def choose_prior(crowds: int) -> dict[str, object]:
    """Score each prior on the same crowds."""
    chance = np.random.default_rng(SEED)
    majority, accuracies, settled = [], [], []
    for _ in range(crowds):
        votes, truth = crowd(chance)
        majority.append(float((votes.counts.argmax(axis=1) == truth).mean()))
        found = [dawid_skene(votes, prior_votes=prior).probabilities for prior in PRIORS]
        right = [one.argmax(axis=1) == truth for one in found]
        sure = [one.max(axis=1) >= 0.95 for one in found]
        accuracies.append([float(one.mean()) for one in right])
        settled.append(
            [(int((r & s).sum()), int(s.sum())) for r, s in zip(right, sure, strict=True)]
        )
    scores, counts = np.array(accuracies), np.array(settled).sum(axis=0)
    worse = (scores < np.array(majority)[:, None] - 0.01).mean(axis=0)
    return {
        "crowds": crowds,
        "majority": round(float(np.mean(majority)), 4),
        "priors": {
            str(prior): {
                "accuracy": round(float(scores[:, at].mean()), 4),
                "worse_than_majority": round(float(worse[at]), 3),
                "settled_right": round(float(counts[at, 0] / counts[at, 1]), 4),
                "settled": int(counts[at, 1]),
            }
            for at, prior in enumerate(PRIORS)
        },
    }


def real_votes(name: str) -> dict[str, object]:
    """Compare with the truth of a set of votes."""
    folder = Path(os.environ["IMAGIER_DATA"]) / "votes"
    result = settle_table(folder / f"{name}.csv", truth=folder / f"{name}-truth.csv")
    plain = dawid_skene(result.found.votes, prior_votes=0.01).probabilities.argmax(axis=1)
    usual = result.found.model.probabilities.argmax(axis=1)
    return {**result.to_json()["truth"], "labels_changed_by_prior": int((plain != usual).sum())}


def main() -> None:
    """Run both parts."""
    crowds = int(sys.argv[1]) if len(sys.argv) > 1 else CROWDS
    real = {name: real_votes(name) for name in NAMES}
    print(json.dumps({"prior": PRIOR_VOTES, "simulated": choose_prior(crowds), "real": real}))


if __name__ == "__main__":
    main()
