"""What is to be written on a sheet: characters or words, and the lists that photos tell alone."""

from typing import Final

from imagier.datasets.class_names import split_names
from imagier.errors import UsageError

__all__ = ["KNOWN_NAMES", "read_names"]

_DIGITS = "0123456789"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SMALL = _CAPITALS.lower()
_ACCENTED = "àâæçéèêëîïôœùûüÿ"

# told by a checksum on the page; any other list must be given again with the photos
KNOWN_NAMES: Final[tuple[tuple[str, ...], ...]] = tuple(
    tuple(characters)
    for characters in (
        *(_DIGITS, _CAPITALS, _SMALL, _CAPITALS + _SMALL),
        *(_DIGITS + _CAPITALS, _DIGITS + _SMALL, _DIGITS + _CAPITALS + _SMALL),
        *(_SMALL + _ACCENTED, _DIGITS + ",.€$"),
    )
)


def read_names(characters: str | None, classes: str | None) -> tuple[str, ...] | None:
    """Read what is to be written; None where nothing is said.

    Args:
        characters: One name a character.
        classes: Words, separated by commas.

    Raises:
        UsageError: `make_one_of`, `text_characters`.

    >>> read_names("01", None), read_names(None, "cat,dog")
    (('0', '1'), ('cat', 'dog'))
    """
    if characters is not None and classes is not None:
        raise UsageError("make_one_of", first="--characters", second="--classes")
    if characters is None and classes is None:
        return None
    named = list("".join((characters or "").split())) if classes is None else split_names(classes)
    names = tuple(dict.fromkeys(named))
    if not names or "" in names:
        raise UsageError("text_characters")
    return names
