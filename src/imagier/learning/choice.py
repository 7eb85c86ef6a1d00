"""Which network was chosen for the pictures, and why: kept with a run, to be found again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from imagier.errors import ModelError
from imagier.i18n import printable
from imagier.recognizer.history import Trial

__all__ = ["Choice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The network that was chosen, and why.

    Attributes:
        network: Its specification.
        reason: A sentence for the user.
        trials: The pilots, plainest network first.
    """

    network: str
    reason: str
    trials: tuple[Trial, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON values, to be found again when the run is gone on with."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Choice":
        """Read it back.

        Raises:
            ModelError: `bad_plan`.
        """
        try:
            trials = tuple(Trial(**one) for one in data["trials"])
            return cls(
                network=str(data["network"]), reason=printable(data["reason"]), trials=trials
            )
        except (KeyError, TypeError) as error:
            raise ModelError("bad_plan", reason=ascii(str(error))[:80]) from error
