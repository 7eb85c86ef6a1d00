"""Predictions, with two intervals that are often taken for each other.

"Si je vous donne un x, que prévoyez-vous comme y ?" (deck, chapter 1). Naturally y = F(x), but how
far may it be off?

- *mean*: where the curve itself may lie. With more and more points it becomes narrow.
- *new*: where one more point may lie. It never becomes narrower than the points scatter.

    mean: y ± t √(J C Jᵀ)        new: y ± t √(J C Jᵀ + s²)

with J how much each parameter moves y, C the covariance of the parameters, s the typical error, and
t Student's number for the level. (With a robust error, s is that of the points that are not wild,
and so is the interval of a new one.) Nothing protects a prediction outside the points learned from:
there the curve is only an idea, and `outside` says so.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.regression.estimation import Fit, student_quantile
from imagier.regression.family import Numbers

__all__ = ["Predictions", "is_outside", "predict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """What a function says of some points.

    Attributes:
        values: y, (n,).
        mean: The lowest and highest place of the curve, (n, 2); None where nothing tells.
        new: The lowest and highest place of a new point, (n, 2); None where nothing tells.
        outside: Whether the point lies outside those learned from, (n,).
    """

    values: Numbers
    mean: Numbers | None
    new: Numbers | None
    outside: NDArray[np.bool_]

    def __len__(self) -> int:
        """Count the points."""
        return len(self.values)


def predict(fit: Fit, x: Numbers, *, level: float = 0.95) -> Predictions:
    """Predict y, with the interval of the curve and that of a new point.

    Args:
        fit: What was found.
        x: The points, (n, m).
        level: The share of intervals that hold the truth, when the family is the right one.

    >>> from imagier.regression import fit
    >>> line = fit([0, 1, 2, 3], [1, 3, 4, 6])
    >>> answer = predict(line, np.array([[2.0], [9.0]]))
    >>> answer.values.round(2).tolist(), answer.outside.tolist()
    ([4.3, 15.5], [False, True])
    """
    with np.errstate(all="ignore"):
        values = fit.family.values(x, fit.inner)
    outside = is_outside(fit.x, x)
    if fit.covariance is None:
        return Predictions(values=values, mean=None, new=None, outside=outside)
    with np.errstate(all="ignore"):
        jacobian = fit.family.jacobian(x, fit.inner)
        variance = np.einsum("ij,jk,ik->i", jacobian, fit.covariance, jacobian).clip(0)
    reach = student_quantile(level, fit.freedom)
    narrow, wide = reach * np.sqrt(variance), reach * np.sqrt(variance + fit.scale**2)
    return Predictions(
        values=values,
        mean=np.column_stack([values - narrow, values + narrow]),
        new=np.column_stack([values - wide, values + wide]),
        outside=outside,
    )


def is_outside(known: Numbers, x: Numbers) -> NDArray[np.bool_]:
    """Tell which points lie outside the known ones: beyond an end, or off the cloud.

    A flat of 20 m² with six rooms is within both ranges and still like no other. A point is off the
    cloud when it is farther from its middle than any known point, in units of the cloud's width in
    each direction (Mahalanobis' distance).

    Args:
        known: The points learned from, (n, m).
        x: The points to judge, (p, m).

    >>> known = np.array([[1.0, 1], [2, 2], [3, 3.1], [4, 3.9]])
    >>> is_outside(known, np.array([[2.5, 2.5], [5, 5], [1.5, 3.5]])).tolist()
    [False, True, True]
    """
    slack = 1e-9 * np.ptp(known, axis=0)
    beyond = ((x < known.min(axis=0) - slack) | (x > known.max(axis=0) + slack)).any(axis=1)
    if known.shape[1] == 1 or len(known) <= known.shape[1] + 1:
        return np.asarray(beyond)
    middle = known.mean(axis=0)
    width = np.linalg.pinv((known - middle).T @ (known - middle), hermitian=True)
    farthest, far = (_squared_distances(points - middle, width) for points in (known, x))
    return np.asarray(beyond | (far > farthest.max() * (1 + 1e-9)))


def _squared_distances(away: Numbers, width: Numbers) -> Numbers:
    result: Numbers = np.einsum("ij,jk,ik->i", away, width, away)
    return result
