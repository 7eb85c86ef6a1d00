"""The derivative of a formula at a place, and how wrong each quotient is, as an answer.

>>> from imagier.formulas import parse_formula
>>> result = derive_formula(parse_formula("0.5*(3*t+4)**2"), (1.0,), step=0.01)
>>> result.exact, round(result.quotients["forward"][0], 6), result.corner
((21.0,), 21.045, False)
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, get_args

from imagier.answers import AnswerFigure, AnswerTable, Shown, finite, text_table
from imagier.errors import UsageError
from imagier.files import printable
from imagier.formulas import Formula
from imagier.gradient.differences import Function, Method, has_corner, value_at
from imagier.gradient.partial import gradient
from imagier.gradient.rounding import StepError, errors_by_step
from imagier.gradient.tangents import secants, tangent_figure
from imagier.gradient.typed_numbers import typed_number, typed_point
from imagier.i18n import t

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DerivativeResult", "derive_formula"]

_METHODS: tuple[Method, ...] = get_args(Method)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DerivativeResult(Shown):
    """A formula's derivative at a place, by each variable.

    Attributes:
        formula: The formula, in n variables.
        point: The place, n numbers.
        value: The formula's value there.
        exact: The derivatives, n, by a complex step so small that nothing is left of its error.
        step: The step h that was asked for.
        quotients: The derivatives by each kind of quotient with that step, n each.
        corner: Whether there is a corner; None with several variables.
        errors: The quotients for steps ever smaller; none with several variables.
        nearer: The quotients for h and h / 10; none with several variables.
        notes: None.
    """

    formula: Formula
    point: tuple[float, ...]
    value: float
    exact: tuple[float, ...]
    step: float
    quotients: Mapping[str, tuple[float, ...]]
    corner: bool | None = None
    errors: tuple[StepError, ...] = ()
    nearer: tuple[StepError, ...] = ()
    notes: tuple[str, ...] = field(default=(), init=False)

    def lines(self) -> Iterator[str]:
        """Tell what was computed, for a terminal."""
        names = ", ".join(self.formula.variables)
        formula = printable(self.formula.text)
        yield t("gradient.derivative.title", name=names, formula=formula)
        at = typed_point(self.point).removeprefix("(").removesuffix(")")
        yield t("gradient.derivative.value", at=at, value=typed_number(self.value))
        yield ""
        if len(self.point) > 1:
            yield from _several_lines(self)
            return
        if self.nearer:
            yield from _quotient_lines(self.formula.variables[0], self.nearer)
        yield ""
        yield from _verdict_lines(self)
        yield ""
        yield from _error_lines(self.errors)

    def to_json(self) -> dict[str, Any]:
        """Give what was computed as other programs read it, with the keys that tables have."""
        return {
            "formula": printable(self.formula.text),
            "table": None,
            "variables": list(self.formula.variables),
            "at": list(self.point),
            "value": self.value,
            "derivative": list(self.exact),
            "step": self.step,
            **{str(name): list(map(finite, self.quotients[name])) for name in _METHODS},
            "corner": self.corner,
            "errors": [_error_json(error) for error in self.errors] or None,
            "speeds": None,
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give tangent, secants and errors; none with several variables."""
        if len(self.point) > 1:
            return {}
        label = t("gradient.figure.tangent", at=typed_number(self.point[0]))
        return {
            "figure": AnswerFigure(label=label, draw=self._draw, frames=self._frames, seconds=0.12)
        }

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give the quotients and their errors for each step; none with several variables."""
        if not self.errors:
            return {}
        rows = [tuple(_error_json(error).values()) for error in self.errors]
        return {"table": AnswerTable(columns=tuple(_error_json(self.errors[0])), rows=rows)}

    def _draw(self) -> "Figure":
        name = self.formula.variables[0]
        return tangent_figure(_of_one(self.formula), self.point[0], variable=name)

    def _frames(self) -> "Iterator[Figure]":
        name = self.formula.variables[0]
        return secants(_of_one(self.formula), self.point[0], variable=name)


def derive_formula(formula: Formula, point: tuple[float, ...], *, step: float) -> DerivativeResult:
    """Compute all that is said of a formula at a place.

    Args:
        formula: In n variables.
        point: The place, (n,).
        step: The small difference h of the quotients.

    Raises:
        UsageError: `no_value`, where the formula has none; `step_size`.
    """
    found = DerivativeResult(
        formula=formula,
        point=point,
        value=value_at(formula.at, point),
        exact=tuple(gradient(formula.at, point, method="complex").tolist()),
        step=step,
        quotients={name: _quotient(formula, point, name, step) for name in _METHODS},
    )
    if len(point) > 1:
        return found
    g, at, exact = _of_one(formula), point[0], found.exact[0]
    return replace(
        found,
        corner=_has_corner(g, at),
        errors=errors_by_step(g, at, exact=exact),
        nearer=errors_by_step(g, at, exact=exact, steps=(step, step / 10)),
    )


def _quotient(
    formula: Formula, point: tuple[float, ...], method: Method, step: float
) -> tuple[float, ...]:
    """Compute one kind of quotient; not a number where the step leaves the formula's values."""
    try:
        return tuple(gradient(formula.at, point, method=method, step=step).tolist())
    except UsageError as error:
        if error.code != "no_value":
            raise
        return (math.nan,) * len(point)


def _has_corner(function: Function, at: float) -> bool:
    try:
        return has_corner(function, at)
    except UsageError:  # the values end close by: there is one side only
        return False


def _of_one(formula: Formula) -> Function:
    """Give a formula in one variable as a function of it, whatever its name."""
    name = formula.variables[0]
    return lambda value: formula(**{name: value})


def _error_json(error: StepError) -> dict[str, float | None]:
    values: dict[str, float | None] = {name: finite(getattr(error, name)) for name in _METHODS}
    sizes = {f"{name}_error": finite(getattr(error, f"{name}_error")) for name in _METHODS}
    return {"step": error.step, **values, **sizes}


def _quotient_lines(variable: str, nearer: tuple[StepError, ...]) -> Iterator[str]:
    rows = [["", *(f"h = {typed_number(error.step)}" for error in nearer)]]
    for name in _METHODS:
        numbers = [typed_number(getattr(error, name)) for error in nearer]
        rows.append([t(f"gradient.derivative.quotient.{name}", name=variable), *numbers])
    yield from text_table(rows)


def _verdict_lines(found: DerivativeResult) -> Iterator[str]:
    at, slope = found.point[0], found.exact[0]
    if found.corner:
        yield t("gradient.derivative.corner", at=typed_number(at))
        return
    yield t("gradient.derivative.derivative", at=typed_number(at), slope=typed_number(slope))
    if slope:
        yield t("gradient.derivative.rising" if slope > 0 else "gradient.derivative.falling")
    else:
        yield t("gradient.derivative.flat")
    intercept = found.value - slope * at
    sign = "−" if intercept < 0 else "+"
    product = f"{typed_number(slope)}·{found.formula.variables[0]}"
    line = f"{product} {sign} {typed_number(abs(intercept))}"
    yield t("gradient.derivative.tangent", line=line)


def _error_lines(errors: tuple[StepError, ...]) -> Iterator[str]:
    """Write the error for each step, and say which step is the best."""
    if not errors:
        return
    rows = [["h", *(t(f"gradient.derivative.error.{name}") for name in _METHODS)]]
    for error in errors:
        sizes = [typed_number(getattr(error, f"{name}_error"), 2) for name in _METHODS]
        rows.append([_power(error.step), *sizes])
    yield t("gradient.derivative.errors")
    yield from text_table(rows)
    best = min(errors, key=lambda error: error.forward_error)
    size = typed_number(best.forward_error, 2)
    yield t("gradient.derivative.best", step=_power(best.step), error=size)


def _power(step: float) -> str:
    head, _, power = f"{step:.0e}".partition("e")
    return f"{head}e{int(power)}"


def _several_lines(found: DerivativeResult) -> Iterator[str]:
    """Tell of several variables: the derivative by each, the others held."""
    step = typed_number(found.step)
    heads = [t(f"gradient.derivative.column.{name}", step=step) for name in _METHODS]
    rows = [["", t("gradient.derivative.column.derivative"), *heads]]
    columns = (found.exact, *(found.quotients[name] for name in _METHODS))
    for variable, *numbers in zip(found.formula.variables, *columns, strict=True):
        rows.append([f"∂g/∂{variable}", *map(typed_number, numbers)])
    yield from text_table(rows)
    yield ""
    yield t("gradient.derivative.gradient", gradient=typed_point(found.exact))
