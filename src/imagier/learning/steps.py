"""How far a lesson is, said step by step to whoever shows it."""

from collections.abc import Callable
from dataclasses import dataclass

from imagier.training import Epoch

__all__ = ["Step", "Watch"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """How far a lesson is, for whoever shows it.

    Attributes:
        phase: `data`, `compare`, `pilot`, `features`, `fit`, `export` or `test`.
        done: Parts of this phase that are finished.
        total: Parts in all.
        epoch: The epoch just done, in the phase `fit`.
        network: The network that begins, where several are compared.
    """

    phase: str
    done: int = 0
    total: int = 0
    epoch: Epoch | None = None
    network: str = ""


Watch = Callable[[Step], None]
