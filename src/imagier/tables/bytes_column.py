"""A column of files in Parquet: the bytes of a picture in each row, read when they are asked for.

    image: {bytes, path}, label          as data sets are published for the `datasets` library
    image: bytes, label

Rows come in groups. One group is unpacked at a time, equal values held once; two stay in memory. A
group that would take more than memory is for is refused by what the file announces of it.
"""

import json
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagier.errors import DataError
from imagier.files import printable
from imagier.i18n import integer
from imagier.tables.content import MAX_ROWS
from imagier.tables.parquet import damaged, is_bytes, is_text, parquet_errors, pyarrow_parquet

__all__ = ["BytesColumn", "BytesLayout", "find_bytes_column"]

MAX_GROUP = 256 * 2**20  # bytes that a group of rows unpacks to
MAX_FILE = 8 * 2**30  # bytes that a file unpacks to
MOST_SWOLLEN, SMALL = 20, 64 * 2**20  # times its size; what is smaller may swell more
MAX_CLASSES = 10_000
USUAL_COLUMNS = (
    *("image", "img", "picture", "bytes", "image_bytes", "img_bytes", "image_data"),
    *("jpg", "jpeg", "png"),
)
_MAX_SCHEMA = 2**22
_KEPT_GROUPS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class BytesLayout:
    """What a Parquet file with a column of files announces.

    Attributes:
        column: The column of files.
        leaf: Where their bytes stand: `image.bytes`, or the column itself.
        has_paths: Whether each file has a path beside its bytes.
        class_names: The names of classes by column, as the `datasets` library writes them.
        groups: The rows of each group.
    """

    column: str
    leaf: str
    has_paths: bool
    class_names: dict[str, tuple[str, ...]]
    groups: tuple[int, ...]

    @property
    def rows(self) -> int:
        """Count the rows."""
        return sum(self.groups)


def find_bytes_column(path: Path, *, named: str | None = None) -> BytesLayout | None:
    """Find the column of a Parquet file that holds files; None where there is none.

    Args:
        path: The file.
        named: The column to take, of several.

    Raises:
        DataError: `table_damaged`, `table_too_long`, `table_too_large` or `parquet_groups`.
        MachineError: `reader_missing`, without pyarrow.
    """
    parquet = pyarrow_parquet(path)
    with (
        parquet_errors(path),
        parquet.ParquetFile(path, thrift_string_size_limit=_MAX_SCHEMA) as file,
    ):
        found = _bytes_field(file.schema_arrow, named)
        if found is None:
            return None
        column, leaf, has_paths = found
        return BytesLayout(
            column=column,
            leaf=leaf,
            has_paths=has_paths,
            class_names=_class_names(file.schema_arrow.metadata or {}),
            groups=_groups(file.metadata, path),
        )


class BytesColumn:
    """The files in the rows of one or several Parquet files, one after the other."""

    def __init__(self, files: Sequence[tuple[Path, BytesLayout]]) -> None:
        """Take the files in order, with what each announces."""
        self._groups = [
            (path, layout, group) for path, layout in files for group in range(len(layout.groups))
        ]
        self._starts = [0]
        for _, layout, group in self._groups:
            self._starts.append(self._starts[-1] + layout.groups[group])
        self._kept: OrderedDict[int, Any] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._starts[-1]

    def read(self, row: int) -> bytes | None:
        """Give the bytes of a row, None where it has none.

        Raises:
            DataError: `table_damaged`.
        """
        group = bisect_right(self._starts, row) - 1
        with self._lock:
            values = self._kept.pop(group, None)
            if values is None:
                while len(self._kept) >= _KEPT_GROUPS:
                    self._kept.popitem(last=False)
                values = self._read(group)
            self._kept[group] = values
            cell: bytes | None = values[row - self._starts[group]].as_py()
            return cell

    def _read(self, group: int) -> Any:
        path, layout, number = self._groups[group]
        parquet = pyarrow_parquet(path)
        with (
            parquet_errors(path),
            parquet.ParquetFile(path, read_dictionary=[layout.leaf], pre_buffer=False) as file,
        ):
            column = file.read_row_group(number, columns=[layout.leaf], use_threads=False)[0]
            for _ in layout.leaf.removeprefix(layout.column).split(".")[1:]:
                column = _inner(column)
            if len(column) != layout.groups[number]:
                raise damaged(path, ValueError(f"{len(column)} ≠ {layout.groups[number]}"))
            return column


def _inner(column: Any) -> Any:
    """Give the bytes of a column of structures, nothing where the structure is nothing."""
    import pyarrow

    return pyarrow.chunked_array([chunk.flatten()[0] for chunk in column.chunks])


def _bytes_field(schema: Any, named: str | None) -> tuple[str, str, bool] | None:
    from pyarrow import types

    found = []
    for field in schema:
        if types.is_struct(field.type):
            inner = {field.type[n].name: field.type[n].type for n in range(field.type.num_fields)}
            if "bytes" in inner and is_bytes(inner["bytes"]) and "." not in field.name:
                has_paths = "path" in inner and is_text(inner["path"])
                found.append((field.name, f"{field.name}.bytes", has_paths))
        elif is_bytes(field.type) and "." not in field.name:
            found.append((field.name, field.name, False))
    structs = [one for one in found if one[0] != one[1]]
    if named is not None:
        return next((one for one in found if one[0] == named), None)
    usual = [one for one in found if one[0].casefold() in USUAL_COLUMNS]
    for some in ([one for one in structs if one in usual], structs, usual):
        if some:
            return some[0]
    return None


def _groups(metadata: Any, path: Path) -> tuple[int, ...]:
    """Judge what the metadata announces; that of single columns is not asked for."""
    name = printable(path)
    if metadata.num_rows > MAX_ROWS:
        raise DataError("table_too_long", path=name, limit=integer(MAX_ROWS))
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    sizes = [group.total_byte_size for group in groups]
    rows = tuple(group.num_rows for group in groups)
    limit = min(MAX_FILE, max(SMALL, MOST_SWOLLEN * path.stat().st_size))
    if sum(sizes) > limit:
        raise DataError("table_too_large", path=name, size=sum(sizes) >> 20, limit=limit >> 20)
    if max(sizes, default=0) > MAX_GROUP:
        facts = {"size": max(sizes) >> 20, "limit": MAX_GROUP >> 20}
        raise DataError("parquet_groups", path=name, **facts)
    if min(rows, default=0) < 0 or sum(rows) != metadata.num_rows:
        raise damaged(path, ValueError(f"{sum(rows)} ≠ {metadata.num_rows}"))
    return rows


def _class_names(metadata: dict[bytes, bytes]) -> dict[str, tuple[str, ...]]:
    """Read the class names that the `datasets` library writes into the metadata."""
    content = metadata.get(b"huggingface", b"")
    try:
        features = json.loads(content)["info"]["features"]
        named = {
            str(column): tuple(feature["names"])
            for column, feature in features.items()
            if isinstance(feature, dict) and isinstance(feature.get("names"), list)
        }
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}
    return {
        column: names
        for column, names in named.items()
        if len(names) <= MAX_CLASSES and all(isinstance(name, str) and name for name in names)
    }
