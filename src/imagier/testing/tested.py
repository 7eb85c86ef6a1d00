"""What every test has, be it of pictures with names or of lines with texts.

What is said of a share, of its verdict, of pictures that were learnt from and of the cost is said
of both in the same words, by functions that ask for no more than what stands here.
"""

from typing import TYPE_CHECKING, Protocol

from imagier.cost import Cost
from imagier.recognizer.history import History
from imagier.testing.intervals import Verdict

if TYPE_CHECKING:
    from imagier.testing.leakage import Compared

__all__ = ["Counted", "Tested"]


class Counted(Protocol):
    """A share of n, with its interval."""

    @property
    def n(self) -> int:
        """How many were tested."""

    @property
    def correct(self) -> int:
        """How many were right."""

    @property
    def accuracy(self) -> float:
        """Share that was right, 0..1."""

    @property
    def error(self) -> float:
        """Share that was wrong, 0..1."""

    @property
    def interval(self) -> tuple[float, float]:
        """Shares that agree with it, Wilson, 95 %."""


class Tested(Protocol):
    """A test: `Findings` of pictures, `LineFindings` of lines."""

    @property
    def test(self) -> Counted:
        """The figure of the test part."""

    @property
    def accept(self) -> float | None:
        """The accuracy that was asked for."""

    @property
    def verdict(self) -> Verdict | None:
        """Whether it was reached; None when nothing was asked for."""

    @property
    def exact_interval(self) -> tuple[float, float]:
        """Shares that agree with the accuracy, Clopper–Pearson, 95 %."""

    @property
    def further_pictures(self) -> int | None:
        """How many more pictures would decide; None where no reasonable number would."""

    @property
    def leak_rate(self) -> float | None:
        """Share of test pictures with a relative in training or validation."""

    @property
    def leaked(self) -> int | None:
        """Pictures left out because the model learnt from them; None when it cannot be known."""

    @property
    def overlap(self) -> int:
        """Pictures that the model learnt from and that were tested all the same."""

    @property
    def compared(self) -> "Compared | None":
        """How pictures learnt from were looked for."""

    @property
    def evaluation_count(self) -> int | None:
        """Tests of this model on this set; None when it cannot be known."""

    @property
    def models_tested(self) -> int | None:
        """Different models tested on this set on this machine; None when it cannot be known."""

    @property
    def history(self) -> History:
        """How the recogniser was learnt."""

    @property
    def prediction_cost(self) -> Cost | None:
        """What 1,000 answers cost; None where that was not measured."""
