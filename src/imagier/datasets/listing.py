"""What a source holds, before a single picture is decoded.

Every reader (folder, table, IDX, NPZ, zip, named set) gives the same thing: a `Listing`. It knows
each picture's name, its label, the part and the group that the source gave it, and which files were
left out and why. The pixels stay where they are until `loading` asks for them, one by one.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.arrays import ArrayPictures
from imagier.datasets.pictures import ChosenPictures, KeptPictures, Pictures
from imagier.errors import DataError, PictureError, UsageError, did_you_mean
from imagier.files import natural_key, printable
from imagier.i18n import integer, t

__all__ = [
    "Listing",
    "Skipped",
    "check_classes",
    "keep_contents",
    "links_note",
    "merge_classes",
    "skip",
]

MAX_CLASSES = 10_000  # as a model card may have


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A file that was left out, and why.

    Attributes:
        path: Name of the file as the listing names its pictures.
        code: Stable name of the reason, the same in both languages.
        message: The reason as a sentence in the user's language.
    """

    path: str
    code: str
    message: str

    def to_json(self) -> dict[str, str]:
        """Give the three values as other programs read them, the path on one line."""
        return {"path": printable(self.path), "code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listing:
    """The pictures of one source with their labels.

    Attributes:
        name: Short name of the source, such as `photos` or `mnist`.
        pictures: The pictures themselves, not decoded yet.
        names: One name a picture: its path below the source, or such as `train/123`.
        labels: One class name a picture.
        parts: One a picture: `train`, `validation` or `test`; empty where the source gives none.
        groups: One a picture: the group that the source gives it; empty where it gives none.
        skipped: The files that were left out.
        full_scale: The pixel value that means full brightness.
        notes: What the reader saw and the user should know, as sentences.
    """

    name: str
    pictures: Pictures
    names: tuple[str, ...]
    labels: tuple[str, ...]
    parts: tuple[str, ...]
    groups: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()
    full_scale: int = 255
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names in natural order: 2 before 10."""
        return tuple(sorted(set(self.labels), key=natural_key))

    def take(self, indices: Iterable[int]) -> "Listing":
        """Keep the pictures at `indices`, in that order."""
        rows = np.fromiter(indices, dtype=np.int64)
        return dataclasses.replace(
            self,
            pictures=_take_pictures(self.pictures, rows),
            names=tuple(self.names[row] for row in rows),
            labels=tuple(self.labels[row] for row in rows),
            parts=tuple(self.parts[row] for row in rows),
            groups=tuple(self.groups[row] for row in rows),
        )


def keep_contents(listing: Listing) -> Listing:
    """Keep the bytes of its pictures in memory once they are read; see `pictures`."""
    if isinstance(listing.pictures, ArrayPictures):
        return listing
    return dataclasses.replace(listing, pictures=KeptPictures(listing.pictures))


def merge_classes(listing: Listing, classes: Sequence[str], other: str | None) -> Listing:
    """Keep some classes, and put all the others into one class or leave them out.

    This is the deck's class “Autres” (chapter 4): a recogniser of cats and dogs needs to have seen
    what is neither.

    Args:
        listing: What the source holds.
        classes: The classes to keep under their own name; none keeps them all.
        other: Name of the class that takes all the rest; None leaves the rest out.

    Raises:
        UsageError: `unknown_class`, `other_is_a_class` or `other_without_classes`.
    """
    if not classes:
        if other is not None:
            raise UsageError("other_without_classes", other=other)
        return listing
    _check_known(classes, listing)
    if other in classes:
        raise UsageError("other_is_a_class", other=other)
    kept = set(classes)
    if other is None:
        return listing.take(row for row, label in enumerate(listing.labels) if label in kept)
    labels = tuple(label if label in kept else other for label in listing.labels)
    return dataclasses.replace(listing, labels=labels)


def check_classes(listing: Listing) -> Listing:
    """Make sure that there is something to tell apart, and note the classes of one picture.

    A class with a single picture is kept: it cannot stand in the training, the validation and the
    test part at once, so nothing can be measured about it.

    Raises:
        DataError: `one_class`, `too_many_classes`.
    """
    if len(listing.classes) > MAX_CLASSES:
        count, limit = integer(len(listing.classes)), integer(MAX_CLASSES)
        raise DataError("too_many_classes", name=listing.name, count=count, limit=limit)
    if len(listing.classes) < 2:
        facts = {"label": "".join(listing.classes), "hint": links_note(listing.skipped, before=" ")}
        raise DataError("one_class", name=listing.name, **facts)
    counts = dict.fromkeys(listing.classes, 0)
    for label in listing.labels:
        counts[label] += 1
    lonely = [label for label, count in counts.items() if count == 1]
    if not lonely:
        return listing
    note = t("datasets.single_picture", n=len(lonely), classes=", ".join(lonely))
    return dataclasses.replace(listing, notes=(*listing.notes, note))


def links_note(skipped: Sequence[Skipped], *, before: str = "") -> str:
    """Say how links that lead out of the source can be followed; nothing where there are none.

    Args:
        skipped: What was left out.
        before: What to put in front of the sentence.
    """
    links = [each.path for each in skipped if each.code == "link_outside"]
    if not links:
        return ""
    facts = {"count": integer(len(links)), "first": printable(links[0])}
    return before + t("datasets.links_outside", n=len(links), **facts)


def skip(code: str, path: str, **facts: object) -> Skipped:
    """Make the record of a file left out for the reason `code`."""
    error = PictureError(code, path=printable(path), **facts)
    return Skipped(path=path, code=code, message=error.message)


def _take_pictures(pictures: Pictures, rows: NDArray[np.int64]) -> Pictures:
    if isinstance(pictures, ArrayPictures):
        return ArrayPictures(pictures.array[rows])
    return ChosenPictures(pictures, rows.tolist())


def _check_known(classes: Sequence[str], listing: Listing) -> None:
    known = listing.classes
    for name in classes:
        if name not in known:
            raise UsageError(
                "unknown_class",
                label=printable(name),
                source=listing.name,
                classes=", ".join(known),
                suggestion=did_you_mean(name, known),
            )
