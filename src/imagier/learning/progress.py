"""Progress events of a run (phase, done, total, epoch) for a callback; no text is made here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagier.training import Epoch

__all__ = ["Progress", "ProgressCallback", "silent"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Progress:
    """How far a run is.

    Attributes:
        phase: `data`, `compare`, `pilot`, `features`, `fit`, `export` or `test`.
        done: Parts of this phase that are finished.
        total: Parts in all.
        epoch: The epoch just done, in the phase `fit`.
        network: The network that begins, where several are compared.
        message: What the user should know at once, as a sentence.
    """

    phase: str
    done: int = 0
    total: int = 0
    epoch: "Epoch | None" = None
    network: str = ""
    message: str = ""


ProgressCallback = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Show nothing."""
