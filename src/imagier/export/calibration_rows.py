"""Which pictures read off the scales of whole numbers, and which judge what they cost.

Never those of a test part, neither the model's nor the source's. Of the source that a model was
made from, pictures that it learnt from calibrate, and those of its validation judge. Of any other
source, and where a model does not say what it learnt from, a third calibrates and the rest judges.

A layer on top of a ready-made network learns from the pictures of validation too, which only its
folds left out: they judge it by heart, and that is said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from imagier.datasets import Dataset, Listing
from imagier.errors import DataError
from imagier.export.quantization import CALIBRATION
from imagier.files import printable
from imagier.testing.leakage import KnownPictures
from imagier.testing.metrics import Integers

__all__ = ["CalibrationRows", "Judges", "choose_rows", "without_test_part"]

Judges = Literal["validation", "learnt", "new", "unknown"]

FEWEST = 8  # pictures; the scales of fewer are those of an accident
SHARE = 3  # one of so many calibrates, where none is known


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CalibrationRows:
    """Rows of a data set.

    Attributes:
        calibrating: Those that the scales are read off, (n,).
        judging: Those that judge the loss, (m,).
        judges: `validation`, the model's own, which it has not learnt from; `learnt`, where it has;
            `new` pictures; `unknown`, where the model does not say what it learnt from.
    """

    calibrating: Integers
    judging: Integers
    judges: Judges


def without_test_part(listing: Listing) -> Listing:
    """Give a source without its test part; nothing of that is opened."""
    kept = [row for row, part in enumerate(listing.parts) if part != "test"]
    return listing if len(kept) == len(listing.parts) else listing.take(kept)


def choose_rows(
    dataset: Dataset, known: KnownPictures | None, plan: Mapping[str, Any]
) -> CalibrationRows:
    """Choose the pictures that calibrate and those that judge.

    Args:
        dataset: Pictures of a source without its test part.
        known: What the model was made with; None when it does not say.
        plan: How it learnt.

    Raises:
        DataError: `calibrate_too_few`.
    """
    hashes = np.asarray(dataset.hashes).tolist()
    nothing = np.zeros(len(dataset), bool)
    set_aside = known.are_set_aside(hashes) if known else nothing
    chose = known.are_chosen_with(hashes) if known else nothing
    taught = known.are_learnt(hashes) & ~chose if known else nothing
    new = ~(set_aside | chose | taught)
    judges: Judges = "new" if known else "unknown"
    if taught.any():
        calibrating, judging = _spread(np.flatnonzero(taught)), np.flatnonzero(new)
        if chose.any():
            judging = np.flatnonzero(chose)
            is_head = "views" in plan or plan.get("tuned", True) is False
            judges = "learnt" if is_head else "validation"
    else:
        rest = np.flatnonzero(new)
        calibrating = _spread(rest[::SHARE])
        judging = np.setdiff1d(rest, rest[::SHARE])
    if len(calibrating) < FEWEST:
        facts = {"source": printable(dataset.name), "n": len(calibrating), "least": FEWEST}
        raise DataError("calibrate_too_few", **facts)
    return CalibrationRows(calibrating=calibrating, judging=judging, judges=judges)


def _spread(rows: Integers) -> Integers:
    """Take at most `CALIBRATION` rows, evenly: sources often stand class after class."""
    if len(rows) <= CALIBRATION:
        return rows
    places = np.linspace(0, len(rows) - 1, CALIBRATION).round().astype(np.int64)
    return rows[places]
