"""What the options make of a source: classes kept and joined, and another source to test on."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

from imagier.datasets import (
    Listing,
    TableOptions,
    check_classes,
    group_by_name,
    join_other,
    join_test,
    match_classes,
    merge_classes,
    merge_equal_numbers,
    numbered_series_note,
    open_source,
    with_known_numbers,
)
from imagier.errors import DataError, UsageError
from imagier.learning.options import TrainOptions
from imagier.tables import TABLE_SUFFIXES

__all__ = ["list_source"]


def list_source(
    source: str | os.PathLike[str] | Listing, options: TrainOptions, known: Sequence[str] = ()
) -> Listing:
    """List what is learnt from and tested.

    Args:
        source: The pictures, or a listing of them.
        options: What the user asked.
        known: The classes of the model that learning goes on from: numbers are written as there.
    """
    if isinstance(source, Listing):
        if options.table.given:
            raise UsageError("option_needs_table", path=source.name, option=options.table.given)
        listing = group_by_name(merge_equal_numbers(source), options.group_from)
    else:
        listing = _open(source, options, options.table)
    listing = with_known_numbers(listing, known) if known else listing
    chosen = match_classes(options.classes, listing.classes)
    listing = _with_other(listing, chosen, options)
    if options.test is not None:
        is_table = Path(options.test).suffix.lower() in TABLE_SUFFIXES
        said = options.table if is_table else TableOptions(group=options.group)
        test = _open(options.test, options, said)
        wanted = test if options.other is not None else _only(test, chosen)
        if not wanted.names:
            raise DataError("test_without_pictures", name=test.name)
        listing = join_test(listing, wanted, other=options.other)
    notes = (*listing.notes, *numbered_series_note(listing))
    return check_classes(dataclasses.replace(listing, notes=notes))


def _open(source: str | os.PathLike[str], options: TrainOptions, table: TableOptions) -> Listing:
    listing = open_source(
        source, table=table, label_from=options.label_from, follow_links=options.follow_links
    )
    return group_by_name(merge_equal_numbers(listing), options.group_from)


def _with_other(listing: Listing, classes: Sequence[str], options: TrainOptions) -> Listing:
    """Keep the classes that were asked for, and add the class of anything else."""
    if options.other_from is None:
        return merge_classes(listing, classes, options.other)
    assert options.other is not None  # noqa: S101 - the options give it a name
    rest = options.other if classes else None
    listing = merge_classes(listing, classes, rest)
    return join_other(listing, options.other_from, options.other)


def _only(test: Listing, classes: Sequence[str]) -> Listing:
    """Leave out of the test what `--classes` left out of the source."""
    if not classes:
        return test
    test = with_known_numbers(test, classes)
    return test.take(row for row, label in enumerate(test.labels) if label in classes)
