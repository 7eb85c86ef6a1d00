"""Is what a model promises kept? Many resplits of the digits, a head on their pixels for each.

    python -m benchmarks.trust_study [RESPLITS [SEED [conformal]]]

Each resplit learns from half of the 1,797 digits as imagier learns from photos (folds, a
temperature, thresholds), and counts on the other half: is the error among the answers above what
was promised, are the probabilities right, do the conformal sets cover what they should?
"""

import json
import sys
import time

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from imagier.datasets import open_source
from imagier.features import fit_head
from imagier.recognizer.abstention import choose_threshold, threshold_rows
from imagier.testing.calibration import (
    brier_scores,
    calibration,
    fit_temperature,
    with_temperature,
)
from imagier.testing.conformal import prediction_sets, set_limit

__all__ = ["main"]

LEVELS = (0.01, 0.02, 0.05)
LEARNT, FOLDS, MISS = 900, 5, 0.1

Table = NDArray[np.float32]
Labels = NDArray[np.int64]


def main() -> None:
    """Print one JSON object: for each promise how often it was made, kept, and what it left."""
    words = sys.argv[1:]
    resplits, seed = int(words[0]) if words else 200, int(words[1]) if len(words) > 1 else 0
    pixels, labels = _digits()
    generator, began = np.random.default_rng(seed), time.monotonic()
    if "conformal" in words:
        counts = [
            _covered(pixels, labels, generator.permutation(len(labels)), generator)
            for _ in range(resplits)
        ]
        law = _law(counts, len(labels) - LEARNT, generator)
        print(json.dumps({"resplits": resplits, "seed": seed, "conformal": law}))
        return
    kept: dict[float, list[tuple[int, int]]] = {level: [] for level in LEVELS}
    errors, covered = [], []
    for _ in range(resplits):
        order = generator.permutation(len(labels))
        learnt, tested = order[:LEARNT], order[LEARNT:]
        folds = generator.permutation(np.arange(LEARNT) % FOLDS)
        fitted = fit_head(pixels[learnt], labels[learnt], folds, class_weights=[1.0] * 10)
        temperature = fit_temperature(fitted.held_out, labels[learnt])
        judged = with_temperature(fitted.held_out, temperature)
        plain = fitted.head.probabilities(pixels[tested])
        answers = with_temperature(plain, temperature)
        is_right = answers.argmax(axis=1) == labels[tested]
        rows = threshold_rows(judged.max(axis=1), judged.argmax(axis=1) == labels[learnt])
        for level in LEVELS:
            chosen = choose_threshold(rows, level)
            if chosen is not None:
                is_answered = answers.max(axis=1) >= np.float32(chosen.threshold)
                kept[level].append((int((is_answered & ~is_right).sum()), int(is_answered.sum())))
        errors.append([_ece(plain, labels[tested]), _ece(answers, labels[tested])])
        covered.append(_covered(pixels, labels, order, generator))
    print(
        json.dumps(
            {
                "resplits": resplits,
                "abstention": {str(level): _kept(kept[level], level) for level in LEVELS},
                "ece": _mean_errors(errors),
                "conformal": _law(covered, len(labels) - LEARNT, generator),
                "seconds": round(time.monotonic() - began, 1),
            },
            indent=1,
        )
    )


def _digits() -> tuple[Table, Labels]:
    listing = open_source("digits")
    pictures = [listing.pictures.read(row) for row in range(len(listing))]
    pixels = np.stack([np.frombuffer(one, np.uint8) for one in pictures]).astype(np.float32)
    return pixels, np.array([listing.classes.index(label) for label in listing.labels])


def _kept(counts: list[tuple[int, int]], level: float) -> dict[str, float]:
    """Count how often the error of the test was above the promise, and surely above it."""
    if not counts:
        return {"promised": 0}
    tests = [stats.binomtest(wrong, n, level, alternative="greater") for wrong, n in counts]
    return {
        "promised": len(counts),
        "above": sum(int(wrong > level * n) for wrong, n in counts),
        "surely_above": sum(int(test.pvalue < 0.05) for test in tests),
        "answered": round(float(np.mean([n for _, n in counts])) / (1797 - LEARNT), 4),
        "error": round(sum(wrong for wrong, _ in counts) / sum(n for _, n in counts), 5),
    }


def _ece(answers: NDArray[np.floating], labels: Labels) -> tuple[float, float]:
    is_right = answers.argmax(axis=1) == labels
    found = calibration(answers.max(axis=1), is_right, brier_scores(answers, labels))
    return found.ece, found.floor


def _mean_errors(errors: list[list[tuple[float, float]]]) -> dict[str, float]:
    before, after = np.array(errors).mean(axis=0)
    return {
        "before": round(float(before[0]), 5),
        "after": round(float(after[0]), 5),
        "floor": round(float(after[1]), 5),
    }


def _covered(pixels: Table, labels: Labels, order: Labels, generator: np.random.Generator) -> int:
    """Count the test pictures whose set holds the true name; half of the rest set the limit."""
    learnt, judging, tested = np.split(order, [LEARNT // 2, LEARNT])
    folds = generator.permutation(np.arange(len(learnt)) % FOLDS)
    head = fit_head(pixels[learnt], labels[learnt], folds, class_weights=[1.0] * 10).head
    limit = set_limit(head.probabilities(pixels[judging]), labels[judging], MISS)
    sets = prediction_sets(head.probabilities(pixels[tested]), limit)
    return int(sets[np.arange(len(tested)), labels[tested]].sum())


def _law(covered: list[int], n: int, generator: np.random.Generator) -> dict[str, float]:
    """Compare the coverage with the beta-binomial law, by Kolmogorov and Smirnov."""
    judging = LEARNT - LEARNT // 2
    place = int(np.ceil((judging + 1) * (1 - MISS)))
    law = stats.betabinom(n, place, judging + 1 - place)
    counts = np.array(covered)
    uniform = law.cdf(counts) - generator.random(len(counts)) * law.pmf(counts)
    return {
        "coverage": round(float(counts.mean()) / n, 5),
        "expected": round(float(law.mean()) / n, 5),
        "p_value": round(float(stats.kstest(uniform, "uniform").pvalue), 4),
    }


if __name__ == "__main__":
    main()
