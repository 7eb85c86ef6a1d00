"""Did learning inside a backbone help? The validation pictures say it, named with and without."""

from imagier.i18n import percent, t
from imagier.recognizer.history import EpochRow

__all__ = ["is_better", "verdict_note"]


def is_better(tuned: EpochRow, head: EpochRow) -> bool:
    """Tell whether an epoch names more validation pictures right than the head alone.

    Their losses are not compared: that of a head counts rare classes more.
    """
    return (tuned.validation_error or 0.0) < (head.validation_error or 0.0)


def verdict_note(head: EpochRow, best: EpochRow, n: int, *, is_tuned: bool) -> str:
    """Say what both named right, and which is kept.

    Args:
        head: What the head alone named.
        best: What the best epoch of the tuned network named.
        n: How many validation pictures there are.
        is_tuned: Whether the tuned network is kept.
    """
    key = "learning.note.tuned" if is_tuned else "learning.note.not_tuned"
    return t(key, before=_right(head), after=_right(best), n=n)


def _right(row: EpochRow) -> str:
    return percent(1 - (row.validation_error or 0.0))
