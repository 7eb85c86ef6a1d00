"""Which family? The one that predicts best the points it has not seen.

A curve with enough parameters passes through every point and says nothing of the next one. So each
family is judged on points that were left out (cross-validation): the points are cut into ten parts
(each point is one, where there are twenty or fewer), each part in turn is predicted from the
others, and the mean error over all points is compared.

A difference smaller than chance explains is none: among the families that are not worse than the
best by more than one standard error of the difference, the one with the fewest parameters is
taken. Beside it stands AICc, which pays for parameters by a formula instead:

    AICc = n ln(Σ error² / n) + 2K + 2K(K + 1)/(n - K - 1)        K = parameters + 1

>>> x = np.linspace(0, 4, 30)
>>> noise = np.random.default_rng(0).normal(0, 0.3, 30)
>>> select_family(x[:, None], 1 + 2 * x + noise, _of_one_variable).best
'line'
>>> select_family(x[:, None], 1 + 2 * x - x**2 + noise, _of_one_variable).best
'poly:2'

Source: M. Stone, 1974; N. Sugiura, 1978; T. Hastie and others, "The Elements of Statistical
Learning", section 7.10.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imagier.errors import DataError, ImagierError
from imagier.regression.estimation import ErrorKind, Fit, fit_family
from imagier.regression.families import make_family
from imagier.regression.family import Family, Numbers
from imagier.regression.variables import Variable, Variables

__all__ = [
    "CANDIDATES",
    "POLYNOMIALS",
    "FamilyCandidate",
    "FamilyChoice",
    "aicc",
    "folds",
    "select_family",
]

POLYNOMIALS = ("line", "poly:2", "poly:3")  # these take any number of variables
CANDIDATES = (*POLYNOMIALS, "exp", "power", "growth")
_PARTS, _ONE_BY_ONE = 10, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyCandidate:
    """A family and how it did.

    Attributes:
        family: Its name.
        parameters: How many it has; 0 where it could not be used.
        error: The mean error on points left out, squared or absolute; None where it has none.
        difference: How much more that is than the best.
        deviation: The standard error of that difference.
        aicc: AICc on all points; None where it has none, or where squares are not what counts.
        refused: Why it could not be used.
    """

    family: str
    parameters: int = 0
    error: float | None = None
    difference: float | None = None
    deviation: float | None = None
    aicc: float | None = None
    refused: ImagierError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyChoice:
    """What was compared, and what was chosen.

    Attributes:
        best: The name of the family to take.
        candidates: All of them, in the order they were tried.
        parts: Into how many parts the points were cut.
    """

    best: str
    candidates: tuple[FamilyCandidate, ...]
    parts: int


def select_family(
    x: Numbers,
    y: Numbers,
    make: Callable[[str, Numbers], Family],
    *,
    names: Sequence[str] = CANDIDATES,
    error: ErrorKind = "squared",
    seed: int = 0,
) -> FamilyChoice:
    """Compare families on points that they have not seen.

    Args:
        x: The points, (n, m).
        y: What is to be found, (n,).
        make: Gives a family by its name, for some points.
        names: The families to compare.
        error: What each fit makes small. Squared errors are compared by their squares, the two
            others by absolute values.
        seed: Decides which points stand in which part.

    Raises:
        DataError: The first refusal, where no family could be used.
    """
    parts = list(folds(len(y), seed))
    tried = [_try(name, x, y, make, error, parts) for name in names]
    usable = [errors for errors, _ in tried if errors is not None]
    if not usable:
        raise tried[0][1].refused or DataError("fit_no_curve", family=names[0])
    best = min(usable, key=np.mean)
    candidates = tuple(_compared(candidate, errors, best) for errors, candidate in tried)
    good = [one for one in candidates if one.difference is not None and _is_good(one)]
    chosen = min(good, key=lambda one: one.parameters)
    return FamilyChoice(best=chosen.family, candidates=candidates, parts=len(parts))


def folds(count: int, seed: int) -> Iterator[NDArray[np.intp]]:
    """Cut n points into parts: ten, or one for each point where there are few.

    >>> sorted(int(place) for part in folds(25, 0) for place in part) == list(range(25))
    True
    """
    order = np.random.default_rng(seed).permutation(count)
    yield from np.array_split(order, count if count <= _ONE_BY_ONE else _PARTS)


def aicc(fit: Fit) -> float | None:
    """Compute AICc of a least-squares fit; None where it has none."""
    n, k = len(fit.y), len(fit.inner) + 1
    squared = fit.errors.squared
    if fit.error != "squared" or n - k - 1 <= 0 or squared <= 0:
        return None
    return n * math.log(squared) + 2 * k + 2 * k * (k + 1) / (n - k - 1)


def _try(
    name: str,
    x: Numbers,
    y: Numbers,
    make: Callable[[str, Numbers], Family],
    error: ErrorKind,
    parts: Sequence[NDArray[np.intp]],
) -> tuple[Numbers | None, FamilyCandidate]:
    """Judge a family by each point's error when it was left out."""
    errors = np.empty(len(y))
    try:
        whole = fit_family(x, y, make(name, x), error=error)
        for part in parts:
            rest = np.setdiff1d(np.arange(len(y)), part)
            fit = fit_family(x[rest], y[rest], make(name, x[rest]), error=error)
            with np.errstate(all="ignore"):
                away = np.abs(fit.family.values(x[part], fit.inner) - y[part])
                errors[part] = away**2 if error == "squared" else away
        if not np.isfinite(errors).all():
            raise DataError("fit_no_curve", family=name)
    except ImagierError as refused:
        return None, FamilyCandidate(family=name, refused=refused)
    candidate = FamilyCandidate(family=name, parameters=len(whole.inner), aicc=aicc(whole))
    return errors, candidate


def _compared(candidate: FamilyCandidate, errors: Numbers | None, best: Numbers) -> FamilyCandidate:
    if errors is None:
        return candidate
    more = errors - best
    deviation = float(more.std(ddof=1)) / math.sqrt(len(more)) if len(more) > 1 else 0.0
    return replace(
        candidate,
        error=float(errors.mean()),
        difference=float(more.mean()),
        deviation=deviation,
    )


def _is_good(candidate: FamilyCandidate) -> bool:
    difference, deviation = candidate.difference, candidate.deviation
    return difference is not None and deviation is not None and difference <= deviation


def _of_one_variable(name: str, x: Numbers) -> Family:
    variables = Variables(columns=(Variable(title="x"),), words={})
    return make_family(name, variables, x)
