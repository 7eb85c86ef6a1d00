"""Rows of answers as bytes: CSV, JSON lines or Parquet; and many parts laid into one file.

CSV and JSON lines are those of `imagier predict`; Parquet has the columns of the CSV table.
"""

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias

from imagier.errors import UsageError
from imagier.files import json_line, printable
from imagier.labelling.batch.labeller import Columns
from imagier.tables import csv_line, unescape
from imagier.tables.parquet import pyarrow_parquet

__all__ = ["Kind", "encode", "kind_of", "lay", "lay_tables", "titles"]

Kind: TypeAlias = Literal["csv", "tsv", "jsonl", "parquet"]
KINDS: dict[str, Kind] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
_GROUP = 2**17  # rows of a Parquet file that stand together


def kind_of(out: Path) -> Kind:
    """Tell by a file's name how it is written.

    Raises:
        UsageError: `table_ending`.
        MachineError: `reader_missing`, for Parquet without pyarrow.
    """
    kind = KINDS.get(out.suffix.lower())
    if kind is None:
        facts = {"path": printable(out), "endings": ", ".join(KINDS), "option": "--out"}
        raise UsageError("table_ending", usual=out.with_suffix(".csv").name, **facts)
    if kind == "parquet":
        pyarrow_parquet(out)
    return kind


def titles(top: int) -> list[str]:
    """Name the columns of a table, those of `imagier predict --csv`.

    >>> titles(1)
    ['path', 'status', 'label', 'probability', 'abstained', 'stranger', 'error_code',
     'error_message']
    """
    names = ["path", "status"]
    for place in range(1, top + 1):
        suffix = f"_{place}" if place > 1 else ""
        names += [f"label{suffix}", f"probability{suffix}"]
    return [*names, "abstained", "stranger", "error_code", "error_message"]


def encode(columns: Columns, kind: Kind) -> bytes:
    """Write the rows of a part, without titles."""
    if kind == "parquet":
        return _parquet(columns)
    rows = _rows(columns)
    if kind == "jsonl":
        return "".join(map(_json_row, rows)).encode()
    delimiter = "\t" if kind == "tsv" else ","
    return "".join(_csv_row(row, delimiter) for row in rows).encode()


def lay(parts: Iterable[bytes], file: IO[bytes], kind: Kind, *, top: int, model: str) -> None:
    """Lay parts behind each other into one file.

    Args:
        parts: What `encode` gave, in order.
        file: Where they go.
        kind: How they are written.
        top: Choices that a row has.
        model: Hash of the model, for the metadata of a Parquet file.
    """
    if kind == "parquet":
        lay_tables(map(_opened, parts), file, top=top, model=model)
        return
    if kind != "jsonl":
        delimiter = "\t" if kind == "tsv" else ","
        file.write(csv_line(titles(top), delimiter=delimiter).encode())
    for part in parts:
        file.write(part)


def lay_tables(tables: Iterable[Any], file: IO[bytes], *, top: int, model: str) -> None:
    """Lay Arrow tables behind each other into one Parquet file, as `lay` does with parts."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = _schema(top).with_metadata({"imagier": json.dumps({"model": model})})
    waiting: list[Any] = []
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:

        def write() -> None:
            if waiting:
                table = pa.concat_tables(waiting)
                writer.write_table(table, row_group_size=_GROUP)
                waiting.clear()

        for table in tables:
            waiting.append(table.cast(schema))
            if sum(map(len, waiting)) >= _GROUP:
                write()
        write()


def _rows(columns: Columns) -> Iterator[tuple[Any, ...]]:
    names = ("path", "status", "labels", "probabilities", "abstained", "stranger")
    every = (*names, "error_code", "error_message")
    return zip(*(columns[name].tolist() for name in every), strict=True)


def _csv_row(row: tuple[Any, ...], delimiter: str) -> str:
    """Write a row as `csv_line` does; of a plain picture, cells are not judged one by one."""
    path, status, labels, probabilities, abstained, stranger, *_ = row
    if status != "ok" or not path[0].isalnum():
        return csv_line(_cells(row), delimiter=delimiter)
    line = f"{csv_line([unescape(path)], delimiter=delimiter)[:-1]}{delimiter}ok"
    for label, probability in zip(labels, probabilities, strict=True):
        line += f"{delimiter}{_label_cell(label, delimiter)}{delimiter}{probability!r}"
    told = "" if stranger < 0 else "true" if stranger else "false"
    said = "true" if abstained else "false"
    return f"{line}{delimiter}{said}{delimiter}{told}{delimiter}{delimiter}\n"


@lru_cache(maxsize=10_000)
def _label_cell(label: str, delimiter: str) -> str:
    return csv_line(["x", label], delimiter=delimiter)[2:-1]


def _cells(row: tuple[Any, ...]) -> list[Any]:
    path, status, labels, probabilities, abstained, stranger, code, message = row
    cells = [unescape(path), status]
    for label, probability in zip(labels, probabilities, strict=True):
        cells += [label, None if label is None else probability]
    told = "" if stranger < 0 else str(bool(stranger)).lower()
    said = ["", ""] if code is None else [code, unescape(message)]
    return [*cells, str(abstained).lower(), told, *said]


def _json_row(row: tuple[Any, ...]) -> str:
    path, status, labels, probabilities, abstained, stranger, code, message = row
    is_known = labels[0] is not None
    answer = {
        "path": path,
        "status": status,
        "label": labels[0],
        "probability": probabilities[0] if is_known else None,
        "top": [list(one) for one in zip(labels, probabilities, strict=True)] if is_known else [],
        "abstained": abstained,
        "stranger": None if stranger < 0 else bool(stranger),
        "error": None if code is None else {"code": code, "message": message},
    }
    return json_line(answer) + "\n"


def _table(columns: Columns) -> Any:
    import pyarrow as pa

    def text(name: str) -> Any:
        return pa.array(columns[name].tolist(), pa.string())

    labels, shares = columns["labels"], columns["probabilities"]
    found = [text("path"), text("status")]
    for place in range(labels.shape[1]):
        found.append(pa.array(labels[:, place].tolist(), pa.string()))
        found.append(pa.array(shares[:, place], pa.float64(), from_pandas=True))
    stranger = [None if one < 0 else bool(one) for one in columns["stranger"].tolist()]
    found += [pa.array(columns["abstained"]), pa.array(stranger, pa.bool_())]
    found += [text("error_code"), text("error_message")]
    return pa.table(found, names=titles(labels.shape[1]))


def _parquet(columns: Columns) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    table = _table(columns)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _schema(top: int) -> Any:
    import pyarrow as pa

    kinds = {"probability": pa.float64(), "abstained": pa.bool_(), "stranger": pa.bool_()}
    return pa.schema([(name, kinds.get(name.split("_")[0], pa.string())) for name in titles(top)])


def _opened(part: bytes) -> Any:
    import pyarrow as pa

    return pa.ipc.open_stream(part).read_all()
