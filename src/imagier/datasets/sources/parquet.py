"""Parquet files that hold the pictures themselves, as hubs of data sets publish them.

    data/train-00000-of-00002.parquet       image: {bytes, path}, label
    data/train-00001-of-00002.parquet
    data/test-00000-of-00001.parquet

One file is read with the other pieces of its part; a folder, with all its parts. The names of the
classes come from the files' own metadata where it has them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path, PurePosixPath

from imagier.datasets.listing import Listing, Skipped, skip
from imagier.datasets.parts import part_in, settle_parts
from imagier.datasets.sources.columns import Columns, find_columns, is_marked
from imagier.datasets.sources.shards import Shard, shards_in
from imagier.datasets.table_options import TableOptions
from imagier.errors import DataError, PictureError, UsageError
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.images import MAX_BYTES, Picture, count_file, decode
from imagier.tables import (
    PARQUET_SUFFIXES,
    BytesColumn,
    BytesLayout,
    find_bytes_column,
    read_records,
)

__all__ = ["ParquetPictures", "open_parquet", "parquet_holds_pictures"]

_LOOKED_AT = 1000  # rows that tell what a column holds


def parquet_holds_pictures(path: Path, options: TableOptions) -> bool:
    """Tell whether a Parquet file, or the first of a folder, has a column of pictures itself."""
    if path.is_dir():
        shards = shards_in(path)
        return bool(shards) and parquet_holds_pictures(shards[0].path, options)
    is_parquet = path.suffix.lower() in PARQUET_SUFFIXES
    return is_parquet and find_bytes_column(path, named=options.path_column) is not None


def open_parquet(shards: Sequence[Shard], *, name: str, options: TableOptions) -> Listing:
    """List the pictures in Parquet files that belong together.

    Args:
        shards: The files, each with its part.
        name: What the listing is called.
        options: What is said about the columns.

    Raises:
        DataError: `label_outside` for a number that the class names do not reach, `table_rows`
            when no row can be used; what `find_bytes_column` and `find_columns` refuse.
        UsageError: `pictures_in_table`, for an option about files; `unknown_column`.
    """
    if options.images is not None or options.ending is not None:
        option = "--images" if options.images is not None else "--ending"
        raise UsageError("pictures_in_table", path=printable(shards[0].path), option=option)
    reading = _Reading()
    layouts = []
    for shard in shards:
        layout = find_bytes_column(shard.path, named=options.path_column)
        if layout is None:
            raise DataError("parquet_without_pictures", path=printable(shard.path))
        layouts.append((shard.path, layout))
        reading.read(shard, layout, options)
    if not reading.rows:
        raise reading.nothing(printable(shards[0].path))
    names = tuple(reading.names)
    return Listing(
        name=name,
        pictures=ParquetPictures(BytesColumn(layouts), reading.rows, names),
        names=names,
        labels=tuple(reading.labels),
        parts=settle_parts(reading.parts),
        groups=tuple(reading.groups),
        skipped=tuple(reading.skipped),
        notes=(*reading.notes(), *_shards_note(shards)),
    )


class ParquetPictures:
    """The pictures in a column of Parquet files, read only when they are asked for."""

    __slots__ = ("_column", "_names", "_rows")

    def __init__(self, column: BytesColumn, rows: Sequence[int], names: Sequence[str]) -> None:
        self._column = column
        self._rows = rows
        self._names = names

    def __len__(self) -> int:
        return len(self._rows)

    def read(self, index: int) -> bytes:
        """Give the bytes of one picture."""
        name = printable(self._names[index])
        try:
            content = self._column.read(self._rows[index])
        except DataError as error:
            raise PictureError(error.code, **error.facts) from error
        if content is None:
            raise PictureError("row_without_picture", path=name)
        if len(content) > MAX_BYTES:
            facts = {"megabytes": len(content) >> 20, "limit": MAX_BYTES >> 20}
            raise PictureError("file_too_large", path=name, **facts)
        count_file(len(content))
        return content

    def decode(
        self,
        index: int,
        content: bytes,
        wanted: tuple[int, int] | None = None,
        white: int | None = None,
    ) -> Picture:
        """Decode one picture."""
        return decode(content, name=self._names[index], wanted=wanted, white=white)


@dataclass(slots=True, kw_only=True)
class _Reading:
    """The usable rows so far; rows are counted over all files."""

    rows: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    _before: int = 0
    _notes: dict[str, None] = field(default_factory=dict)
    _shared: dict[str, str] = field(default_factory=dict)

    def read(self, shard: Shard, layout: BytesLayout, options: TableOptions) -> None:
        """Take the rows of one file in."""
        records = read_records(shard.path, files=layout)
        first = list(islice(records.rows, _LOOKED_AT))
        columns = find_columns(
            (*dict.fromkeys((*records.columns, layout.column)),),
            table=printable(shard.path),
            options=_with_known(options, layout, records.columns),
            rows=first,
        )
        self._notes |= dict.fromkeys(columns.notes)
        names = layout.class_names.get(columns.label, ())
        for row, record in enumerate(chain(first, records.rows)):
            self._add(row, record.cells or {}, columns, shard, names)
        self._before += layout.rows

    def notes(self) -> Iterator[str]:
        """Say what the rows told where the titles did not."""
        yield from self._notes

    def nothing(self, path: str) -> DataError:
        """Say why no row can be used."""
        n = len(self.skipped)
        if not n:
            return DataError("table_empty", path=path)
        reason, facts = self.skipped[0].message, {"path": path, "n": n, "count": integer(n)}
        step = PictureError(self.skipped[0].code, path=path).next_step
        return DataError("table_rows", **facts, reason=reason, step=step)

    def _add(
        self,
        row: int,
        cells: Mapping[str, str],
        columns: Columns,
        shard: Shard,
        classes: Sequence[str],
    ) -> None:
        name = _name(shard, row, cells.get(columns.path, ""))
        label, code = _label(cells, columns, classes, shard)
        part = cells.get(columns.part, "") if columns.part else ""
        if code:
            facts = {"line": row + 1, "table": printable(shard.path.name)}
            self.skipped.append(skip(code, name, **facts))
            return
        shared = self._shared
        group = cells.get(columns.group, "").strip() if columns.group else ""
        self.rows.append(self._before + row)
        self.names.append(name)
        self.labels.append(shared.setdefault(label, label))
        self.parts.append(part_in(part) or shard.part)
        self.groups.append(shared.setdefault(group, group))


def _with_known(options: TableOptions, layout: BytesLayout, columns: Sequence[str]) -> TableOptions:
    """Name the column of pictures, and that of labels where a single one has names of classes."""
    label = options.label_column
    named = [column for column in columns if column in layout.class_names]
    if label is None and len(named) == 1:
        label = named[0]
    return replace(options, path_column=layout.column, label_column=label)


def _name(shard: Shard, row: int, path: str) -> str:
    """Call a picture by its file and row, and by its own file's name where it had one."""
    own = PurePosixPath(path.replace("\\", "/")).name[:255]
    return f"{shard.path.stem}/{row}" + (f"/{own}" if own else "")


def _label(
    cells: Mapping[str, str], columns: Columns, classes: Sequence[str], shard: Shard
) -> tuple[str, str]:
    if columns.one_hot:
        marked = [column for column in columns.one_hot if is_marked(cells, column)]
        code = {0: "row_without_label", 1: ""}.get(len(marked), "row_several_labels")
        return (printable(marked[0]) if marked else ""), code
    cell = cells.get(columns.label, "").strip()
    if not classes or not cell:
        return printable(cell), "" if cell else "row_without_label"
    whole = cell.removesuffix(".0")  # a column in which numbers are missing is one of fractions
    number = int(whole) if len(whole) < 10 and whole.lstrip("-").isdecimal() else None
    if number == -1:  # as hubs mark pictures whose class is kept back
        return "", "row_without_label"
    if number is None or not 0 <= number < len(classes):
        facts = {"received": printable(cell)[:40], "last": len(classes) - 1}
        raise DataError("label_outside", path=printable(shard.path), **facts)
    return printable(classes[number]), ""


def _shards_note(shards: Sequence[Shard]) -> Iterator[str]:
    if len(shards) > 1:
        names = ", ".join(printable(shard.path.name) for shard in shards[:4])
        more = ", …" if len(shards) > 4 else ""
        n = len(shards)
        yield t("datasets.shards", n=n, count=integer(n), names=names + more)
