"""What a model made without pictures must not name: files, folders, the source and its like."""

import os
from collections.abc import Iterable
from pathlib import Path, PurePath

from imagier.datasets import Listing, Skipped
from imagier.datasets.splitting.split_file import read_split_file
from imagier.files import printable
from imagier.learning.options import TrainOptions

__all__ = ["private_names"]


def private_names(
    source: str | os.PathLike[str] | Listing,
    options: TrainOptions,
    listing: Listing,
    skipped: Iterable[Skipped] = (),
) -> set[str]:
    """Collect the names that no sentence of such a model may hold, as sentences write them.

    Args:
        source: The pictures, as the user named them.
        options: What else the user named.
        listing: What the source holds. The names of its classes are no secrets: they are what the
            model answers.
        skipped: Files that were left out.
    """
    named = None if isinstance(source, Listing) else source
    given = (named, options.test, options.split, options.plan, options.init)
    paths = {os.fspath(path) for path in given if path is not None}
    paths |= {*listing.names, *(one.path for one in skipped)}
    if options.split is not None:
        paths |= {name for name, _ in read_split_file(Path(options.split)).by_row}
    found = {listing.name}
    for path in paths:
        pure = PurePath(path)
        found |= {path, pure.stem, *pure.parts}
    classes = {*listing.classes, *options.classes, options.other}
    return {printable(name) for name in found if name not in classes}
