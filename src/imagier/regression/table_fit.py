"""From a table to a fit: read the columns, choose the family, find the function."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imagier.errors import DataError, UsageError
from imagier.files import printable
from imagier.i18n import t
from imagier.regression.estimation import ErrorKind, Fit, fit_family
from imagier.regression.families import make_family, read_family
from imagier.regression.family import Family, Numbers
from imagier.regression.model_selection import (
    CANDIDATES,
    POLYNOMIALS,
    FamilyChoice,
    select_family,
)
from imagier.regression.own_formula import columns_of
from imagier.regression.softmax import SoftmaxFit, fit_labels
from imagier.regression.variables import Variables, choose_target, choose_variables
from imagier.tables import Table

__all__ = ["TableFit", "fit_table"]

_INFLATED = 10.0  # the usual bound: intervals √10 times as wide as with independent variables


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFit:
    """What was asked of a table, and what was found: a function, or lines for labels.

    Attributes:
        table: The points.
        target: The column that is explained.
        variables: What explains it.
        fit: The function, where the target is a number.
        labels: The lines, where it is a label.
        choice: What was compared, where the family was `auto`.
        notes: What is worth knowing.
    """

    table: Table
    target: str
    variables: Variables
    fit: Fit | None = None
    labels: SoftmaxFit | None = None
    choice: FamilyChoice | None = None
    notes: tuple[str, ...] = ()


def fit_table(
    table: Table,
    *,
    target: str | None = None,
    titles: Sequence[str] | None = None,
    family: str | None = None,
    error: ErrorKind = "squared",
) -> TableFit:
    """Find the function that explains a column of a table by others.

    Args:
        table: The points.
        target: The column to explain.
        titles: The columns that explain; when None, those that a formula names, else all others.
        family: The shape; a line for numbers and softmax for labels when None.
        error: What to make small.

    Raises:
        UsageError: What cannot be asked: columns, families, formulas.
        DataError: What the data do not allow; rows and columns are named.

    >>> from imagier.regression import example
    >>> found = fit_table(example("turtles"), target="turtles")
    >>> found.variables.names, round(found.fit.r2, 3)
    (('year',), 0.971)
    """
    title = choose_target(table, target)
    if titles is None and family is not None and read_family(family) is None:
        titles = columns_of(family, [other for other in table.titles if other != title])
    variables = choose_variables(table, target=title, titles=titles)
    x = variables.read(table)
    notes = [*table.notes, *_about(variables, x)]
    labels, fit, choice = None, None, None
    if family == "softmax" or (family is None and not table.is_numeric(title)):
        labels = _fit_labels(table, title, variables, x, error)
    else:
        fit, choice = _fit_numbers(table, title, variables, x, error, family or "line")
        notes += [t("regression.note.no_intervals")] if fit.covariance is None else []
    return TableFit(
        table=table,
        target=title,
        variables=variables,
        fit=fit,
        labels=labels,
        choice=choice,
        notes=tuple(notes),
    )


def _fit_numbers(
    table: Table, title: str, variables: Variables, x: Numbers, error: ErrorKind, family: str
) -> tuple[Fit, FamilyChoice | None]:
    if not table.is_numeric(title):
        facts = {"column": printable(title), "family": printable(family)}
        raise UsageError("fit_labels_family", **facts)
    y, choice = np.array(table.numbers(title)), None

    def make(name: str, points: Numbers) -> Family:
        return make_family(name, variables, points)

    wanted = read_family(family)
    if wanted is not None and wanted.kind == "auto":
        names = CANDIDATES if x.shape[1] == 1 else POLYNOMIALS
        choice = select_family(x, y, make, names=names, error=error)
        family = choice.best
    return fit_family(x, y, make(family, x), error=error), choice


def _fit_labels(
    table: Table, title: str, variables: Variables, x: Numbers, error: ErrorKind
) -> SoftmaxFit:
    if error != "squared":
        raise UsageError("fit_labels_error", error=error, column=printable(title))
    labels = table.words(title)
    if len(set(labels)) > len(labels) // 2 and len(labels) > 2:
        raise DataError(
            "fit_label_each", path=table.name, column=printable(title), count=len(set(labels))
        )
    return fit_labels(x, labels, variables.names)


def _about(variables: Variables, x: Numbers) -> list[str]:
    """Say what words are compared with, and which variables go together."""
    notes = [
        t("regression.note.reference", column=printable(title), word=printable(words[0]))
        for title, words in variables.words.items()
    ]
    tied = [
        printable(name)
        for name, inflation in zip(variables.names, _inflation(x), strict=True)
        if inflation > _INFLATED
    ]
    if tied:
        notes.append(t("regression.note.tied", names=", ".join(tied)))
    return notes


def _inflation(x: Numbers) -> Numbers:
    """Tell how much each variable's variance is inflated by the others: 1 / (1 - R²)."""
    count = x.shape[1]
    if count < 2 or len(x) <= count + 1:
        return np.ones(count)
    std = x.std(axis=0)
    unit = (x - x.mean(axis=0)) / np.where(std == 0, 1, std)
    correlations = unit.T @ unit / len(x)
    result: Numbers = np.diag(np.linalg.pinv(correlations, hermitian=True))
    return result
