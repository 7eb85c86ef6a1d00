"""Does a recogniser that says "90 % sure" name nine of ten such pictures right?

Pictures are put into bins by the probability of their answer. In each bin, the mean of these
probabilities is what was promised, the share named right is what was kept; the *expected
calibration error* is the mean distance between the two, each bin weighed by its pictures:

    ECE = sum over bins of n_bin / n · |accuracy of the bin − mean confidence of the bin|

It is never zero: of ten pictures at 90 %, eight or ten may be right by chance alone. The *floor* is
what a perfectly calibrated recogniser with the same confidences scores in the mean, by simulation;
an ECE beside it says nothing bad.

*Temperature scaling* divides the sums in front of the softmax by one number T, chosen so that the
loss on pictures that were not learnt from is least: above 1 the answers become less sure, below 1
surer. No answer changes, since the greatest sum stays the greatest. Since the softmax forgets a
constant, the logarithms of the probabilities do as well as the sums:

>>> answers = np.array([[0.6, 0.4]] * 10)
>>> labels = np.array([0] * 9 + [1])
>>> temperature = fit_temperature(answers, labels, doubt=0)
>>> round(temperature, 3), round(float(with_temperature(answers, temperature)[0, 0]), 3)
(0.185, 0.9)

Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017; J. Platt,
"Probabilistic outputs for support vector machines", 1999; G. W. Brier, "Verification of forecasts
expressed in terms of probability", Monthly Weather Review, 1950.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BINS",
    "Calibration",
    "CalibrationBin",
    "brier_scores",
    "calibration",
    "fit_temperature",
    "with_temperature",
]

BINS = 15
DRAWS = 200  # perfectly calibrated recognisers that are simulated for the floor
_LEAST = 1e-12  # of a probability
_COLDEST, _HOTTEST = 0.05, 20.0
_STEPS = 100

Numbers = NDArray[np.floating]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """The pictures whose answers were about as sure.

    Attributes:
        low: The least confidence of the bin, 0..1.
        high: The greatest.
        n: How many pictures.
        confidence: Mean probability of their answers; None without pictures.
        accuracy: Share of them named right; None without pictures.
    """

    low: float
    high: float
    n: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How well the probabilities of answers agree with how often they are right.

    Attributes:
        n: Pictures.
        ece: Expected calibration error, 0..1.
        floor: What a perfectly calibrated recogniser with these confidences scores in the mean.
        brier: Mean squared distance from the probabilities to 1 for the true class and 0 for the
            others, 0..2.
        bins: The reliability diagram.
    """

    n: int
    ece: float
    floor: float
    brier: float
    bins: tuple[CalibrationBin, ...]

    def to_json(self, temperature: float) -> dict[str, Any]:
        """Give the figures as other programs read them."""
        return {
            "ece": self.ece,
            "floor": self.floor,
            "brier": self.brier,
            "temperature": temperature,
            "bins": [
                {
                    "low": one.low,
                    "high": one.high,
                    "n": one.n,
                    "confidence": one.confidence,
                    "accuracy": one.accuracy,
                }
                for one in self.bins
            ],
        }


def calibration(
    confidence: Numbers, is_right: NDArray[np.bool_], brier: Numbers, *, seed: int = 0
) -> Calibration:
    """Compare confidences with what came true.

    Args:
        confidence: Probability of each answer, 0..1, (n,).
        is_right: Whether it was right, (n,).
        brier: The Brier score of each picture, (n,).
        seed: Of the simulation of the floor.
    """
    sure = confidence.astype(np.float64)
    places = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    promised = np.bincount(places, sure, minlength=BINS)
    kept = np.bincount(places, is_right, minlength=BINS)
    return Calibration(
        n=len(sure),
        ece=float(np.abs(kept - promised).sum() / max(1, len(sure))),
        floor=_floor(sure, places, promised, seed),
        brier=float(np.mean(brier, dtype=np.float64)) if len(sure) else 0.0,
        bins=tuple(
            CalibrationBin(
                low=number / BINS,
                high=(number + 1) / BINS,
                n=int(n),
                confidence=float(promised[number] / n) if n else None,
                accuracy=float(kept[number] / n) if n else None,
            )
            for number, n in enumerate(counts)
        ),
    )


def brier_scores(probabilities: Numbers, labels: Integers) -> NDArray[np.float64]:
    """Give the squared distance of each answer (N, K) from the certain true one, (N,).

    >>> brier_scores(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([0, 1])).tolist()
    [0.0, 0.5]
    """
    wide = probabilities.astype(np.float64)
    right = wide[np.arange(len(labels)), labels]
    scores: NDArray[np.float64] = np.square(wide).sum(axis=1) - 2 * right + 1
    return scores


def fit_temperature(probabilities: Numbers, labels: Integers, *, doubt: float = 1.0) -> float:
    """Give the temperature with which the loss on some pictures is least, from 0.05 to 20.

    Where none of 200 pictures is named wrong, the loss falls as long as the answers become surer;
    yet the next one may be wrong. So the pictures count as if one more were named by chance, as
    Platt did: the true class has the share 1 − doubt / (N + 2 doubt), the others share the rest.
    The loss is convex in 1 / T, so that halving finds its only lowest point.

    Args:
        probabilities: Of pictures that were not learnt from, (N, K); N at least 1.
        labels: Their true classes, (N,).
        doubt: How many pictures named by chance are added.
    """
    logits = np.log(np.maximum(probabilities.astype(np.float64), _LEAST))
    right = logits[np.arange(len(labels)), labels]
    others = (logits.sum(axis=1) - right) / (logits.shape[1] - 1)
    share = doubt / (len(labels) + 2 * doubt)
    wanted = (1 - share) * right + share * others

    def slope(inverse: float) -> float:
        scaled = inverse * logits
        scaled -= scaled.max(axis=1, keepdims=True)
        weights = np.exp(scaled)
        weights /= weights.sum(axis=1, keepdims=True)
        return float(((weights * logits).sum(axis=1) - wanted).mean())

    low, high = 1 / _HOTTEST, 1 / _COLDEST
    if slope(low) >= 0:
        return _HOTTEST
    if slope(high) <= 0:
        return _COLDEST
    for _ in range(_STEPS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
        if high / low < 1 + 1e-12:
            break
    return 1 / math.sqrt(low * high)


def with_temperature(probabilities: Numbers, temperature: float) -> NDArray[np.float32]:
    """Give the probabilities (N, K) that the same sums have at another temperature."""
    logits = np.log(np.maximum(probabilities.astype(np.float64), _LEAST)) / temperature
    logits -= logits.max(axis=1, keepdims=True)
    shares = np.exp(logits)
    shares /= shares.sum(axis=1, keepdims=True)
    return np.asarray(shares, np.float32)


def _floor(sure: Numbers, places: Integers, promised: NDArray[Any], seed: int) -> float:
    if not len(sure):
        return 0.0
    generator = np.random.default_rng(seed)
    total = 0.0
    for _ in range(DRAWS):
        came_true = generator.random(len(sure)) < sure
        kept = np.bincount(places, came_true, minlength=BINS)
        total += float(np.abs(kept - promised).sum())
    return total / DRAWS / len(sure)
