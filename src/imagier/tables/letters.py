"""The letters of a table file: UTF-8, UTF-16, or those of older Windows."""

from contextlib import suppress

from imagier.errors import DataError
from imagier.i18n import t

__all__ = ["decode"]

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


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
