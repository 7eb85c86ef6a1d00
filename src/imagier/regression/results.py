"""The result of `imagier fit`: coefficients, errors, predictions; for a terminal, pages, programs.

>>> from imagier.regression import example, fit_table
>>> result = FitResult(found=fit_table(example("turtles"), target="turtles"))
>>> round(result.to_json()["coefficients"]["year"]["value"], 4)
8.6088
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.answers import AnswerFigure, AnswerTable, Shown, finite
from imagier.i18n import t
from imagier.regression.drawing import draw_fit, draw_labels
from imagier.regression.estimation import Fit
from imagier.regression.family import Numbers
from imagier.regression.model_selection import FamilyChoice, aicc
from imagier.regression.prediction import Predictions, is_outside, predict
from imagier.regression.result_lines import (
    fit_lines,
    label_lines,
    prediction_lines,
    probability_lines,
)
from imagier.regression.softmax import SoftmaxFit, hits_when_left_out
from imagier.regression.table_fit import TableFit
from imagier.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FitResult"]

_ROWS_NAMED = 8


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FitResult(Shown):
    """What was found in a table, and what it says of new points.

    Attributes:
        found: The function, or the lines for labels.
        level: Of the intervals.
        new: The points to predict; None where nothing is.
    """

    found: TableFit
    level: float = 0.95
    new: Table | None = None

    @cached_property
    def points(self) -> Numbers | None:
        """The points to predict, (n, m)."""
        return None if self.new is None else self.found.variables.read(self.new)

    @cached_property
    def predictions(self) -> Predictions | None:
        """What the function says of them."""
        if self.found.fit is None or self.points is None:
            return None
        return predict(self.found.fit, self.points, level=self.level)

    @cached_property
    def probabilities(self) -> Numbers | None:
        """What softmax says of them, (n, K)."""
        if self.found.labels is None or self.points is None:
            return None
        return self.found.labels.predict(self.points)

    @cached_property
    def outside(self) -> NDArray[np.bool_] | None:
        """Which of them lie outside the points learned from, (n,)."""
        known = self.found.fit or self.found.labels
        return None if self.points is None or known is None else is_outside(known.x, self.points)

    @cached_property
    def left_out(self) -> float | None:
        """The share of right labels on points that were left out; None without labels."""
        labels = self.found.labels
        return None if labels is None else hits_when_left_out(labels) / len(labels.truth)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing, the warning of points outside the data included."""
        own, table = list(self.found.notes), self.found.table
        if table.synthetic:
            own.insert(0, t("regression.result.synthetic", name=table.name))
        if self.new is not None:
            own += [text for text in self.new.notes if text not in own]
            own += _warning(self.new, self.outside)
        return tuple(own)

    def lines(self) -> Iterator[str]:
        """Write the model, its coefficients, its errors and its predictions."""
        found, new = self.found, self.new
        if found.fit is not None:
            yield from fit_lines(found, found.fit, level=self.level)
            if new is not None and self.predictions is not None:
                yield from prediction_lines(found, new, self.predictions, level=self.level)
        elif found.labels is not None:
            yield from label_lines(found, found.labels, left_out=self.left_out or 0.0)
            if new is not None and self.probabilities is not None and self.outside is not None:
                classes, shares = found.labels.classes, self.probabilities
                yield from probability_lines(found, new, classes, shares, self.outside)

    def to_json(self) -> dict[str, Any]:
        """Give everything that is printed, as other programs read it."""
        found, fit, labels = self.found, self.found.fit, self.found.labels
        return {
            "family": fit.family.name if fit else "softmax",
            **(_fit_json(fit, self.level) if fit else {}),
            **(_labels_json(labels, self.left_out) if labels else {}),
            "predictions": list(self._predictions()),
            "table": found.table.name,
            "synthetic": found.table.synthetic,
            "n": len(found.table),
            "target": found.target,
            "variables": list(found.variables.names),
            "references": {title: words[0] for title, words in found.variables.words.items()},
            "level": self.level,
            "choice": _choice_json(found.choice) if found.choice else None,
            "notes": list(self.notes),
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give the cloud with the function, or the regions of the labels."""
        names = ", ".join(self.found.variables.names)
        label = t("regression.figure.label", target=self.found.target, names=names)
        return {"figure": AnswerFigure(label=label, draw=self._draw)}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give the points to predict, else those learned from, with what is said of each."""
        table = self.found.table if self.new is None else self.new
        told = FitResult(found=self.found, level=self.level, new=table)
        labels = self.found.labels
        if labels is None:
            columns = ["predicted", "mean_low", "mean_high", "new_low", "new_high", "outside"]
        else:
            shares = [f"probability_{label}" for label in labels.classes]
            columns = ["predicted", *shares, "outside"]
        rows = ((*cells, *rest) for cells, rest in zip(table.rows, told._cells(), strict=True))
        return {"table": AnswerTable(columns=[*table.titles, *columns], rows=rows)}

    def _draw(self) -> "Figure":
        found = self.found
        remark = t("regression.result.synthetic_mark") if found.table.synthetic else ""
        if found.fit is None:
            assert found.labels is not None  # noqa: S101 - one or the other was found
            return draw_labels(found.labels, remark=remark)
        names = found.variables.names
        return draw_fit(
            found.fit, names=names, target=found.target, level=self.level, remark=remark
        )

    def _predictions(self) -> Iterator[dict[str, Any]]:
        if self.outside is None:
            return
        for place, far in enumerate(self.outside.tolist()):
            if self.predictions is not None:
                found = self.predictions
                yield {
                    "y": finite(float(found.values[place])),
                    "mean": _ends(found.mean, place),
                    "new": _ends(found.new, place),
                    "outside": far,
                    "probabilities": None,
                }
            elif self.probabilities is not None and self.found.labels is not None:
                shares, classes = self.probabilities[place].tolist(), self.found.labels.classes
                yield {
                    "y": classes[shares.index(max(shares))],
                    "mean": None,
                    "new": None,
                    "outside": far,
                    "probabilities": dict(zip(classes, shares, strict=True)),
                }

    def _cells(self) -> Iterator[list[object]]:
        """Give what is said of each point, as cells of a table."""
        for one in self._predictions():
            if one["probabilities"] is None:
                said = [*(one["mean"] or (None, None)), *(one["new"] or (None, None))]
            else:
                said = list(one["probabilities"].values())
            yield [one["y"], *said, int(one["outside"])]


def _warning(new: Table, outside: NDArray[np.bool_] | None) -> Iterator[str]:
    """Name the rows outside the points learned from."""
    far = [] if outside is None else np.flatnonzero(outside).tolist()
    if far:
        shown = [str(new.lines[place]) for place in far[:_ROWS_NAMED]]
        rows = ", ".join(shown) + (", …" * (len(far) > _ROWS_NAMED))
        yield t("regression.result.outside", n=len(far), path=new.name, rows=rows)


def _fit_json(fit: Fit, level: float) -> dict[str, object]:
    errors, intervals = fit.errors, fit.intervals(level)
    return {
        "coefficients": {
            name: {
                "value": float(fit.parameters[place]),
                "interval": None if intervals is None else list(intervals[place]),
            }
            for place, name in enumerate(fit.family.parameters)
        },
        "mse": errors.squared,
        "r2": fit.r2,
        "error": fit.error,
        "errors": {
            "signed": errors.signed,
            "absolute": errors.absolute,
            "squared": errors.squared,
        },
        "scale": None if fit.freedom == 0 else fit.scale,
        "aicc": aicc(fit),
        "labels": None,
    }


def _labels_json(labels: SoftmaxFit, left_out: float | None) -> dict[str, object]:
    return {
        "coefficients": {
            f"{label}:{name}": {"value": float(labels.weights[row, column]), "interval": None}
            for column, label in enumerate(labels.classes)
            for row, name in enumerate(("intercept", *labels.names))
        },
        "mse": None,
        "r2": None,
        "error": "cross-entropy",
        "errors": None,
        "scale": None,
        "aicc": None,
        "labels": {
            "classes": list(labels.classes),
            "accuracy": labels.accuracy,
            "left_out": left_out,
            "baseline": labels.baseline,
            "cross_entropy": labels.cross_entropy,
        },
    }


def _ends(pairs: Numbers | None, place: int) -> list[float] | None:
    """Give an interval; None where there is none, or no finite one."""
    if pairs is None or not math.isfinite(pairs[place].sum()):
        return None
    return [float(end) for end in pairs[place]]


def _choice_json(choice: FamilyChoice) -> dict[str, object]:
    return {
        "parts": choice.parts,
        "candidates": [
            {
                "family": one.family,
                "parameters": one.parameters or None,
                "error": one.error,
                "difference": one.difference,
                "deviation": one.deviation,
                "aicc": one.aicc,
                "refused": one.refused.code if one.refused else None,
            }
            for one in choice.candidates
        ],
    }
