"""The plan: everything that decides what the weights become.

Saved with the model; `imagier train SOURCE --plan MODEL` runs it again to the same bits with the
same pictures, seed, threads and versions. What is not said keeps the plainest loop there is, so
that a plan can gain fields; where one changes its name or meaning, `FORMAT` goes up, and plans of
another format are refused by name.
"""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import Any, Final

from imagier.errors import ModelError, UsageError
from imagier.training.losses import CTC, LOSSES
from imagier.training.plan_rules import broken_rule

__all__ = ["FORMAT", "MUON_LR", "OPTIMIZERS", "PRECISIONS", "SCHEDULES", "Plan"]

FORMAT: Final = 2  # 1 had no number, and other names
OPTIMIZERS = ("adamw", "muon", "sgd")
SCHEDULES = ("one-cycle", "constant")
PRECISIONS = ("float32", "bfloat16")
MUON_LR: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to learn with, for how long, in which order.

    Attributes:
        network: Canonical name of the network, such as `cnn` or `dense:8,8:sigmoid`.
        epochs: How many times the training pictures are shown, as first planned.
        epoch_size: Pictures shown in one epoch; fewer than there are when time is short.
        batch_size: Pictures between two corrections of the weights.
        learning_rate: The highest of the schedule.
        weight_decay: How strongly weights are drawn to zero.
        loss: `cross-entropy`, `squared` or `absolute`; `ctc` of what reads lines.
        class_weights: What an error on each class counts, in the order of the classes.
        patience: Epochs without progress on validation before stopping; None runs them all.
        seed: Decides first weights, order and changes to the pictures.
        threads: Threads of the processor; another number may change the last bits.
        cuts: Pairs (epochs done, new total): where the plan was shortened while it ran.
        optimizer: `adamw`, `muon` (for kernels; the other weights by AdamW) or `sgd`.
        momentum: Share of the earlier gradients that each step keeps; AdamW's beta1.
        beta2: Share of their earlier squares that AdamW keeps.
        muon_lr: The highest learning rate of the kernels under Muon.
        schedule: `one-cycle`, which rises and falls, or `constant`.
        warm_up: Share of the planned epochs in which a one-cycle rises.
        label_smoothing: Share of the true answer that is spread over all classes.
        shift: How far pictures are moved at random, in pixels, up to so many each way.
        rotation: How far they are turned at random, in degrees, up to so many each way.
        stretch: How much they are stretched at random down and across, a share of the side.
        flip: Whether left and right are exchanged in every other epoch.
        flip_tta: Whether an answer is the mean of those for a picture and for its mirror image
            (test-time augmentation).
        averaging: Share of the epochs, the last ones, over whose steps the weights are averaged.
        shuffle_pixels: Puts the pixels of all pictures in one random order drawn from this seed.
        precision: Numbers in which products are taken, `float32` or `bfloat16`.
        init: The hash of the model whose weights are the first ones; None where they are drawn.
        init_name: What that model is called, for people; None where the model names no file.
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
    cuts: tuple[tuple[int, int], ...] = ()
    optimizer: str = "adamw"
    momentum: float = 0.9
    beta2: float = 0.99
    muon_lr: float = MUON_LR
    schedule: str = "one-cycle"
    warm_up: float = 0.2
    label_smoothing: float = 0.0
    shift: int = 0
    rotation: float = 0.0
    stretch: float = 0.0
    flip: bool = False
    flip_tta: bool = False
    averaging: float = 0.0
    shuffle_pixels: int | None = None
    precision: str = "float32"
    init: str | None = None
    init_name: str | None = None

    def __post_init__(self) -> None:
        if self.epochs < 1:
            raise UsageError("bad_epochs", epochs=self.epochs)
        if self.loss not in (*LOSSES, CTC):
            raise UsageError("unknown_loss", loss=self.loss, known=", ".join(LOSSES))
        if self.optimizer not in OPTIMIZERS:
            known = ", ".join(OPTIMIZERS)
            raise UsageError("unknown_optimizer", optimizer=self.optimizer, known=known)
        if self.schedule not in SCHEDULES:
            known = ", ".join(SCHEDULES)
            raise UsageError("unknown_schedule", schedule=self.schedule, known=known)
        if self.precision not in PRECISIONS:
            known = ", ".join(PRECISIONS)
            raise UsageError("unknown_precision", precision=self.precision, known=known)

    @property
    def total(self) -> int:
        """Epochs in all, cuts counted."""
        return self.cuts[-1][1] if self.cuts else self.epochs

    def total_at(self, position: float) -> int:
        """Tell how many epochs were planned when `position` of them were done."""
        return [self.epochs, *(total for done, total in self.cuts if done <= position)][-1]

    def cut(self, done: int, total: int) -> "Plan":
        """Shorten the plan after `done` epochs to `total` in all."""
        return replace(self, cuts=(*self.cuts, (done, total)))

    def to_json(self) -> dict[str, Any]:
        """Give the plan as JSON values; of a model it begins with, only where it does so."""
        values = asdict(self)
        for name in ("init", "init_name"):
            if values[name] is None:
                del values[name]
        return {"format": FORMAT, **values}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Plan":
        """Read a plan back from a model.

        Raises:
            ModelError: `plan_format`, when another version of imagier wrote it; `bad_plan`, when
                something is missing or of another kind.
        """
        try:
            if (number := data.get("format", 1)) != FORMAT:
                raise ModelError("plan_format", format=ascii(number)[:20], known=FORMAT)
            values = {
                field.name: data[field.name]
                for field in fields(cls)
                if field.name in data or field.default is MISSING
            }
            if not isinstance(values["class_weights"], list | tuple):
                raise ModelError("bad_plan", reason="class_weights")
            values["class_weights"] = tuple(float(weight) for weight in values["class_weights"])
            values["cuts"] = tuple(
                (int(done), int(total)) for done, total in values.get("cuts", ())
            )
            if broken := broken_rule(values):
                raise ModelError("bad_plan", reason=broken)
            return cls(**values)
        except (AttributeError, KeyError, TypeError, ArithmeticError, ValueError) as error:
            raise ModelError("bad_plan", reason=ascii(str(error))[:80]) from error
        except UsageError as error:
            raise ModelError("bad_plan", reason=str(error)) from error
