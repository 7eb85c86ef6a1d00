"""What `imagier derive` says of a formula at a place, as lines and as JSON."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

from imagier.cli.coordinates import aligned, known
from imagier.errors import UsageError
from imagier.files import printable
from imagier.gradient.writing import listed, shown
from imagier.i18n import t

if TYPE_CHECKING:
    from imagier.formulas import Formula
    from imagier.gradient import Function, Method, StepError

__all__ = ["Derived", "as_json", "derived", "lines", "of_one"]

KINDS = ("forward", "central", "complex")


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
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
    """

    formula: "Formula"
    point: tuple[float, ...]
    value: float
    exact: tuple[float, ...]
    step: float
    quotients: dict[str, tuple[float, ...]]
    corner: bool | None = None
    errors: "tuple[StepError, ...]" = ()
    nearer: "tuple[StepError, ...]" = ()


def derived(formula: "Formula", point: tuple[float, ...], step: float) -> Derived:
    """Compute all that is said of a formula at a place.

    Raises:
        UsageError: `no_value`, where the formula has none.
    """
    from imagier.gradient import Method, errors_by_step, gradient, value_at

    value = value_at(formula.at, point)
    exact = tuple(gradient(formula.at, point, method="complex").tolist())
    quotients = {kind: _quotient(formula, point, kind, step) for kind in get_args(Method)}
    found = Derived(
        formula=formula, point=point, value=value, exact=exact, step=step, quotients=quotients
    )
    if len(point) > 1:
        return found
    g, at = of_one(formula), point[0]
    return replace(
        found,
        corner=_has_corner(g, at),
        errors=errors_by_step(g, at, exact=exact[0]),
        nearer=errors_by_step(g, at, exact=exact[0], steps=(step, step / 10)),
    )


def _quotient(
    formula: "Formula", point: tuple[float, ...], kind: "Method", step: float
) -> tuple[float, ...]:
    """Compute one kind of quotient; not a number where the step leaves the formula's values."""
    from imagier.gradient import gradient

    try:
        return tuple(gradient(formula.at, point, method=kind, step=step).tolist())
    except UsageError as error:
        if error.code != "no_value":
            raise
        return (math.nan,) * len(point)


def _has_corner(function: "Function", at: float) -> bool:
    from imagier.gradient import has_corner

    try:
        return has_corner(function, at)
    except UsageError:  # the values end close by: there is one side only
        return False


def of_one(formula: "Formula") -> "Function":
    """Give a formula in one variable as a function of it, whatever its name."""
    name = formula.variables[0]
    return lambda value: formula(**{name: value})


def as_json(found: Derived) -> dict[str, object]:
    """Give what was computed as other programs read it."""
    return {
        "formula": printable(found.formula.text),
        "table": None,
        "variables": list(found.formula.variables),
        "at": list(found.point),
        "value": found.value,
        "derivative": list(found.exact),
        "step": found.step,
        **{kind: [known(part) for part in found.quotients[kind]] for kind in KINDS},
        "corner": found.corner,
        "errors": [_error_facts(error) for error in found.errors] or None,
        "speeds": None,
    }


def lines(found: Derived) -> Iterator[str]:
    """Tell what was computed, for a terminal."""
    names = ", ".join(found.formula.variables)
    yield t("cli.derive.title", name=names, formula=printable(found.formula.text))
    at = listed(found.point).removeprefix("(").removesuffix(")")
    yield t("cli.derive.value", at=at, value=shown(found.value))
    yield ""
    if len(found.point) > 1:
        yield from _several(found)
        return
    yield from _quotients(found)
    yield ""
    yield from _verdict(found)
    yield ""
    yield from _error_table(found.errors)


def _error_facts(error: "StepError") -> dict[str, float | None]:
    values = {kind: known(getattr(error, kind)) for kind in KINDS}
    sizes = {f"{kind}_error": known(getattr(error, f"{kind}_error")) for kind in KINDS}
    return {"step": error.step, **values, **sizes}


def _quotients(found: Derived) -> Iterator[str]:
    name = found.formula.variables[0]
    if not found.nearer:
        return
    rows = [["", *(f"h = {shown(error.step)}" for error in found.nearer)]]
    for kind in KINDS:
        numbers = [shown(getattr(error, kind)) for error in found.nearer]
        rows.append([t(f"cli.derive.quotient.{kind}", name=name), *numbers])
    yield from aligned(rows)


def _verdict(found: Derived) -> Iterator[str]:
    at, slope = found.point[0], found.exact[0]
    if found.corner:
        yield t("cli.derive.corner", at=shown(at))
        return
    yield t("cli.derive.derivative", at=shown(at), slope=shown(slope))
    if slope:
        yield t("cli.derive.rising" if slope > 0 else "cli.derive.falling")
    else:
        yield t("cli.derive.flat")
    intercept = found.value - slope * at
    sign = "−" if intercept < 0 else "+"
    line = f"{shown(slope)}·{found.formula.variables[0]} {sign} {shown(abs(intercept))}"
    yield t("cli.derive.tangent", line=line)


def _error_table(errors: "tuple[StepError, ...]") -> Iterator[str]:
    """Write the error for each step, and say which step is the best."""
    if not errors:
        return
    rows = [["h", *(t(f"cli.derive.error.{kind}") for kind in KINDS)]]
    for error in errors:
        sizes = [shown(getattr(error, f"{kind}_error"), 2) for kind in KINDS]
        rows.append([_power(error.step), *sizes])
    yield t("cli.derive.errors")
    yield from aligned(rows)
    best = min(errors, key=lambda error: error.forward_error)
    yield t("cli.derive.best", step=_power(best.step), error=shown(best.forward_error, 2))


def _power(step: float) -> str:
    head, _, power = f"{step:.0e}".partition("e")
    return f"{head}e{int(power)}"


def _several(found: Derived) -> Iterator[str]:
    """Tell of several variables: the derivative by each, the others held."""
    heads = [t(f"cli.derive.column.{kind}", step=shown(found.step)) for kind in KINDS]
    rows = [["", t("cli.derive.column.derivative"), *heads]]
    columns = (found.exact, *(found.quotients[kind] for kind in KINDS))
    for name, *numbers in zip(found.formula.variables, *columns, strict=True):
        rows.append([f"∂g/∂{name}", *map(shown, numbers)])
    yield from aligned(rows)
    yield ""
    yield t("cli.derive.gradient", gradient=listed(found.exact))
