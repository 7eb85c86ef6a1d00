"""From a listing to a data set: every picture decoded, prepared and kept for the next time."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.arrays import ArrayPictures
from imagier.datasets.dataset import Dataset
from imagier.datasets.listing import Listing
from imagier.datasets.loading.fingerprints import row_hashes
from imagier.datasets.loading.picture_reader import Progress, ReadPictures, read_pictures
from imagier.datasets.loading.sampling import no_picture_usable
from imagier.datasets.thumbnails import make_thumbnails
from imagier.errors import DataError, did_you_mean
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.images import Prepare, prepare

__all__ = ["load"]


def load(
    listing: Listing,
    settings: Prepare,
    *,
    classes: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Read, decode and prepare all pictures of a listing, in one pass.

    A picture that cannot be used is named in `skipped` and left out; the others go on. What was
    decoded is kept in the cache, and the next run takes it from there. Pictures that stand in an
    array of the input's size are taken as they are.

    Args:
        listing: The pictures with their labels.
        settings: How they become the input.
        classes: The class names in the order of a model; none for the listing's own in natural
            order, without those of which no picture can be used. A class of a model may lack
            pictures; a picture must not lack its class.
        progress: Called with the number of pictures done and of all pictures.

    Raises:
        DataError: `label_not_known` or `no_picture_usable`.
    """
    known = listing.classes if classes is None else tuple(classes)
    _check_labels(listing, known)
    read = _from_array(listing, settings)
    if read is None:
        read = read_pictures(listing, settings, progress)
    elif progress:
        progress(len(listing), len(listing))
    if not len(read.indices):
        raise no_picture_usable(listing, next(iter(read.skipped), None), n=len(listing))
    rows = read.indices.tolist()
    notes: tuple[str, ...] = (*listing.notes, *read.notes)
    if classes is None:
        known, said = _usable(listing, read)
        notes = (*notes, *said)
    positions = {name: position for position, name in enumerate(known)}
    return Dataset(
        name=listing.name,
        classes=known,
        pixels=read.pixels,
        labels=np.array([positions[listing.labels[row]] for row in rows], dtype=np.int64),
        names=tuple(listing.names[row] for row in rows),
        hashes=read.hashes,
        parts=tuple(listing.parts[row] for row in rows),
        groups=tuple(listing.groups[row] for row in rows),
        prepare=settings,
        thumbnails=read.thumbnails,
        skipped=(*listing.skipped, *read.skipped),
        notes=notes,
    )


def _check_labels(listing: Listing, known: Sequence[str]) -> None:
    unknown = [label for label in listing.classes if label not in set(known)]
    if unknown:
        raise DataError(
            "label_not_known",
            name=printable(listing.name),
            label=printable(unknown[0]),
            classes=", ".join(printable(name) for name in known[:10]),
            suggestion=did_you_mean(unknown[0], known),
        )


def _usable(listing: Listing, read: ReadPictures) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the classes of which pictures can be used, and what to say of the others."""
    there = {listing.labels[row] for row in read.indices.tolist()}
    known = tuple(name for name in listing.classes if name in there)
    gone = [name for name in listing.classes if name not in there]
    if not gone:
        return known, ()
    label_of = dict(zip(listing.names, listing.labels, strict=True))
    reasons = {label_of.get(each.path, ""): each.message for each in reversed(read.skipped)}
    counts = Counter(listing.labels)
    return known, tuple(
        t(
            "datasets.class_unusable",
            label=printable(name),
            n=counts[name],
            count=integer(counts[name]),
            reason=reasons.get(name, ""),
        )
        for name in gone
    )


def _from_array(listing: Listing, settings: Prepare) -> ReadPictures | None:
    """Take an array's rows as they are, where `prepare` has nothing to do but to ink off-centre."""
    if not isinstance(listing.pictures, ArrayPictures):
        return None
    array = listing.pictures.array
    shape = (settings.height, settings.width, settings.channels)
    if array.shape[1:] != shape or listing.full_scale != settings.full_scale:
        return None
    return ReadPictures(
        indices=np.arange(len(array)),
        pixels=_with_ink_placed(array, settings) if settings.ink else array,
        hashes=row_hashes(array),
        thumbnails=make_thumbnails(array, scale=listing.full_scale),
    )


def _with_ink_placed(array: NDArray[np.uint8], settings: Prepare) -> NDArray[np.uint8]:
    """Prepare the rows whose edges are not all black; `prepare` takes the others as they are."""
    edges = (array[:, 0], array[:, -1], array[:, :, 0], array[:, :, -1])
    is_lit = np.any([edge.any(axis=(1, 2)) for edge in edges], axis=0)
    placed = array.copy()
    for row in np.flatnonzero(is_lit):
        placed[row] = prepare(array[row], settings, scale=settings.full_scale)
    return placed
