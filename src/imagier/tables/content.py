"""The content of a table file: its bytes, and its letters: UTF-8, UTF-16, or older Windows'."""

from contextlib import suppress
from pathlib import Path

from imagier.errors import DataError
from imagier.files import printable
from imagier.i18n import t

__all__ = ["check_file", "decode", "read_content"]

_LARGEST = 512 * 2**20  # bytes
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_content(path: Path) -> bytes:
    """Read a table file whole.

    Raises:
        DataError: What `check_file` refuses.
    """
    check_file(path)
    try:
        return path.read_bytes()
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
        size = path.stat().st_size
    except OSError as error:
        raise _unreadable(path, error) from error
    if size > _LARGEST:
        sizes = {"size": size >> 20, "limit": _LARGEST >> 20}
        raise DataError("table_too_large", path=printable(path), **sizes)


def decode(content: bytes, *, name: str) -> tuple[str, tuple[str, ...]]:
    r"""Read UTF-8 and marked UTF-16; take other bytes for Windows-1252, and note it.

    Args:
        content: The whole file.
        name: Its name, for notes and errors.

    Raises:
        DataError: `table_encoding`.

    >>> decode("prix;pièces\n".encode("utf-16"), name="flats.csv")
    ('prix;pièces\n', ())
    """
    encodings = ("utf-16",) if content.startswith(_UTF16_MARKS) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            text = content.decode(encoding)
            if "\0" in text:  # no text has one
                break
            is_windows = encoding == "cp1252"
            return text, (t("table.windows_letters", path=name),) if is_windows else ()
    raise DataError("table_encoding", path=name)


def _unreadable(path: Path, error: OSError) -> DataError:
    reason = error.strerror or str(error)
    return DataError("table_unreadable", path=printable(path), reason=reason)
