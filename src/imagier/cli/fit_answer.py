"""What `imagier fit` answers: coefficients, errors, predictions; and the same in JSON."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from imagier.files import printable
from imagier.i18n import t

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imagier.regression import Choice, Fit, Predictions, SoftmaxFit, Study, Table

__all__ = ["Answer", "to_json"]

_ROWS_NAMED = 8


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A study, the level of its intervals, and the table to predict."""

    study: "Study"
    level: float
    new: "Table | None"

    @property
    def fit(self) -> "Fit | None":
        """The function that was found, where the target is a number."""
        return self.study.fit

    @property
    def labels(self) -> "SoftmaxFit | None":
        """The lines that were found, where the target is a label."""
        return self.study.labels

    @cached_property
    def points(self) -> "NDArray[np.float64] | None":
        """The points to predict, (n, m)."""
        return None if self.new is None else self.study.variables.read(self.new)

    @cached_property
    def predictions(self) -> "Predictions | None":
        """What the function says of them."""
        from imagier.regression import predict

        if self.fit is None or self.points is None:
            return None
        return predict(self.fit, self.points, level=self.level)

    @cached_property
    def probabilities(self) -> "NDArray[np.float64] | None":
        """What softmax says of them, (n, K)."""
        if self.labels is None or self.points is None:
            return None
        return self.labels.predict(self.points)

    @cached_property
    def outside(self) -> "NDArray[np.bool_] | None":
        """Which of them lie outside the points learned from, (n,)."""
        from imagier.regression import is_outside

        known = self.fit or self.labels
        return None if self.points is None or known is None else is_outside(known.x, self.points)

    @cached_property
    def left_out(self) -> float:
        """The share of right labels on points that were left out."""
        from imagier.regression import hits_when_left_out

        assert self.labels is not None  # noqa: S101 - asked for labels only
        return hits_when_left_out(self.labels) / len(self.labels.truth)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing, the warning of points outside the data included."""
        own = list(self.study.notes)
        if self.study.table.synthetic:
            own.insert(0, t("cli.fit.synthetic", name=self.study.table.name))
        if self.new is not None:
            own += [text for text in self.new.notes if text not in own]
            own += self._warning(self.new)
        return tuple(own)

    def _warning(self, new: "Table") -> Iterable[str]:
        outside = self.outside
        rows = (
            [row for row, far in zip(new.rows, outside, strict=True) if far]
            if (outside is not None)
            else []
        )
        if rows:
            shown = ", ".join(map(str, rows[:_ROWS_NAMED])) + (", …" * (len(rows) > _ROWS_NAMED))
            yield t("cli.fit.outside", n=len(rows), path=new.name, rows=shown)


def to_json(answer: Answer, plot: str | None, out: str | None) -> dict[str, object]:
    """Give everything that is printed, as other programs read it."""
    study = answer.study
    return {
        "family": answer.fit.family.name if answer.fit else "softmax",
        **(_numbers(answer) if answer.fit else _labels(answer)),
        "predictions": list(_predictions(answer)),
        "table": study.table.name,
        "synthetic": study.table.synthetic,
        "n": len(study.table),
        "target": study.target,
        "variables": list(study.variables.names),
        "references": {title: words[0] for title, words in study.variables.words.items()},
        "level": answer.level,
        "choice": _choice(study.choice) if study.choice else None,
        "notes": list(answer.notes),
        "plot": None if plot is None else printable(plot),
        "out": None if out is None else printable(out),
    }


def _numbers(answer: Answer) -> dict[str, object]:
    from imagier.regression import aicc

    fit = answer.fit
    assert fit is not None  # noqa: S101 - asked for numbers only
    errors, intervals = fit.errors, fit.intervals(answer.level)
    return {
        "coefficients": {
            name: {
                "value": float(value),
                "interval": None if intervals is None else list(intervals[place]),
            }
            for place, (name, value) in enumerate(
                zip(fit.family.parameters, fit.parameters, strict=True)
            )
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


def _labels(answer: Answer) -> dict[str, object]:
    labels = answer.labels
    assert labels is not None  # noqa: S101 - asked for labels only
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
            "left_out": answer.left_out,
            "baseline": labels.baseline,
            "cross_entropy": labels.cross_entropy,
        },
    }


def _predictions(answer: Answer) -> Iterable[dict[str, object]]:
    if answer.outside is None:
        return
    for place, far in enumerate(answer.outside.tolist()):
        if answer.predictions is not None:
            yield {**_prediction(answer.predictions, place), "outside": far, "probabilities": None}
        elif answer.probabilities is not None and answer.labels is not None:
            shares = answer.probabilities[place].tolist()
            best = answer.labels.classes[shares.index(max(shares))]
            probabilities = dict(zip(answer.labels.classes, shares, strict=True))
            yield {
                "y": best,
                "mean": None,
                "new": None,
                "outside": far,
                "probabilities": probabilities,
            }


def _prediction(found: "Predictions", place: int) -> dict[str, object]:
    import math

    def numbers(pair: "NDArray[np.float64] | None") -> list[float] | None:
        return (
            None
            if pair is None or not math.isfinite(pair[place].sum())
            else [float(end) for end in pair[place]]
        )

    value = float(found.values[place])
    return {
        "y": value if math.isfinite(value) else None,
        "mean": numbers(found.mean),
        "new": numbers(found.new),
    }


def _choice(choice: "Choice") -> dict[str, object]:
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
