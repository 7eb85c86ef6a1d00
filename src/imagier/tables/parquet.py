"""The rows of a Parquet file, read in batches: a hundred kilobytes of it can hold gigabytes.

What its metadata announces is judged first. Texts stay in the dictionaries in which Parquet keeps
them until they are looked at, so that a text that is repeated a million times is held once.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imagier.errors import DataError, MachineError
from imagier.files import printable
from imagier.i18n import integer
from imagier.tables.content import MAX_ROWS

if TYPE_CHECKING:
    from imagier.tables.bytes_column import BytesLayout

__all__ = [
    "damaged",
    "is_bytes",
    "is_text",
    "parquet_errors",
    "pyarrow_parquet",
    "read_parquet",
]

MAX_COLUMNS = 10_000
MAX_UNPACKED = 512 * 2**20  # bytes
MAX_CELL = 2**17  # bytes
_BATCH = 256  # rows
_MAX_SCHEMA = 2**22  # bytes


def read_parquet(
    path: Path, *, files: "BytesLayout | None" = None
) -> tuple[tuple[str, ...], Iterator[dict[str, Any]]]:
    """Give the columns whose cells are plain, and the rows one after the other.

    Args:
        path: The file.
        files: Its column of files, where it has one: of that column the path alone is read, and of
            the file's size is judged what the others take.

    Raises:
        DataError: `table_damaged`, `table_too_long` or `table_too_large`; while the rows are read,
            too.
        MachineError: `reader_missing`, without pyarrow.
    """
    parquet = pyarrow_parquet(path)
    with (
        parquet_errors(path),
        parquet.ParquetFile(path, thrift_string_size_limit=_MAX_SCHEMA) as file,
    ):
        if len(file.schema_arrow) > MAX_COLUMNS:
            limit = integer(MAX_COLUMNS)
            raise DataError("table_too_wide", path=printable(path), limit=limit)
        columns = _plain_columns(file.schema_arrow, with_bytes=files is None)
        if files is None:
            _check_size(file.metadata, path)
    paths = (f"{files.column}.path",) if files is not None and files.has_paths else ()
    return columns, _rows(path, (*columns, *paths))


def pyarrow_parquet(path: Path) -> Any:
    """Load what reads Parquet.

    Raises:
        MachineError: `reader_missing`.
    """
    try:
        from pyarrow import parquet
    except ImportError:
        raise MachineError(
            "reader_missing", what=printable(path), package="pyarrow", line="pyarrow"
        ) from None
    return parquet


@contextmanager
def parquet_errors(path: Path) -> Iterator[None]:
    """Turn what pyarrow says of a damaged file into `table_damaged`."""
    from pyarrow import ArrowException

    try:
        yield
    except (ArrowException, OSError, ValueError, ArithmeticError, LookupError) as error:
        raise damaged(path, error) from error


def _plain_columns(schema: Any, *, with_bytes: bool) -> tuple[str, ...]:
    from pyarrow import types

    def is_plain(kind: Any) -> bool:
        return not types.is_nested(kind) and (with_bytes or not is_bytes(kind))

    plain = Counter(field.name for field in schema if is_plain(field.type))
    return tuple(name for name, count in plain.items() if count == 1)


def _check_size(metadata: Any, path: Path) -> None:
    """Judge what the metadata announces; that of single columns is not asked for.

    Where it is damaged, pyarrow's library ends the whole process over it.
    """
    if metadata.num_rows > MAX_ROWS:
        raise DataError("table_too_long", path=printable(path), limit=integer(MAX_ROWS))
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    size = sum(group.total_byte_size for group in groups)
    if size > MAX_UNPACKED:
        sizes = {"size": size >> 20, "limit": MAX_UNPACKED >> 20}
        raise DataError("table_too_large", path=printable(path), **sizes)


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    from pyarrow import parquet

    with parquet_errors(path):
        with parquet.ParquetFile(path) as file:
            texts = [
                field.name
                for field in file.schema_arrow
                if is_text(field.type) or is_bytes(field.type)
            ]
        inner = [column for column in columns if column.endswith(".path")]
        settings = {"batch_size": _BATCH, "columns": list(columns), "use_threads": False}
        with parquet.ParquetFile(path, read_dictionary=[*texts, *inner], pre_buffer=False) as file:
            # of what stands in structures, pyarrow reads no batch across groups
            groups = [[one] for one in range(file.num_row_groups)] if inner else [None]
            for some in groups:
                for batch in file.iter_batches(row_groups=some, **settings):
                    _check_cells(batch, path)
                    yield from batch.to_pylist()


def _check_cells(batch: Any, path: Path) -> None:
    """Refuse texts that no table has, before they are repeated row by row."""
    from pyarrow import compute, types

    for outer in batch.columns:
        column = outer.flatten()[0] if types.is_struct(outer.type) else outer
        texts = column.dictionary if types.is_dictionary(column.type) else column
        kind = texts.type
        if is_text(kind) or is_bytes(kind):
            longest = compute.max(compute.binary_length(texts)).as_py() or 0
            if longest > MAX_CELL:
                reason = f"{longest} > {MAX_CELL}"
                raise DataError("table_damaged", path=printable(path), line=1, reason=reason)


def is_text(kind: Any) -> bool:
    """Tell whether a column's type is one of texts: in offsets, in views or in a dictionary."""
    from pyarrow import types

    plain = kind.value_type if types.is_dictionary(kind) else kind
    of = (types.is_string, types.is_large_string, types.is_string_view)
    return any(is_kind(plain) for is_kind in of)


def is_bytes(kind: Any) -> bool:
    """Tell whether a column's type is one of bytes: in offsets, in views or in a dictionary."""
    from pyarrow import types

    plain = kind.value_type if types.is_dictionary(kind) else kind
    of = (types.is_binary, types.is_large_binary, types.is_binary_view)
    return any(is_kind(plain) for is_kind in of)


def damaged(path: Path, error: Exception) -> DataError:
    """Make the error of a file that cannot be read: `table_damaged`."""
    reason = printable(str(error).partition("\n")[0].rstrip("."))[:200]
    return DataError("table_damaged", path=printable(path), line=1, reason=reason)
