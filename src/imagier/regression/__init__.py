"""Regression: a cloud of points, nearly on a line; which line passes closest to them?

There are n points (xᵢ, yᵢ): the years and the turtles of a reserve, the surface and the price of
flats. y is the target, x explains it; a model is a function y = F(x, parameters), for instance the
line y = a x + b. Its error at a point is F(xᵢ, a, b) - yᵢ. Added up, the signs cancel out; the
absolute values do not, but have a corner; the squares have a derivative everywhere, and so

    E(a, b) = 1/n Σ (a xᵢ + b - yᵢ)²        a*, b*: where E is smallest

is what is made small ("moindres carrés"). Between three points no line is without error; the best
one is twice too high and once too low, and its errors add up to nothing:

>>> line = fit([0, 1, 2], [1, 5, 3])
>>> line.residuals.round(6).tolist(), abs(round(line.errors.signed, 9))
([1.0, -2.0, 1.0], 0.0)
>>> round(line.errors.absolute, 6), round(line.errors.squared, 6)  # (1 + 2 + 1)/3, (1 + 4 + 1)/3
(1.333333, 2.0)

With two numbers, a* and b*, a whole table is summed up, and a new x gets its y:

>>> line = fit([0, 1, 2, 3], [1, 3, 5, 7])
>>> dict(zip(line.family.parameters, line.parameters.round(6).tolist()))
{'intercept': 1.0, 'x': 2.0}
>>> predict(line, np.array([[10.0]])).values.round(6).tolist()
[21.0]

Only the choice of F changes for a curve, a formula of one's own, or many variables (`families`).
Where y is a label, not a number, F gives a probability for each label, and the error compares them
with (0, …, 1, …, 0): softmax regression (`softmax`), which is the network `linear` of chapter 4.
The step from here to reading digits is only that of more x, more y and more parameters.

Source: the deck, chapter 1; C. F. Gauss, "Theoria motus", 1809; F. Galton, "Regression towards
mediocrity in hereditary stature", 1886, who found the word.
"""

import numpy as np
from numpy.typing import ArrayLike

from imagier.errors import UsageError
from imagier.regression.estimation import ErrorKind, Errors, Fit, fit_family
from imagier.regression.examples import EXAMPLES, ExampleTable, example
from imagier.regression.families import FAMILIES, make_family, read_family
from imagier.regression.family import Family
from imagier.regression.model_selection import FamilyCandidate, FamilyChoice, aicc, select_family
from imagier.regression.prediction import Predictions, is_outside, predict
from imagier.regression.results import FitResult
from imagier.regression.softmax import SoftmaxFit, fit_labels, hits_when_left_out
from imagier.regression.table_fit import TableFit, fit_table
from imagier.regression.variables import Variable, Variables, choose_target, choose_variables

__all__ = [
    "EXAMPLES",
    "FAMILIES",
    "ErrorKind",
    "Errors",
    "ExampleTable",
    "Family",
    "FamilyCandidate",
    "FamilyChoice",
    "Fit",
    "FitResult",
    "Predictions",
    "SoftmaxFit",
    "TableFit",
    "Variable",
    "Variables",
    "aicc",
    "choose_target",
    "choose_variables",
    "example",
    "fit",
    "fit_family",
    "fit_labels",
    "fit_table",
    "hits_when_left_out",
    "is_outside",
    "make_family",
    "predict",
    "read_family",
    "select_family",
]


def fit(x: ArrayLike, y: ArrayLike, family: str = "line", *, error: ErrorKind = "squared") -> Fit:
    """Find the function of a family that passes closest to the points.

    Args:
        x: What explains, (n,) or (n, m): x, or x1, x2, x3...
        y: What is to be explained, (n,).
        family: `line`, `poly:2`, `exp`, `power`, `growth`, or a formula such as `a*exp(b*x)+c`.
        error: What to make small.

    Raises:
        UsageError: `fit_shapes`, and what `make_family` refuses.
        DataError: What `fit_family` refuses.

    >>> curve = fit([0, 1, 2, 3, 4], [3, 6, 12, 24, 48], "exp")
    >>> curve.parameters.round(6).tolist(), round(float(np.log(2)), 6)
    ([3.0, 0.693147], 0.693147)
    """
    points, target = np.asarray(x, np.float64), np.asarray(y, np.float64)
    points = points[:, np.newaxis] if points.ndim == 1 else points
    is_sound = points.ndim == 2 and target.shape == points.shape[:1] and target.size > 0
    if not (is_sound and np.isfinite(points).all() and np.isfinite(target).all()):
        raise UsageError("fit_shapes", x=str(np.shape(x)), y=str(np.shape(y)))
    count = points.shape[1]
    titles = ["x"] if count == 1 else [f"x{place}" for place in range(1, count + 1)]
    variables = Variables(columns=tuple(Variable(title=title) for title in titles), words={})
    return fit_family(points, target, make_family(family, variables, points), error=error)
