"""Curves that bend: exponential, power, growth to a limit.

Their parameters cannot be found by one system of equations. Each is a height times a shape,
y = a · g(x, shape), so for any shape the best height is known at once; a grid of shapes then tells
where to begin looking (`starts`), and least squares does the rest (`fitting`).

Inside, x is counted from its middle, which keeps numbers near 1: a exp(b x) for the years 2000 to
2025 has an a of 10⁻¹⁷. The reported a is that of the formula as it is written.

>>> growth = Growth(np.array([[0.0], [10.0]]))
>>> growth.parameters, growth.values(np.array([[5.0]]), np.array([8.0, 1.0, 5.0])).tolist()
(('limit', 'rate', 'middle'), [4.0])
"""

from collections.abc import Sequence

import numpy as np

from imagier.regression.family import Family, Numbers

__all__ = ["CURVES", "Exponential", "Growth", "Power"]

_STEEPNESS = np.array([0.2, 0.6, 1.5, 3, 6, 12, 25, 50])
_STARTS = 3


class Exponential:
    """y = a exp(b x)."""

    name, parameters, is_linear = "exp", ("a", "b"), False

    def __init__(self, x: Numbers) -> None:
        self.middle, self.width = float(x.mean()), float(np.ptp(x)) or 1.0

    def values(self, x: Numbers, inner: Numbers) -> Numbers:
        """Compute y, (n,)."""
        height, rate = inner
        result: Numbers = height * np.exp(rate * (x[:, 0] - self.middle))
        return result

    def jacobian(self, x: Numbers, inner: Numbers) -> Numbers:
        """Derive by height and rate, (n, 2)."""
        height, rate = inner
        away = x[:, 0] - self.middle
        shape = np.exp(rate * away)
        return np.column_stack([shape, height * away * shape])

    def starts(self, x: Numbers, y: Numbers) -> Sequence[Numbers]:
        """Try rates of both signs, and the one that logarithms give where y has one sign."""
        rates = [sign * bend / self.width for bend in _STEEPNESS for sign in (1, -1)]
        if (y > 0).all() or (y < 0).all():
            rates.append(float(np.polyfit(x[:, 0] - self.middle, np.log(np.abs(y)), 1)[0]))
        return _best_heights(self, x, y, [(rate,) for rate in rates])

    def reported(self, inner: Numbers) -> Numbers:
        """Give a and b of a exp(b x)."""
        height, rate = inner
        return np.array([height * np.exp(-rate * self.middle), rate])

    def reported_jacobian(self, inner: Numbers) -> Numbers:
        """Derive a and b by height and rate, (2, 2)."""
        height, rate = inner
        shift = np.exp(-rate * self.middle)
        return np.array([[shift, -self.middle * height * shift], [0.0, 1.0]])


class Power:
    """y = a xᵇ, for x > 0: an exponential of the logarithm of x."""

    name, parameters, is_linear = "power", ("a", "b"), False

    def __init__(self, x: Numbers) -> None:
        self.inside = Exponential(np.log(x))

    def values(self, x: Numbers, inner: Numbers) -> Numbers:
        """Compute y, (n,); NaN where x is not above 0."""
        return self.inside.values(_logarithm(x), inner)

    def jacobian(self, x: Numbers, inner: Numbers) -> Numbers:
        """Derive by height and exponent, (n, 2)."""
        return self.inside.jacobian(_logarithm(x), inner)

    def starts(self, x: Numbers, y: Numbers) -> Sequence[Numbers]:
        """Begin as the exponential does."""
        return self.inside.starts(_logarithm(x), y)

    def reported(self, inner: Numbers) -> Numbers:
        """Give a and b of a xᵇ."""
        return self.inside.reported(inner)

    def reported_jacobian(self, inner: Numbers) -> Numbers:
        """Derive a and b by height and exponent, (2, 2)."""
        return self.inside.reported_jacobian(inner)


class Growth:
    """y = limit / (1 + exp(-rate (x - middle))): slow, fast, then slow again near the limit."""

    name, parameters, is_linear = "growth", ("limit", "rate", "middle"), False

    def __init__(self, x: Numbers) -> None:
        self.low, self.width = float(x.min()), float(np.ptp(x)) or 1.0

    def values(self, x: Numbers, inner: Numbers) -> Numbers:
        """Compute y, (n,)."""
        from scipy.special import expit

        limit, rate, middle = inner
        result: Numbers = limit * expit(rate * (x[:, 0] - middle))
        return result

    def jacobian(self, x: Numbers, inner: Numbers) -> Numbers:
        """Derive by limit, rate and middle, (n, 3)."""
        from scipy.special import expit

        limit, rate, middle = inner
        away = x[:, 0] - middle
        share = expit(rate * away)
        bend = limit * share * expit(-rate * away)
        return np.column_stack([share, bend * away, -bend * rate])

    def starts(self, x: Numbers, y: Numbers) -> Sequence[Numbers]:
        """Try middles inside and a little outside the data, rising and falling."""
        middles = self.low + self.width * np.linspace(-0.5, 1.5, 9)
        rates = [sign * bend / self.width for bend in _STEEPNESS for sign in (1, -1)]
        return _best_heights(self, x, y, [(rate, m) for rate in rates for m in middles])

    def reported(self, inner: Numbers) -> Numbers:
        """Give the same three."""
        return inner

    def reported_jacobian(self, inner: Numbers) -> Numbers:  # noqa: ARG002 - the same three
        """Derive each by itself, (3, 3)."""
        return np.eye(3)


CURVES: dict[str, type[Exponential] | type[Power] | type[Growth]] = {
    "exp": Exponential,
    "power": Power,
    "growth": Growth,
}


def _logarithm(x: Numbers) -> Numbers:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log(x)


def _best_heights(
    curve: Family, x: Numbers, y: Numbers, shapes: Sequence[tuple[float, ...]]
) -> list[Numbers]:
    """Give each shape its best height and keep the shapes that fit best."""
    found = []
    for shape in shapes:
        with np.errstate(all="ignore"):
            form = curve.values(x, np.array([1.0, *shape]))
            height = float(form @ y / (form @ form))
            error = float(np.sum((height * form - y) ** 2))
        if np.isfinite(error):
            found.append((error, (height, *shape)))
    return [np.array(inner) for _, inner in sorted(found)[:_STARTS]]
