"""What learning on from a model changed (`--init`): both models on the same test pictures.

The pictures were answered by both, so the pairs decide, as in `imagier.testing.comparison`: only
those that one of the two names right tell them apart. Pictures that the model had learnt from are
left out. A picture of a name that the model does not know is one that it names wrong.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.i18n import integer, t
from imagier.testing.comparison import Comparison, compare_answers
from imagier.testing.comparison_result import LEVEL, p_equation, points

if TYPE_CHECKING:
    from imagier.datasets import Dataset
    from imagier.recognizer import Recognizer
    from imagier.testing.evaluation import Evaluation

__all__ = ["InitialComparison", "compare_with_initial", "initial_sentence"]

_BATCH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialComparison:
    """A model and the one that it went on from, on the same test pictures.

    Attributes:
        before: Pictures that the model before names right.
        after: Pictures that the model now names right.
        comparison: The pictures that only one of them names right; the model before comes first.
    """

    before: int
    after: int
    comparison: Comparison

    def to_json(self) -> dict[str, Any]:
        """Give the figures as other programs read them."""
        found = self.comparison
        return {
            "n": found.n,
            "before": self.before,
            "after": self.after,
            "only_before": found.only_first,
            "only_after": found.only_second,
            "gain": found.gain,
            "interval": list(found.interval()),
            "p_value": found.p_value,
        }


def compare_with_initial(
    initial: "Recognizer",
    dataset: "Dataset",
    evaluation: "Evaluation",
    *,
    learnt: NDArray[np.bool_],
) -> InitialComparison | None:
    """Let the model before name the test pictures too.

    Args:
        initial: The model that learning went on from.
        dataset: The pictures, prepared as both want them.
        evaluation: What the model now answered to the test pictures.
        learnt: Which pictures of the dataset the model before was made with, (N,).

    Returns:
        Both compared; None where it has learnt from all of them.
    """
    is_new = ~learnt[evaluation.indices]
    rows, right = evaluation.indices[is_new], evaluation.is_right[is_new]
    if not len(rows):
        return None
    names = np.array(dataset.classes, dtype=object)[np.asarray(dataset.labels)[rows]]
    known = np.array(initial.classes, dtype=object)
    said = [
        initial.probabilities(dataset.pixels[rows[start : start + _BATCH]]).argmax(axis=1)
        for start in range(0, len(rows), _BATCH)
    ]
    before = np.asarray(known[np.concatenate(said)] == names, dtype=np.bool_)
    return InitialComparison(
        before=int(before.sum()),
        after=int(right.sum()),
        comparison=compare_answers(before, right),
    )


def initial_sentence(found: InitialComparison) -> str:
    """Say what going on changed, and whether chance can explain it."""
    pairs = found.comparison
    low, high = pairs.interval()
    kind = "changed" if pairs.p_value < LEVEL else "chance"
    return t(
        f"testing.initial_{kind}",
        n=pairs.n,
        count=integer(pairs.n),
        before=integer(found.before),
        after=integer(found.after),
        gain=points(pairs.gain),
        low=points(low),
        high=points(high),
        p=p_equation(pairs.p_value),
    )
