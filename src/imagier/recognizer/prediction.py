"""What a recogniser answers about one picture, and how it is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from imagier.errors import PictureError
from imagier.files import printable
from imagier.i18n import cell_width, padded, percent, t
from imagier.recognizer.name_sets import names_in_set

__all__ = ["Prediction", "label_width", "rank"]

WIDEST_LABEL = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The answer for one picture: its name, or why it could not be read.

    Attributes:
        path: The picture's file name, written on one line; `<array>`, `<image>` or `<bytes>` for
            a picture that is in no file.
        status: "ok", or "error" when the picture could not be read.
        label: The first choice.
        probability: The first choice's probability.
        top: The best choices with their probabilities, best first.
        abstained: Whether the recogniser would rather not say.
        stranger: Whether the picture is of none of the classes; None where the recogniser cannot
            tell, or the picture could not be read.
        names: The names of which one is the true one with the coverage asked for; None where
            none was asked for.
        error: Code and message when the picture could not be read.
    """

    path: str
    status: Literal["ok", "error"] = "ok"
    label: str | None = None
    probability: float | None = None
    top: tuple[tuple[str, float], ...] = ()
    abstained: bool = False
    stranger: bool | None = None
    names: tuple[str, ...] | None = None
    error: dict[str, str] | None = None

    @classmethod
    def of_error(cls, error: PictureError) -> "Prediction":
        """Give the answer for a picture that could not be read."""
        return cls(
            path=str(error.facts.get("path", "")),
            status="error",
            error={"code": error.code, "message": error.message},
        )

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "Prediction":
        """Read the answer that `to_json` wrote."""
        names = given.get("names")
        given = {**given, "names": None if names is None else tuple(names)}
        return cls(**{**given, "top": tuple((label, share) for label, share in given["top"])})

    def to_json(self) -> dict[str, Any]:
        """Give the answer as other programs read it, probabilities to six decimals.

        `names` stands there only where a coverage was asked for.

        >>> Prediction(path="7.png", label="7", probability=0.75, top=(("7", 0.75),)).to_json()
        {'path': '7.png', 'status': 'ok', 'label': '7', 'probability': 0.75, 'top': [['7', 0.75]],
         'abstained': False, 'stranger': None, 'error': None}
        """
        return {
            "path": self.path,
            "status": self.status,
            "label": self.label,
            "probability": None if self.probability is None else round(self.probability, 6),
            "top": [[label, round(probability, 6)] for label, probability in self.top],
            "abstained": self.abstained,
            "stranger": self.stranger,
            **({} if self.names is None else {"names": list(self.names)}),
            "error": self.error,
        }

    def _repr_html_(self) -> str:
        from imagier.recognizer.notebook import prediction_html

        return prediction_html(self)

    def line(self, *, width: int = 0, choices: bool = False) -> str:
        """Give the answer as a line for people: name, probability, file, or why there is none.

        Args:
            width: The cells of a terminal that the name takes at least (`label_width`).
            choices: Whether the other choices stand behind.
        """
        if self.error or self.label is None or self.probability is None:
            message = printable(self.error["message"]) if self.error else ""
            return f"{padded('—', width)}  {' ' * 7}  {message}"
        is_unsaid = self.abstained or self.stranger
        label = padded("?" if is_unsaid else printable(self.label), width)
        line = f"{label}  {percent(self.probability):>7}  {printable(self.path)}"
        if self.stranger:
            return f"{line}  {t('recognizer.stranger', label=self.label)}"
        if self.abstained:
            return f"{line}  {t('recognizer.does_not_know', label=self.label)}"
        if self.names is not None:
            shown = ", ".join(map(printable, self.names))
            return f"{line}  {{{shown}}}"
        rest = [f"{printable(name)} {percent(share)}" for name, share in self.top[1:]]
        return f"{line}  ({', '.join(rest)})" if choices and rest else line


def rank(
    path: str,
    classes: Sequence[str],
    probabilities: NDArray[np.float32],
    *,
    top: int,
    threshold: float = 0.0,
    strangeness: float | None = None,
    least: float | None = None,
) -> Prediction:
    """Turn one row of probabilities into an answer; equal ones keep the order of the classes.

    Args:
        path: Name of the picture.
        classes: Names of the K classes.
        probabilities: One for each class, (K,).
        top: How many choices to keep.
        threshold: The least probability of an answer; below it the recogniser would rather not
            say, and the first choice stands there all the same.
        least: The least probability of a name in the set of names; None for no set.
        strangeness: Above 1 the picture is of none of the classes; None where it is not known.

    >>> rank("7.png", ["cat", "dog"], np.array([0.25, 0.75], np.float32), top=1).top
    (('dog', 0.75),)
    """
    order = np.argsort(-probabilities, kind="stable")[:top]
    choices = tuple((classes[index], float(probabilities[index])) for index in order)
    first = int(np.argmax(probabilities))
    return Prediction(
        path=path,
        label=classes[first],
        probability=float(probabilities[first]),
        top=choices,
        abstained=bool(probabilities[first] < np.float32(threshold)),
        stranger=None if strangeness is None else strangeness > 1,
        names=None if least is None else names_in_set(classes, probabilities, least),
    )


def label_width(classes: Iterable[str]) -> int:
    """Give the cells that the longest name takes on a terminal, 32 at most.

    >>> label_width(["cat", "日本"])
    4
    """
    return min(WIDEST_LABEL, max(cell_width(printable(name)) for name in classes))
