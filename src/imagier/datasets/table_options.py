"""How a table of pictures is read where its own columns and paths do not say it."""

import os
from dataclasses import dataclass
from pathlib import Path

from imagier.errors import UsageError
from imagier.files import printable

__all__ = ["TableOptions"]

LONGEST_ENDING = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """What is said about a table beside its name; None leaves it to the table.

    Attributes:
        path_column: The column that names the pictures.
        label_column: The column of labels, or several with commas between them: one a class, with
            a 1 where a picture is of that class and 0 elsewhere.
        images: The folder that the paths begin at, in place of the table's own.
        ending: What is written behind each name, such as `.jpg`.
        group: The column whose equal values must stay in one part, such as a writer.
        is_text: Whether the label is the text of a line: a column called so comes first.
    """

    path_column: str | None = None
    label_column: str | None = None
    images: str | os.PathLike[str] | None = None
    ending: str | None = None
    group: str | None = None
    is_text: bool = False

    @property
    def given(self) -> str:
        """The first option that was given, as it is typed; an empty string for none."""
        values = {
            "--path-column": self.path_column,
            "--label-column": self.label_column,
            "--images": self.images,
            "--ending": self.ending,
            "--group": self.group,
        }
        return next((name for name, value in values.items() if value is not None), "")

    @property
    def suffix(self) -> str:
        """What is written behind each name, its point included.

        Raises:
            UsageError: `bad_ending`.

        >>> TableOptions(ending="jpg").suffix
        '.jpg'
        """
        ending = (self.ending or "").strip()
        if len(ending) > LONGEST_ENDING or any(sign in ending for sign in "/\\\0"):
            raise UsageError("bad_ending", received=printable(ending)[:60])
        return f".{ending}" if ending and not ending.startswith(".") else ending

    def folder(self, table: Path) -> Path:
        """Give the folder that paths begin at.

        Args:
            table: The table.

        Raises:
            UsageError: `images_missing`.
        """
        if self.images is None:
            return table.parent
        folder = Path(self.images)
        if not os.fspath(self.images) or not folder.is_dir():
            raise UsageError("images_missing", path=printable(os.fspath(self.images)) or "''")
        return folder
