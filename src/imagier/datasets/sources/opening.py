"""One door for every source: what is there decides how it is read.

photos/                       folder with a sub-folder per class
labels.csv .tsv .jsonl .parquet    table with path and label
train-images-idx3-ubyte.gz, or the folder that holds it    IDX
data.npz                      NumPy arrays
photos.zip                    zip of class folders, or of a table and its pictures
digits mnist fashion-mnist cifar10 usps    by name
"""

import dataclasses
import os
import stat
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from imagier.datasets.listing import Listing, keep_contents
from imagier.datasets.sources.archive import open_archive
from imagier.datasets.sources.folder import open_folder
from imagier.datasets.sources.idx import idx_files, open_idx, open_idx_folder
from imagier.datasets.sources.named import NAMED_SETS, open_named
from imagier.datasets.sources.npz import open_npz
from imagier.datasets.sources.parquet import open_parquet, parquet_holds_pictures
from imagier.datasets.sources.shards import shards_beside
from imagier.datasets.sources.table import open_table
from imagier.datasets.sources.tables_beside import open_tables_in, tables_above
from imagier.datasets.table_options import TableOptions
from imagier.errors import DataError, UsageError, did_you_mean, system_reason
from imagier.files import open_regular, printable
from imagier.images.filenames import has_picture_ending
from imagier.tables import TABLE_SUFFIXES

__all__ = ["open_source"]

_LOOKED_AT = 10_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # older office programs' files
_PACKED = (".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar")


def open_source(
    source: str | os.PathLike[str],
    *,
    group: str | None = None,
    table: TableOptions | None = None,
    label_from: str | None = None,
    follow_links: bool = False,
) -> Listing:
    """List the pictures and labels of a source, whatever its kind.

    No picture is read yet; those that are read later stay in memory as far as `pictures` allows, so
    that one listing reads each file once.

    Args:
        source: A path, or the name of a named set; what stands under that name on the disk is
            taken before the named set.
        group: For a table, the column whose equal values must stay in one part.
        table: What else is said about the columns and paths of a table.
        label_from: For a folder or a zip, a regular expression that finds the class in a file's
            name; the folders then tell no class.
        follow_links: For a folder, whether links that lead out of it are followed too.

    Raises:
        DataError: The source is missing, unreadable, of no known kind, or holds nothing usable.
        UsageError: `option_needs_table`, an option that does not fit the table,
            `label_from_needs_files`, or what `name_patterns` refuses.
        MachineError: Something is not installed, or a named set cannot be had.

    >>> listing = open_source("digits")
    >>> len(listing), listing.classes[:3], listing.full_scale, listing.names[0]
    (1797, ('0', '1', '2'), 16, 'digits/0')
    """
    path, options = Path(source), table or TableOptions()
    if group is not None:
        options = dataclasses.replace(options, group=group)
    shown = printable(os.fspath(source)) or "''"
    try:
        mode = _mode(path) if os.fspath(source) else 0
        if label_from is not None and not _has_file_names(path, mode):
            raise UsageError("label_from_needs_files", path=shown)
        if not mode:
            return keep_contents(_open_missing(source, path, shown=shown, options=options))
        if stat.S_ISDIR(mode):
            return keep_contents(
                _open_directory(path, options, label_from=label_from, follow_links=follow_links)
            )
        if options.given and not (_is_table(path, mode) or _is_zip(path)):
            raise UsageError("option_needs_table", path=shown, option=options.given)
        if not stat.S_ISREG(mode):
            raise DataError("source_unknown", path=shown)
        return keep_contents(_open_file(path, options, label_from=label_from))
    except OSError as error:
        reason = system_reason(error)
        raise DataError("source_unreadable", path=shown, reason=reason) from error


def _open_directory(
    path: Path, options: TableOptions, *, label_from: str | None, follow_links: bool
) -> Listing:
    """Read a folder of class folders; where it is none, the tables in it and beside it."""
    if label_from is not None and options.given:
        raise UsageError("label_from_needs_files", path=printable(path))
    if label_from is not None:
        return open_folder(path, label_from=label_from, follow_links=follow_links)
    if options.given:
        found = open_tables_in(path, options)
        if found is None:
            raise UsageError("option_needs_table", path=printable(path), option=options.given)
        return found
    if idx_files(path):
        return open_idx_folder(path)
    try:
        listing = open_folder(path, follow_links=follow_links)
    except DataError as error:
        if error.code == "folder_unreadable":
            raise
        found = open_tables_in(path, options)
        if found is not None:
            return found
        tables_above(path, options)
        raise
    if len(listing.classes) > 1:
        return listing
    return open_tables_in(path, options) or listing


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return 0


def _has_file_names(path: Path, mode: int) -> bool:
    """Tell whether the classes of a source could be told by the names of files: folders, zips."""
    if stat.S_ISDIR(mode):
        return not idx_files(path)
    return not (str(path) in NAMED_SETS or _is_table(path, mode) or path.suffix.lower() == ".npz")


def _is_table(path: Path, mode: int) -> bool:
    return stat.S_ISREG(mode) and path.suffix.lower() in TABLE_SUFFIXES


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip" and path.is_file()


def _open_missing(
    source: str | os.PathLike[str], path: Path, *, shown: str, options: TableOptions
) -> Listing:
    if not isinstance(source, str) or source not in NAMED_SETS:
        raise DataError("source_missing", path=shown, suggestion=_suggestion(path))
    if options.given:
        raise UsageError("option_needs_table", path=shown, option=options.given)
    return open_named(source)


def _open_file(path: Path, options: TableOptions, *, label_from: str | None) -> Listing:
    suffix = path.suffix.lower()
    with open_regular(path) as file:
        head = file.read(8)
    if not head:
        raise DataError("source_empty", path=printable(path))
    if parquet_holds_pictures(path, options):
        return open_parquet(shards_beside(path), name=printable(path.stem), options=options)
    if suffix in TABLE_SUFFIXES:
        return open_table(path, options=options)
    if suffix == ".npz":
        return open_npz(path)
    if suffix == ".zip" or head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return open_archive(path, label_from=label_from, options=options)
    if head == _OLE:
        code = "source_spreadsheet" if suffix.startswith(".xl") else "source_document"
        raise DataError(code, path=printable(path))
    if "ubyte" in path.name.lower() or "idx" in path.name.lower() or head[:3] == b"\0\0\x08":
        return open_idx(path)
    raise DataError(_why_not(path), path=path)


def _why_not(path: Path) -> str:
    if has_picture_ending(path.name):
        return "source_is_picture"
    return "source_packed" if path.suffix.lower() in _PACKED else "source_unknown"


def _suggestion(path: Path) -> str:
    """Look for a near name: beside where the path should be, then among the named sets."""
    try:
        beside = [entry.name for entry in islice(path.parent.iterdir(), _LOOKED_AT)]
    except (OSError, ValueError):
        beside = []
    for near in get_close_matches(path.name, beside, n=1):
        shown = printable(path.with_name(near))
        return did_you_mean(shown, [shown])
    return did_you_mean(path.name, NAMED_SETS)
