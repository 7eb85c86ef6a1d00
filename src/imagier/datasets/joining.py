"""One source to learn from and another to test on, as one listing."""

import dataclasses

from imagier.datasets.class_names import with_known_numbers
from imagier.datasets.listing import Listing
from imagier.datasets.pictures import JoinedPictures
from imagier.errors import DataError
from imagier.files import printable

__all__ = ["join_test"]


def join_test(
    learning: Listing, test: Listing, *, other: str | None = None, by_class: bool = True
) -> Listing:
    """Put two sources together: the first to learn from, the second to test on.

    The parts say which is which, so that what follows (copies across parts, one table of parts)
    needs to know nothing about it. Of the first source a test part of its own is learnt from; of
    the second only its test part is taken, where it has one. Names are matched, never positions.

    Args:
        learning: What to learn and validate with.
        test: What to test on.
        other: The class that takes the names of the test that the first source does not have.
        by_class: Whether the names are classes; not where they are the texts of lines.

    Raises:
        DataError: `test_labels`, when the test has names that are not learnt; `test_scale`, when
            white is another number in each.
    """
    if learning.full_scale != test.full_scale:
        scales = {"white": learning.full_scale, "other": test.full_scale}
        raise DataError("test_scale", name=learning.name, test=test.name, **scales)
    if "test" in test.parts:
        test = test.take(row for row, part in enumerate(test.parts) if part == "test")
    known = set(learning.classes) if by_class else {*learning.classes, *test.classes}
    test = with_known_numbers(test, known) if by_class else test
    strangers = sorted(set(test.labels) - known)
    if strangers and other not in known:
        names = ", ".join(printable(name) for name in strangers[:5])
        raise DataError("test_labels", name=test.name, labels=names)
    return dataclasses.replace(
        learning,
        pictures=JoinedPictures(learning.pictures, test.pictures),
        names=(*learning.names, *(f"{test.name}/{name}" for name in test.names)),
        labels=(*learning.labels, *(_known(label, known, other) for label in test.labels)),
        parts=(*(_learning_part(part) for part in learning.parts), *("test" for _ in test.names)),
        groups=(*learning.groups, *test.groups),
        skipped=(*learning.skipped, *test.skipped),
        notes=(*learning.notes, *test.notes),
    )


def _learning_part(part: str) -> str:
    return "validation" if part == "validation" else "train"


def _known(label: str, known: set[str], other: str | None) -> str:
    return label if label in known or other is None else other
