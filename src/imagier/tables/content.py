"""The content of a table file: its bytes, and its letters: UTF-8, UTF-16, or older Windows'."""

import codecs
import io
from pathlib import Path
from typing import TextIO

from imagier.errors import DataError, system_reason
from imagier.files import open_regular, printable, read_regular
from imagier.i18n import t

__all__ = ["MAX_BYTES", "MAX_ROWS", "check_file", "open_text", "read_content"]

MAX_BYTES = 128 * 2**20
MAX_ROWS = 2_000_000  # of tables whose rows are taken one by one
_BLOCK = 2**20
_PACKED_MARKS = (
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
)  # of .xlsx and .ods, and of .xls
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_content(path: Path) -> bytes:
    """Read a table file whole.

    Raises:
        DataError: What `check_file` refuses.
    """
    check_file(path)
    try:
        return read_regular(path, limit=MAX_BYTES)
    except OSError as error:
        raise _unreadable(path, error) from error


def check_file(path: Path) -> None:
    """Refuse what is no file, and what is too large, before it is read.

    Raises:
        DataError: `table_not_file`, `table_too_large` or `table_unreadable`.
    """
    if not path.is_file():
        raise DataError("table_not_file", path=printable(path))
    try:
        with open_regular(path) as file:
            size = file.seek(0, io.SEEK_END)
    except OSError as error:
        raise _unreadable(path, error) from error
    if size > MAX_BYTES:
        sizes = {"size": size >> 20, "limit": MAX_BYTES >> 20}
        raise DataError("table_too_large", path=printable(path), **sizes)


def open_text(content: bytes, *, name: str) -> tuple[TextIO, tuple[str, ...]]:
    r"""Open UTF-8 and marked UTF-16 as text; take other bytes for Windows-1252, and note it.

    Args:
        content: The whole file.
        name: Its name, for notes and errors.

    Returns:
        The text, its line ends as they stand in the file, and the notes.

    Raises:
        DataError: `table_encoding`, or `table_spreadsheet` for a spreadsheet’s own file.

    >>> text, notes = open_text("prix;pièces\n".encode("utf-16"), name="flats.csv")
    >>> text.read(), notes
    ('prix;pièces\n', ())
    """
    if content.startswith(_PACKED_MARKS):
        raise DataError("table_spreadsheet", path=name)
    encodings = ("utf-16",) if content.startswith(_UTF16_MARKS) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        if _is_text(content, encoding):
            text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
            is_windows = encoding == "cp1252"
            return text, (t("table.windows_letters", path=name),) if is_windows else ()
    raise DataError("table_encoding", path=name)


def _is_text(content: bytes, encoding: str) -> bool:
    """Tell whether all of it can be read so, and holds no NUL, as no text does."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        return not any(
            "\0" in decoder.decode(content[start : start + _BLOCK], start + _BLOCK >= len(content))
            for start in range(0, len(content), _BLOCK)
        )
    except UnicodeDecodeError:
        return False


def _unreadable(path: Path, error: OSError) -> DataError:
    reason = system_reason(error)
    return DataError("table_unreadable", path=printable(path), reason=reason)
