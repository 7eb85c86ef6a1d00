"""Tables that stand beside pictures: what names them where their folders do not.

    train.csv  train/0a1b.jpg …        labels.csv  images/1.jpg …        metadata.csv  1.jpg …

A folder without class folders is read through its table, which is said. Of several tables none is
taken: each is named, with what to type.
"""

import dataclasses
import os
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from imagier.datasets.listing import Listing
from imagier.datasets.parts import part_of
from imagier.datasets.sources.parquet import open_parquet, parquet_holds_pictures
from imagier.datasets.sources.shards import shards_in
from imagier.datasets.sources.table import open_table
from imagier.datasets.table_options import TableOptions
from imagier.errors import DataError, ImagierError, UsageError
from imagier.files import printable
from imagier.i18n import shell_path, t
from imagier.images.filenames import has_picture_ending, is_clutter
from imagier.tables import TABLE_SUFFIXES

__all__ = ["open_tables_in", "tables_above"]

_MOST_LOOKED_AT, _MOST_TABLES = 10_000, 20
_SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods")
_NO_TRUTH = "submission"  # a competition's form to fill in: its labels are placeholders
_NOTHING_IN_IT = ("table_empty", "table_encoding", "source_empty")


def open_tables_in(folder: Path, options: TableOptions) -> Listing | None:
    """Read a folder through the table in it, or through its Parquet files of pictures.

    Args:
        folder: A folder that does not say the classes itself.
        options: What is said about the table.

    Returns:
        The listing, which says where its labels come from; None where no table is there.

    Raises:
        DataError: `tables_beside` for several tables; `table_beside_unusable` for one that names
            pictures and cannot be used; what `open_parquet` refuses.
        UsageError: What `open_table` refuses of the options.
    """
    shards = shards_in(folder)
    if shards and parquet_holds_pictures(shards[0].path, options):
        name = printable(Path(os.path.realpath(folder)).name)
        return open_parquet(shards, name=name, options=options)
    tables = _tables(folder)
    opened, refused = _opened(tables, options)
    if len(opened) > 1:
        shown = ", ".join(printable(path.name) for path in opened)
        command = _command(list(opened))
        raise DataError("tables_beside", path=printable(folder), tables=shown, command=command)
    for path, listing in opened.items():
        note = t("datasets.table_used", path=printable(folder), table=printable(path.name))
        return dataclasses.replace(listing, notes=(note, *listing.notes))
    for path, error in refused.items():
        if isinstance(error, UsageError):
            raise error
        if path.suffix.lower() != ".txt" and error.code not in _NOTHING_IN_IT:
            facts = {"path": printable(folder), "table": printable(path.name)}
            facts |= {"reason": error.message, "step": error.next_step}
            raise DataError("table_beside_unusable", **facts) from error
    for name in sorted(_entries(folder)):
        if name.lower().endswith(_SPREADSHEETS):
            error = DataError("source_spreadsheet", path=printable(folder / name))
            facts = {"path": printable(folder), "table": printable(name)}
            facts |= {"reason": error.message, "step": error.next_step}
            raise DataError("table_beside_unusable", **facts)
    return None


def tables_above(folder: Path, options: TableOptions) -> None:
    """Point at the tables beside a folder of pictures, should they name what is in it.

    Raises:
        DataError: `table_above`, with what to type.
    """
    if not any(has_picture_ending(name) for name in _entries(folder)):
        return
    above = Path(os.path.realpath(folder)).parent
    shown = folder.parent if folder.name not in ("", "..") else above
    opened, _ = _opened(_tables(above), options)
    inside = f"{Path(os.path.realpath(folder)).name}/"
    naming = [
        shown / path.name
        for path, listing in opened.items()
        if any(name.startswith(inside) for name in listing.names)
    ]
    if naming:
        names = ", ".join(printable(path) for path in naming)
        command = _command(naming)
        raise DataError("table_above", path=printable(folder), tables=names, command=command)


def _opened(
    tables: Sequence[Path], options: TableOptions
) -> tuple[dict[Path, Listing], dict[Path, ImagierError]]:
    opened: dict[Path, Listing] = {}
    refused: dict[Path, ImagierError] = {}
    for path in tables:
        try:
            opened[path] = open_table(path, options=options)
        except ImagierError as error:
            refused[path] = error.released()
    return opened, refused


def _tables(folder: Path) -> list[Path]:
    """Give the tables of a folder, those for learning first."""
    found = [
        folder / name
        for name in sorted(_entries(folder))
        if Path(name).suffix.lower() in TABLE_SUFFIXES
        and _NO_TRUTH not in name.casefold()
        and (folder / name).is_file()
        and (folder / name).stat().st_size
    ]
    return sorted(found[:_MOST_TABLES], key=lambda path: _part(path) != "train")


def _entries(folder: Path) -> list[str]:
    with os.scandir(folder) as scan:
        return [entry.name for entry in islice(scan, _MOST_LOOKED_AT) if not is_clutter(entry.name)]


def _part(path: Path) -> str:
    """Tell a table's part by a word of its name: `train_labels.csv`."""
    words = re.findall(r"[^\W\d_]+", path.stem)
    return next((part_of(word) for word in words if part_of(word)), "")


def _command(tables: Sequence[Path]) -> str:
    """Write the command that learns from the first table, and tests on that of the test part."""
    words = ["imagier", "train", shell_path(str(tables[0]))]
    test = next((path for path in tables[1:] if _part(path) == "test"), None)
    if test is not None and _part(tables[0]) == "train":
        words += ["--test", shell_path(str(test))]
    return " ".join(words)
