"""Pictures of anything else, from a folder without names, as one class more: "other", "autres".

A recogniser of cats and dogs needs to have seen what is neither (deck, chapter 4). Names, folders
and parts below the folder mean nothing: whatever is a picture is an example of "something else".
"""

import dataclasses
import hashlib
import os
from pathlib import Path

from imagier.datasets.listing import Listing
from imagier.datasets.pictures import JoinedPictures
from imagier.datasets.sources.folder import open_unsorted
from imagier.errors import DataError, UsageError
from imagier.files import printable

__all__ = ["OTHER_FOLDER", "join_other"]

OTHER_FOLDER = "other-from"  # in front of their names, by which they are known
TEST_SHARE = VALIDATION_SHARE = 0.15  # of the pictures, where the source brings such parts


def join_other(listing: Listing, folder: str | os.PathLike[str], other: str) -> Listing:
    """Add the pictures of a folder to a source, as one class.

    Where the source brings its parts, the pictures are shared out over the same ones by the hash
    of their names; else they are parted as all others are.

    Args:
        listing: The source.
        folder: Pictures of anything else, in and below it; no labels are needed.
        other: Name of their class.

    Raises:
        UsageError: `other_is_a_class`, when the source has a class of that name.
        DataError: `other_nothing`, when there is no picture; `test_scale`, when white is another
            number in the source; as `open_unsorted`.
    """
    if other in listing.classes:
        raise UsageError("other_is_a_class", other=other)
    found = open_unsorted(Path(folder))
    if not found.names:
        raise DataError("other_nothing", path=printable(folder))
    if listing.full_scale != found.full_scale:
        scales = {"white": listing.full_scale, "other": found.full_scale}
        raise DataError("test_scale", name=listing.name, test=found.name, **scales)
    given = set(listing.parts) - {""}
    return dataclasses.replace(
        listing,
        pictures=JoinedPictures(listing.pictures, found.pictures),
        names=(*listing.names, *(f"{OTHER_FOLDER}/{name}" for name in found.names)),
        labels=(*listing.labels, *(other for _ in found.names)),
        parts=(*listing.parts, *(_part(name, given) for name in found.names)),
        groups=(*listing.groups, *("" for _ in found.names)),
        skipped=(*listing.skipped, *found.skipped),
        notes=(*listing.notes, *found.notes),
    )


def _part(name: str, given: set[str]) -> str:
    """Share a picture out over the parts that the source brings."""
    if not given:
        return ""
    place = int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()[:4])
    share = place / 2**32
    if "test" in given and share < TEST_SHARE:
        return "test"
    if "validation" in given and share < TEST_SHARE + VALIDATION_SHARE:
        return "validation"
    return "train"
