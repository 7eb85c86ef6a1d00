"""What can go wrong, as one tree. Each error has a stable code, a sentence and a next step.

    ImagierError
    ├── UsageError          the command or call was worded wrongly            exit 2
    ├── DataError           the pictures or labels cannot be used             exit 4
    │   └── PictureError    one picture cannot; the others go on
    ├── ModelError          the model cannot be used                          exit 4
    └── MachineError        something is missing on this machine:             exit 5
                            a part not installed, no space left

The sentences stand in the catalogues of `imagier.i18n` under `error.CODE` and `error.CODE.next`.

>>> from imagier.i18n import use_language
>>> with use_language("en"):
...     print(UsageError("one_class", name="photos", label="cat", hint=""))
photos holds a single class, “cat”: there is nothing to tell apart.
"""

import difflib
import errno
from collections.abc import Iterable
from itertools import islice
from typing import Any, Self

from imagier.i18n import t

__all__ = [
    "DataError",
    "ImagierError",
    "MachineError",
    "ModelError",
    "PictureError",
    "Refused",
    "UsageError",
    "did_you_mean",
    "system_reason",
]

NAMED_BY_US = {"EACCES", "EEXIST", "EIO", "EISDIR", "ELOOP", "EMFILE", "ENAMETOOLONG", "ENOENT"}
NAMED_BY_US |= {"ENOTDIR", "EPERM", "EROFS"}


class ImagierError(Exception):
    """An error that imagier foresaw: it knows what to say and what to do next.

    Attributes:
        code: Stable name of the error, the same in both languages.
        facts: What the sentence names: paths, numbers, what was received.
    """

    exit_code = 1

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    @property
    def message(self) -> str:
        """What was wrong and what was received, in the user's language."""
        return t(f"error.{self.code}", **self.facts)

    @property
    def next_step(self) -> str:
        """What the user can do now."""
        return t(f"error.{self.code}.next", **self.facts)

    def released(self) -> Self:
        """Give the error without the frames in which it was raised.

        Who keeps it for later would keep all that stood in them: the bytes of a bad picture.
        """
        self.__cause__ = self.__context__ = None
        return self.with_traceback(None)

    def to_json(self) -> dict[str, str]:
        """Give code, message and next step as other programs read them."""
        return {"code": self.code, "message": self.message, "next": self.next_step}

    def __str__(self) -> str:
        return self.message


class UsageError(ImagierError):
    """The command or the call was worded wrongly."""

    exit_code = 2


class DataError(ImagierError):
    """The pictures or the labels cannot be used."""

    exit_code = 4


class PictureError(DataError):
    """One picture cannot be used; it is named, left out, and the others go on."""


class ModelError(ImagierError):
    """The model is damaged, too new, unsafe, or does not fit."""

    exit_code = 4


class MachineError(ImagierError):
    """Something is missing on this machine: a part not installed, or space on the disk."""

    exit_code = 5


class Refused(Exception):  # noqa: N818 - it becomes a ModelError as soon as the file is known
    """A part of a model that imagier does not accept, before it is known which file it came from.

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


MOST_COMPARED, LONGEST_COMPARED = 1_000, 200  # words, and letters of one: it takes a while


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known word as a short sentence, or nothing.

    >>> from imagier.i18n import use_language
    >>> with use_language("en"):
    ...     did_you_mean("lineer", ["linear", "dense", "cnn"])
    ' Did you mean “linear”?'
    """
    words = (one for one in islice(known, MOST_COMPARED) if len(one) <= LONGEST_COMPARED)
    nearest = difflib.get_close_matches(word[:LONGEST_COMPARED], list(words), n=1)
    return " " + t("did_you_mean", word=nearest[0]) if nearest else ""


def system_reason(error: OSError) -> str:
    """Say why the system refused, in the user's language where the reason is a usual one.

    >>> from imagier.i18n import use_language
    >>> with use_language("en"):
    ...     system_reason(PermissionError(errno.EACCES, "..."))
    'Permission denied'
    """
    name = errno.errorcode.get(error.errno or 0, "")
    return t(f"system.{name}") if name in NAMED_BY_US else error.strerror or str(error)
