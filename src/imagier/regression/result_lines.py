"""A fit as lines for a terminal: the model, its coefficients, its errors, its predictions.

>>> from imagier.i18n import use_language
>>> with use_language("fr"):
...     equation("y", {"intercept": 116.3, "x": -2.0})
'y = 116,30 − 2,0000 · x'
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from imagier.answers import text_table
from imagier.files import printable
from imagier.i18n import integer, percent, significant, t
from imagier.regression.estimation import Fit
from imagier.regression.family import Numbers
from imagier.regression.model_selection import FamilyChoice
from imagier.regression.prediction import Predictions
from imagier.regression.softmax import SoftmaxFit
from imagier.regression.table_fit import TableFit
from imagier.tables import Table

__all__ = ["equation", "fit_lines", "label_lines", "prediction_lines", "probability_lines"]

_MOST_ROWS = 30
_CURVES = {
    "exp": "{target} = a · exp(b · {x})",
    "power": "{target} = a · {x}^b",
    "growth": "{target} = limit / (1 + exp(−rate · ({x} − middle)))",
}


def fit_lines(found: TableFit, fit: Fit, *, level: float) -> Iterator[str]:
    """Write the model, its coefficients and its errors."""
    yield _title(found)
    if found.choice:
        yield ""
        yield from _choice(found.choice, fit)
    yield ""
    yield _formula(found, fit)
    yield ""
    yield from _coefficients(fit, level)
    yield ""
    yield from _errors(fit, printable(found.target))


def label_lines(found: TableFit, labels: SoftmaxFit, *, left_out: float) -> Iterator[str]:
    """Write the line of each class, and how often it is right.

    Args:
        found: What was found in a table.
        labels: Its lines.
        left_out: The share of right answers on points that were left out.
    """
    yield _title(found)
    yield ""
    yield t("regression.result.softmax_formula")
    yield ""
    rows = [["", *map(printable, labels.classes)]]
    for row, name in enumerate(("intercept", *labels.names)):
        rows.append([printable(name), *map(_number, labels.weights[row].tolist())])
    yield from text_table(rows, rule=True)
    yield ""
    facts = {"accuracy": percent(labels.accuracy), "baseline": percent(labels.baseline)}
    yield t("regression.result.accuracy", left_out=percent(left_out), **facts)
    yield t("regression.result.cross_entropy", value=_number(labels.cross_entropy, 4))


def prediction_lines(
    found: TableFit, new: Table, predictions: Predictions, *, level: float
) -> Iterator[str]:
    """Write what the function says of new points, with both intervals."""
    yield ""
    share = percent(level, 0)
    bands = [t(f"regression.result.{band}", level=share) for band in ("mean", "new")]
    rows = [[*found.variables.titles, printable(found.target), *bands, ""]]
    for place, known in enumerate(_known(found, new)):
        ends = [
            "–" if pair is None else _interval(*map(float, pair[place]))
            for pair in (predictions.mean, predictions.new)
        ]
        value = _number(float(predictions.values[place]))
        rows.append([*known, value, *ends, _far(predictions.outside, place)])
    yield from text_table(rows, rule=True)
    yield from _more(len(new))


def probability_lines(
    found: TableFit, new: Table, classes: Sequence[str], shares: Numbers, outside: NDArray[np.bool_]
) -> Iterator[str]:
    """Write what softmax says of new points: the likeliest label, and each one's share."""
    yield ""
    names = list(map(printable, classes))
    rows = [[*found.variables.titles, printable(found.target), *names, ""]]
    for place, known in enumerate(_known(found, new)):
        best = names[int(shares[place].argmax())]
        rows.append([*known, best, *map(percent, shares[place].tolist()), _far(outside, place)])
    yield from text_table(rows, rule=True)
    yield from _more(len(new))


def equation(target: str, coefficients: Mapping[str, float]) -> str:
    """Write a sum of products, signs between: `price = 12.0 + 3.1 · surface − 7.5 · far`."""
    text = f"{target} ="
    for place, (name, value) in enumerate(coefficients.items()):
        factor = "" if name == "intercept" else f" · {name.replace('*', ' · ')}"
        sign = ("−" if value < 0 else "+") if place else ("−" if value < 0 else "")
        text += f" {sign}{' ' if place else ''}{_number(abs(value))}{factor}"
    return text


def _title(found: TableFit) -> str:
    return t(
        "regression.result.title",
        n=len(found.table),
        name=found.table.name,
        count=integer(len(found.table)),
        target=printable(found.target),
        names=printable(", ".join(found.variables.names)),
    )


def _formula(found: TableFit, fit: Fit) -> str:
    target, names = printable(found.target), found.variables.names
    if fit.family.is_linear:
        parameters = map(float, fit.parameters)
        text = equation(target, dict(zip(fit.family.parameters, parameters, strict=True)))
    elif fit.family.name in _CURVES:
        text = _CURVES[fit.family.name].format(target=target, x=names[0])
    else:
        text = f"{target} = {fit.family.name}"
    return t(f"regression.result.found.{fit.error}", formula=printable(text))


def _coefficients(fit: Fit, level: float) -> Iterator[str]:
    intervals = fit.intervals(level)
    head = [t("regression.result.coefficient"), t("regression.result.value")]
    head += [t("regression.result.interval", level=percent(level, 0))] if intervals else []
    rows = [head]
    for place, name in enumerate(fit.family.parameters):
        row = [printable(name), _number(float(fit.parameters[place]))]
        rows.append(row + ([_interval(*intervals[place])] if intervals else []))
    yield from text_table(rows, rule=True)


def _errors(fit: Fit, target: str) -> Iterator[str]:
    errors = fit.errors
    size = max(abs(errors.signed) / max(errors.absolute, 1e-300), 1e-300)
    signed = "0" if size < 1e-9 else _number(errors.signed, 4)
    yield t("regression.result.signed", value=signed)
    yield t("regression.result.absolute", value=_number(errors.absolute, 4))
    root = _number(errors.squared**0.5, 4)
    value = _number(errors.squared, 4)
    yield t("regression.result.squared", value=value, root=root, target=target)
    if fit.r2 is not None:
        yield t("regression.result.r2", value=_number(fit.r2, 3), target=target)


def _choice(choice: FamilyChoice, fit: Fit) -> Iterator[str]:
    columns = ("family", "parameters", "error", "aicc")
    rows = [[t(f"regression.result.choice.{column}") for column in columns]]
    for one in choice.candidates:
        if one.error is None:
            rows.append([one.family, "–", "–", "–"])
            continue
        aicc = "–" if one.aicc is None else _number(one.aicc, 4)
        rows.append([one.family, str(one.parameters), _number(one.error, 4), aicc])
    yield from text_table(rows, rule=True)
    facts = {"n": choice.parts, "parts": choice.parts}
    yield t("regression.result.choice.why", family=fit.family.name, **facts)


def _known(found: TableFit, new: Table) -> Iterator[list[str]]:
    """Give the cells of the first points to predict, as they stand in their table."""
    places = [new.titles.index(title) for title in found.variables.titles]
    for row in new.rows[:_MOST_ROWS]:
        yield [printable(row[place]) for place in places]


def _far(outside: NDArray[np.bool_], place: int) -> str:
    return t("regression.result.far") if outside[place] else ""


def _more(count: int) -> Iterator[str]:
    if count > _MOST_ROWS:
        rest = count - _MOST_ROWS
        yield t("regression.result.more", n=rest, count=integer(rest))


def _interval(low: float, high: float) -> str:
    return t("regression.result.from_to", low=_number(low), high=_number(high))


def _number(value: float, digits: int = 5) -> str:
    """Write a number so that columns stand under each other; `–` where it has no value."""
    return significant(value, digits, padded=True, powers=(-5, 12))
