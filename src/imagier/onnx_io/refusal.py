"""Why a part of a model was refused, before it is known which file the part came from."""

from imagier.errors import ModelError
from imagier.i18n import t

__all__ = ["Refused"]


class Refused(Exception):  # noqa: N818 - it becomes a ModelError as soon as the file is known
    """A part of a model that imagier does not accept.

    Attributes:
        reason: Name of the reason, a sentence of the catalogues under `refused.`.
        facts: What the sentence names.
    """

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts

    def as_error(self, code: str, *, path: str) -> ModelError:
        """Say it about the file `path`, under the code `code`."""
        return ModelError(code, path=path, reason=t(f"refused.{self.reason}", **self.facts))
