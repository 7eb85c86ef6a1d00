"""How many pictures of the known classes a recogniser takes for strangers ("none of these").

Pictures of the test belong to its classes, so whichever is taken for a stranger is wrongly so. What
it makes of true strangers no test part can tell: it holds none (`docs/measurements.md` has figures
of classes left out).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imagier.i18n import integer, percent, t
from imagier.recognizer.abstention import STRANGERS
from imagier.testing.evaluation import Evaluation
from imagier.testing.intervals import wilson

if TYPE_CHECKING:
    from imagier.recognizer import ModelCard

__all__ = [
    "Others",
    "Strangers",
    "count_others",
    "count_strangers",
    "others_sentence",
    "refuses_too_many",
    "stranger_sentence",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strangers:
    """What "none of these" cost on the test pictures.

    Attributes:
        n: Test pictures.
        refused: How many of them were taken for strangers.
        promised: The share of such pictures that the threshold was chosen for; None where the
            model does not say.
    """

    n: int
    refused: int
    promised: float | None

    def to_json(self) -> dict[str, Any]:
        """Give the figures as other programs read them."""
        share = self.refused / self.n if self.n else 0.0
        return {"n": self.n, "refused": share, "promised": self.promised}


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """What became of the test pictures of anything else (`--other-from`), set apart.

    They are too easy to count in the accuracy: whoever adds a thousand of them would raise it.

    Attributes:
        name: The class that was learnt from them.
        n: Test pictures of it.
        named: How many of them were named so, or taken for strangers.
    """

    name: str
    n: int
    named: int

    def to_json(self) -> dict[str, Any]:
        """Give the figures as other programs read them."""
        return {"class": self.name, "n": self.n, "named": self.named / self.n if self.n else None}


def count_others(evaluation: Evaluation, name: str) -> Others:
    """Count the pictures of anything else that are kept away from the other classes.

    Args:
        evaluation: The answers to such pictures only.
        name: Their class, printable.
    """
    named = int((evaluation.is_right | evaluation.is_stranger).sum())
    return Others(name=name, n=len(evaluation.indices), named=named)


def others_sentence(found: Others) -> str:
    """Say how they were named, and that the accuracy does not count them."""
    facts = {"n": found.n, "count": integer(found.n), "named": integer(found.named)}
    return t("testing.others", name=found.name, **facts)


def count_strangers(card: "ModelCard", test: Evaluation) -> Strangers | None:
    """Count the test pictures that were taken for strangers; None where the model cannot tell.

    Args:
        card: What the model says about itself.
        test: What it answered.
    """
    if test.strangeness is None:
        return None
    said = card.thresholds.get(STRANGERS)
    promised = said.get("refused") if isinstance(said, dict) else None
    is_share = isinstance(promised, float) and 0 <= promised <= 1
    return Strangers(
        n=len(test.indices),
        refused=int(test.is_stranger.sum()),
        promised=promised if is_share else None,
    )


def refuses_too_many(found: Strangers | None) -> bool:
    """Tell whether more of the known classes is refused than was promised, by more than chance."""
    if found is None or not found.n or found.promised is None:
        return False
    return wilson(found.refused, found.n)[0] > found.promised


def stranger_sentence(found: Strangers | None) -> str:
    """Say what "none of these" cost, or that it is never answered."""
    if found is None:
        return t("testing.strangers_untold")
    share = percent(found.refused / found.n) if found.n else "–"
    n = found.refused
    facts = {"n": n, "refused": integer(n), "count": integer(found.n), "share": share}
    if found.promised is None:
        return t("testing.strangers", **facts)
    return t("testing.strangers_promised", promised=percent(found.promised), **facts)
