"""A table that stands in a zip archive beside the pictures it names, as competitions pack them.

    set.zip: labels.csv  images/1.jpg …         set.zip: train.csv  train/0a1b.jpg …

It is read as in the folder that the archive would unpack to; nothing is unpacked.
"""

import dataclasses
import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from imagier.datasets.listing import Listing
from imagier.datasets.pictures import Pictures
from imagier.datasets.sources.near_files import NearFiles
from imagier.datasets.sources.table import list_rows
from imagier.datasets.sources.table_files import TableFiles
from imagier.datasets.table_options import TableOptions
from imagier.errors import DataError, ImagierError, UsageError
from imagier.files import printable
from imagier.i18n import t
from imagier.tables import parse_records

__all__ = ["open_archive_table"]

LARGEST = 128 * 2**20  # bytes of a table
MOST_DEPTH = 1  # folders in front of a table
_SUFFIXES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson")
_NO_TRUTH = "submission"  # a form to fill in: its labels are placeholders

PicturesOf = Callable[[Sequence[str]], Pictures]


def open_archive_table(
    archive: ZipFile,
    members: Mapping[str, ZipInfo],
    path: Path,
    *,
    pictures: PicturesOf,
    options: TableOptions,
) -> Listing | None:
    """List the pictures that a table in a zip archive names.

    Args:
        archive: The archive.
        members: Its files by name, judged; tables among them.
        path: The archive's name.
        pictures: Gives the pictures of some members.
        options: What is said about the table.

    Returns:
        The listing, which says where its labels come from; None where no table is there.

    Raises:
        DataError: `tables_in_archive` for several tables; `table_beside_unusable` for one that
            cannot be used.
        UsageError: `option_needs_table` for `--images`, which names a folder of the disk; what
            `list_rows` refuses of the other options.
    """
    if options.images is not None:
        raise UsageError("option_needs_table", path=printable(path), option="--images")
    opened: dict[str, Listing] = {}
    refused: dict[str, ImagierError] = {}
    for name in sorted(filter(_may_be_table, members)):
        if members[name].file_size <= LARGEST:
            try:
                opened[name] = _opened(archive, members, name, pictures, options)
            except ImagierError as error:
                refused[name] = error.released()
    shown = printable(path)
    if len(opened) > 1:
        tables = ", ".join(map(printable, opened))
        raise DataError("tables_in_archive", path=shown, tables=tables)
    for name, listing in opened.items():
        note = t("datasets.table_used", path=shown, table=printable(name))
        return dataclasses.replace(listing, name=printable(path.stem), notes=(note, *listing.notes))
    for name, why in refused.items():
        if isinstance(why, UsageError):
            raise why
        if not name.lower().endswith(".txt"):
            facts = {"path": shown, "table": printable(name)}
            facts |= {"reason": why.message, "step": why.next_step}
            raise DataError("table_beside_unusable", **facts) from why
    return None


def _may_be_table(name: str) -> bool:
    lower = name.casefold()
    is_table = lower.endswith(_SUFFIXES) and _NO_TRUTH not in posixpath.basename(lower)
    return is_table and name.count("/") <= MOST_DEPTH


def _opened(
    archive: ZipFile,
    members: Mapping[str, ZipInfo],
    name: str,
    pictures: PicturesOf,
    options: TableOptions,
) -> Listing:
    folder = posixpath.dirname(name)
    below = f"{folder}/" if folder else ""
    names = [one.removeprefix(below) for one in members if one.startswith(below)]
    content = archive.read(members[name])
    table = Path(posixpath.basename(name))
    suffix = PurePosixPath(name).suffix.lower()
    return list_rows(
        table,
        partial(parse_records, content, suffix, name=printable(table)),
        _MemberFiles(names, table=PurePosixPath(name), ending=options.suffix),
        pictures=lambda chosen: pictures([below + one for one in chosen]),
        options=options,
    )


class _MemberFiles(TableFiles):
    """The members of an archive, as files below the folder that holds a table."""

    def __init__(self, names: Iterable[str], *, table: PurePosixPath, ending: str) -> None:
        super().__init__(Path("/"), table=Path("/") / table.name, ending=ending)
        folders: defaultdict[str, set[str]] = defaultdict(set)
        for name in names:
            folder, _, file = name.rpartition("/")
            folders[folder].add(file)
        self._folders = {folder: frozenset(files) for folder, files in folders.items()}
        self._near = NearFiles(
            (posixpath.join(folder, file) for folder, files in folders.items() for file in files),
            tail=table.parts[:-1],
            hint=table.stem,
        )

    def _read(self, folder: str) -> frozenset[str]:
        return self._folders.get(folder, frozenset())

    def _look(self, name: str) -> str:  # noqa: ARG002 - nothing but the members is there
        return "row_file_missing"

    def _below(self, name: str) -> str | None:  # noqa: ARG002 - no folder of the disk is
        return None
