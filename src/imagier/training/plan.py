"""The plan: everything that decides what the weights become.

Saved with the model; `imagier train SOURCE --plan MODEL` runs it again to the same bits with the
same pictures, seed, threads and versions.
"""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import Any

from imagier.errors import ModelError, UsageError
from imagier.training.losses import LOSSES

__all__ = ["Plan", "learning_rate_at"]

WARM_UP = 0.2  # share of the planned epochs in which the learning rate rises


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to learn with, for how long, in which order.

    Attributes:
        network: Canonical name of the network, such as `cnn` or `dense:8,8:sigmoid`.
        epochs: How many times the training pictures are shown, as first planned.
        epoch_size: Pictures shown in one epoch; fewer than there are when time is short.
        batch_size: Pictures between two corrections of the weights.
        learning_rate: The highest of the one-cycle schedule.
        weight_decay: How strongly weights are drawn to zero.
        loss: `cross-entropy`, `squared` or `absolute`.
        class_weights: What an error on each class counts, in the order of the classes.
        patience: Epochs without progress on validation before stopping; None runs them all.
        seed: Decides first weights and order.
        threads: Threads of the processor; another number may change the last bits.
        shuffle_pixels: The seed of one random order of the pixels; None leaves them in place.
        cuts: Pairs (epochs done, new total): where the plan was shortened while it ran.
    """

    network: str
    epochs: int
    epoch_size: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    loss: str
    class_weights: tuple[float, ...]
    patience: int | None
    seed: int
    threads: int
    shuffle_pixels: int | None = None
    cuts: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if self.epochs < 1:
            raise UsageError("bad_epochs", epochs=self.epochs)
        if self.loss not in LOSSES:
            raise UsageError("unknown_loss", loss=self.loss, known=", ".join(LOSSES))

    @property
    def total(self) -> int:
        """Epochs in all, cuts counted."""
        return self.cuts[-1][1] if self.cuts else self.epochs

    def cut(self, done: int, total: int) -> "Plan":
        """Shorten the plan after `done` epochs to `total` in all."""
        return replace(self, cuts=(*self.cuts, (done, total)))

    def to_json(self) -> dict[str, Any]:
        """Give the plan as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Plan":
        """Read a plan back from a model.

        Raises:
            ModelError: `bad_plan`, when something is missing or of another kind.
        """
        try:
            values = {
                field.name: data[field.name]
                for field in fields(cls)
                if field.name in data or field.default is MISSING
            }
            values["class_weights"] = tuple(float(weight) for weight in values["class_weights"])
            values["cuts"] = tuple((int(done), int(total)) for done, total in values.get("cuts", ()))
            return cls(**values)
        except (KeyError, TypeError, ValueError, UsageError) as error:
            raise ModelError("bad_plan", reason=str(error)) from error


def learning_rate_at(plan: Plan, position: float) -> float:
    """Tell the learning rate after `position` epochs: it rises, then falls in a line to zero.

    After a cut it falls from where it stood to zero at the new end.

    >>> from imagier.training.plan import Plan
    >>> plan = Plan(network="cnn", epochs=10, epoch_size=100, batch_size=10, learning_rate=0.1,
    ...             weight_decay=0, loss="squared", class_weights=(1, 1), patience=None, seed=0,
    ...             threads=1)
    >>> [round(learning_rate_at(plan, position), 3) for position in (0, 1, 2, 6, 10)]
    [0.0, 0.05, 0.1, 0.05, 0.0]
    >>> [round(learning_rate_at(plan.cut(6, 8), position), 3) for position in (6, 7, 8)]
    [0.05, 0.025, 0.0]
    """
    start, end, height = WARM_UP * plan.epochs, float(plan.epochs), plan.learning_rate
    if position < min([start, *(done for done, _ in plan.cuts)]):
        return height * position / start
    for done, total in plan.cuts:
        if position < done:
            break
        height = _on_line(done, start, end, height) if done >= start else height * done / start
        start, end = float(done), float(total)
    return _on_line(position, start, end, height)


def _on_line(position: float, start: float, end: float, height: float) -> float:
    return height * max(0.0, end - position) / (end - start)
