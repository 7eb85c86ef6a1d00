"""The plan of a head on a backbone: everything that decides the result, so it can be repeated."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from imagier.errors import ModelError
from imagier.features.parts import View

__all__ = ["FeaturePlan"]

MOST_SIDE = 4096
MOST_THREADS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturePlan:
    """How a head is learned on top of a backbone.

    Attributes:
        network: Canonical name of the backbone.
        views: The ways in which each picture is seen; their features are averaged.
        folds: How many times some pictures are left out to choose l2; 1 for validation alone.
        class_weights: How much an error counts for each class.
        seed: Decides the folds.
        threads: How many cores are used.
    """

    network: str
    views: tuple[View, ...]
    folds: int
    class_weights: tuple[float, ...]
    seed: int
    threads: int

    def __post_init__(self) -> None:
        counts = (self.folds, self.seed, self.threads)
        is_counted = all(_is_whole(count, at_least=0) for count in counts)
        if not is_counted or self.folds == 0 or self.threads > MOST_THREADS:
            raise ModelError("bad_plan", reason=f"{counts}")
        if not self.views or not all(_is_view(view) for view in self.views):
            raise ModelError("bad_plan", reason=ascii(self.views)[:80])

    def to_json(self) -> dict[str, Any]:
        """Give the plan as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "FeaturePlan":
        """Read a plan back from a model.

        Raises:
            ModelError: `bad_plan`, when something is missing or of another kind.
        """
        try:
            return cls(
                network=str(data["network"]),
                views=tuple(View(**view) for view in data["views"]),
                folds=data["folds"],
                class_weights=tuple(float(weight) for weight in data["class_weights"]),
                seed=data["seed"],
                threads=data["threads"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError("bad_plan", reason=ascii(str(error))[:80]) from error


def _is_view(view: View) -> bool:
    is_side = _is_whole(view.side, at_least=1) and view.side <= MOST_SIDE
    return is_side and isinstance(view.mirrored, bool)


def _is_whole(value: object, *, at_least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= at_least
