"""A formula of one's own as a family: `a*exp(b*x)+c` has the parameters a, b and c.

Names that are columns of the table are what explains, all others are looked for. With a single
column that explains, `x` stands for it, whatever its title is. The formula is read by an
allow-list (`imagier.formulas`): it can be computed, and nothing else.

Its jacobian come from the complex step: F(p + ih) has h · F′(p) as its imaginary part, exact to the
last digits. Where to begin is not known, so many starts are tried, always the same ones.

>>> from imagier.regression.variables import Variable, Variables
>>> variables = Variables(columns=(Variable(title="time"),), words={})
>>> family = own_formula("a*exp(b*x)+c", variables)
>>> family.parameters
('a', 'b', 'c')
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import UsageError, did_you_mean
from imagier.files import printable
from imagier.formulas import Formula, parse_formula
from imagier.regression.family import Numbers
from imagier.regression.variables import Variables

__all__ = ["OwnFormula", "columns_of", "own_formula"]

_TINY = 1e-30  # the complex step has no difference to round, so it may be as small as one likes
_TRIED, _KEPT = 400, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFormula:
    """A formula whose names are columns or parameters.

    Attributes:
        formula: What to compute.
        parameters: The names to find values for.
        columns: For each name that is a column, its place among the variables.
    """

    formula: Formula
    parameters: tuple[str, ...]
    columns: dict[str, int]

    @property
    def name(self) -> str:
        """The formula as it was typed."""
        return self.formula.text.strip()

    @property
    def is_linear(self) -> bool:
        """It may be, but is searched in any case."""
        return False

    def values(self, x: Numbers, inner: Numbers) -> Numbers:
        """Compute the formula, (n,)."""
        return np.broadcast_to(self._compute(x, inner), len(x)).astype(np.float64)

    def jacobian(self, x: Numbers, inner: Numbers) -> Numbers:
        """Derive by each parameter, (n, k)."""
        jacobian = np.empty((len(x), len(inner)))
        for place in range(len(inner)):
            moved = inner.astype(np.complex128)
            moved[place] += 1j * _TINY
            jacobian[:, place] = np.imag(self._compute(x, moved)) / _TINY
        return jacobian

    def starts(self, x: Numbers, y: Numbers) -> Sequence[Numbers]:
        """Try the same few hundred points of all sizes and signs; keep those that fit best."""
        rng = np.random.default_rng(0)
        sizes = 10 ** rng.uniform(-3, 1.5, (_TRIED, len(self.parameters)))
        points = [np.ones(len(self.parameters)), *(rng.choice([-1, 1], sizes.shape) * sizes)]
        scaled = [point * self._units(x, y, point) for point in points]
        found = []
        for place, point in enumerate([*points, *scaled]):
            with np.errstate(all="ignore"):
                error = float(np.sum((self.values(x, point) - y) ** 2))
            if np.isfinite(error):
                found.append((error, place, point))
        return [point for _, _, point in sorted(found, key=lambda one: one[:2])[:_KEPT]]

    def reported(self, inner: Numbers) -> Numbers:
        """Give the parameters as they are."""
        return inner

    def reported_jacobian(self, inner: Numbers) -> Numbers:
        """Derive each by itself, (k, k)."""
        return np.eye(len(inner))

    def _compute(self, x: Numbers, inner: NDArray[Any]) -> NDArray[Any]:
        points = {name: x[:, place] for name, place in self.columns.items()}
        parameters = dict(zip(self.parameters, inner, strict=True))
        result: NDArray[Any] = self.formula(**points, **parameters)
        return result

    def _units(self, x: Numbers, y: Numbers, point: Numbers) -> Numbers:
        """Bring the parameters that only stretch the values to the size of y."""
        with np.errstate(all="ignore"):
            jacobian = self.jacobian(x, point)
            size = float(np.abs(y).max()) or 1.0
            units = size / np.abs(jacobian * point).max(axis=0)
        return np.where(np.isfinite(units) & (units > 0), units, 1.0)


def columns_of(text: str, titles: Sequence[str]) -> list[str]:
    """Find the titles that a formula names; a single one may be called `x`.

    Raises:
        UsageError: `fit_formula_no_column`.

    >>> columns_of("a*surface + b*rooms + c", ["surface", "district", "rooms"])
    ['surface', 'rooms']
    >>> columns_of("a*x + b", ["surface"])
    ['surface']
    """
    names = parse_formula(text).variables
    named = [title for title in titles if title in names]
    if named or (len(titles) == 1 and "x" in names):
        return named or list(titles)
    raise _no_column(text, names, titles)


def _no_column(text: str, names: Sequence[str], titles: Sequence[str]) -> UsageError:
    hints = [did_you_mean(name, titles) for name in names if len(name) > 1]
    return UsageError(
        "fit_formula_no_column",
        formula=printable(text[:60]),
        columns=printable(", ".join(titles)),
        hint=next(filter(None, hints), ""),
    )


def own_formula(text: str, variables: Variables) -> OwnFormula:
    """Read a formula and tell columns from parameters.

    Raises:
        UsageError: `fit_formula_words`, `fit_formula_no_parameter`, `fit_formula_no_column`; what
            `parse_formula` refuses.
    """
    if variables.words:
        words = printable(", ".join(variables.words))
        raise UsageError("fit_formula_words", columns=words)
    formula = parse_formula(text)
    columns = {name: place for place, name in enumerate(variables.names)}
    if len(variables.names) == 1:
        columns.setdefault("x", 0)
    used = {name: columns[name] for name in formula.variables if name in columns}
    parameters = tuple(name for name in formula.variables if name not in columns)
    if not used:
        raise _no_column(text, formula.variables, variables.names)
    if not parameters:
        raise UsageError("fit_formula_no_parameter", formula=printable(text[:60]))
    return OwnFormula(formula=formula, parameters=parameters, columns=used)
