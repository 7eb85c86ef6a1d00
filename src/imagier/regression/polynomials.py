"""Lines and polynomials: sums of products of variables, each with its coefficient.

The best coefficients solve one system of equations: nothing has to be searched. Powers of large
numbers drown each other, so the sums are written around the mean of each variable, in units of its
standard deviation: u = (x - mean) / std. What is reported is the same polynomial written in x:

    (x - m)² / s²  =  m²/s²  -  (2m/s²) x  +  (1/s²) x²

>>> family = polynomial_of_numbers("poly:2", 2, ("x",), np.array([[1.0], [3.0]]))
>>> family.parameters
('intercept', 'x', 'x^2')
>>> family.reported(np.array([0.0, 0.0, 1.0])).tolist()  # u² with mean 2 and standard deviation 1
[4.0, -4.0, 1.0]
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

import numpy as np

from imagier.errors import UsageError
from imagier.regression.family import Numbers
from imagier.regression.variables import Variables

__all__ = ["Polynomial", "polynomial", "polynomial_of_numbers"]

Exponents = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Polynomial:
    """A sum of products of powers of the variables.

    Attributes:
        name: `line` or `poly:D`.
        terms: The exponents of each product, k tuples of m numbers, the constant first.
        names: The names of the variables, m.
        mean: Of each variable, (m,).
        std: The standard deviation of each variable, (m,).
    """

    name: str
    terms: tuple[Exponents, ...]
    names: tuple[str, ...]
    mean: Numbers
    std: Numbers

    @property
    def is_linear(self) -> bool:
        """A polynomial is curved in x, but straight in its coefficients."""
        return True

    @property
    def parameters(self) -> tuple[str, ...]:
        """Name the products: `intercept`, `surface`, `surface^2`, `surface*rooms`."""
        return tuple(_name(term, self.names) for term in self.terms)

    def values(self, x: Numbers, inner: Numbers) -> Numbers:
        """Compute y for points (n, m): (n,)."""
        result: Numbers = self.jacobian(x, inner) @ inner
        return result

    def jacobian(self, x: Numbers, inner: Numbers) -> Numbers:  # noqa: ARG002 - they are constant
        """Give the products themselves, (n, k)."""
        powers = (x - self.mean) / self.std
        columns = [np.prod(powers ** np.array(term), axis=1) for term in self.terms]
        return np.column_stack(columns)

    def starts(self, x: Numbers, y: Numbers) -> Sequence[Numbers]:  # noqa: ARG002
        """Begin anywhere: the first step arrives."""
        return [np.zeros(len(self.terms))]

    def reported(self, inner: Numbers) -> Numbers:
        """Write the polynomial in x instead of u, (k,)."""
        result: Numbers = self.reported_jacobian(inner) @ inner
        return result

    def reported_jacobian(self, inner: Numbers) -> Numbers:  # noqa: ARG002
        """Give the share of each product in x that each product in u has, (k, k)."""
        place = {term: at for at, term in enumerate(self.terms)}
        shares = np.zeros((len(self.terms), len(self.terms)))
        for column, term in enumerate(self.terms):
            for smaller, share in _expanded(term, self.mean, self.std):
                shares[place[smaller], column] += share
        return shares


def polynomial(
    name: str, degree: int, variables: Variables, x: Numbers, *, most: int
) -> Polynomial:
    """Make the polynomial of a degree: 0 and 1 are their own squares, two words exclude each other.

    Raises:
        UsageError: `fit_many_parameters`.
    """
    groups = variables.groups
    count = math.comb(len(groups) + degree, degree)
    if count > most:
        raise UsageError("fit_many_parameters", family=name, count=count, most=most)
    terms = tuple(term for term in _terms(len(groups), degree) if _is_useful(term, groups))
    return _centred(name, terms, variables.names, x)


def polynomial_of_numbers(name: str, degree: int, names: tuple[str, ...], x: Numbers) -> Polynomial:
    """Make the polynomial of a degree in variables that are all numbers."""
    return _centred(name, tuple(_terms(len(names), degree)), names, x)


def _centred(
    name: str, terms: tuple[Exponents, ...], names: tuple[str, ...], x: Numbers
) -> Polynomial:
    std = x.std(axis=0)
    std[std == 0] = 1.0
    return Polynomial(name=name, terms=terms, names=names, mean=x.mean(axis=0), std=std)


def _terms(count: int, degree: int) -> Iterator[Exponents]:
    """List the exponents by rising degree: 1, x, y, x², x y, y²..."""
    for total in range(degree + 1):
        for chosen in combinations_with_replacement(range(count), total):
            yield tuple(chosen.count(variable) for variable in range(count))


def _is_useful(term: Exponents, groups: tuple[int, ...]) -> bool:
    words = [group for power, group in zip(term, groups, strict=True) if power and group >= 0]
    is_squared = any(power > 1 and group >= 0 for power, group in zip(term, groups, strict=True))
    return not is_squared and len(words) == len(set(words))


def _name(term: Exponents, names: tuple[str, ...]) -> str:
    factors = [
        name if power == 1 else f"{name}^{power}"
        for name, power in zip(names, term, strict=True)
        if power
    ]
    return "*".join(factors) or "intercept"


def _expanded(term: Exponents, mean: Numbers, std: Numbers) -> Iterator[tuple[Exponents, float]]:
    """Multiply out ((x - m) / s)ⁿ (binomial formula), over all variables."""
    for smaller in product(*(range(power + 1) for power in term)):
        share = 1.0
        for power, kept, middle, unit in zip(term, smaller, mean, std, strict=True):
            share *= math.comb(power, kept) * (-middle) ** (power - kept) / unit**power
        yield smaller, share
