"""The files that a table names: below one folder, never out of it."""

import os
import posixpath
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from imagier.datasets.sources.near_files import NearFiles
from imagier.files import printable
from imagier.images.filenames import has_picture_ending

__all__ = ["FoundFile", "TableFiles"]

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_MOST_NAMED = 3  # of several files that come as near


@dataclass(frozen=True, slots=True)
class FoundFile:
    r"""What became of a path as a table writes it.

    Attributes:
        name: The file's name below the root; empty where it has none.
        code: What is wrong, empty if nothing.
        candidates: The files that come as near, where that is what is wrong.
        is_near: Whether the file is called or placed a little otherwise than it is written.
        is_slashed: Whether `\` was read as `/`.
    """

    name: str
    code: str = ""
    candidates: str = ""
    is_near: bool = False
    is_slashed: bool = False


class TableFiles:
    """A folder, and what stands in each folder below it that a table speaks of."""

    def __init__(self, root: Path, *, table: Path, ending: str = "") -> None:
        """Take the folder as it is; nothing is read yet.

        Args:
            root: The folder that paths begin at.
            table: The table.
            ending: What is written behind names that do not end so.
        """
        self.root = Path(os.path.realpath(root))
        self.links: dict[str, str] = {}
        self._table = table
        self._ending = ending
        self._given = os.path.abspath(root)  # noqa: PTH100 - as it is called, links and all
        self._beside = os.path.realpath(table.parent)
        self._is_chosen = self._beside != str(self.root)
        self._files: dict[str, frozenset[str]] = {}
        self._places: dict[str, str | None] = {}
        self._near: NearFiles | None = None

    def find(self, written: str) -> FoundFile:
        """Find the file that a cell names."""
        if not written:
            return FoundFile("", "row_without_path")
        written = written.removeprefix("file://") if written.startswith("file:///") else written
        if _ADDRESS.match(written):
            return FoundFile("", "row_path_address")
        if self._ending and not written.casefold().endswith(self._ending.casefold()):
            written += self._ending
        found = self._find(written)
        if found.code == "row_file_missing" and "\\" in written:
            slashed = self._find(written.replace("\\", "/"))
            return FoundFile(slashed.name, slashed.code, is_slashed=not slashed.code)
        return self._nearest(found) if found.code == "row_file_missing" else found

    def likeness(self, written: str) -> int:
        """Tell whether a cell names a file that is there, 2, nearly does, 1, or does not, 0."""
        found = self.find(written)
        return 0 if found.code else 2 - found.is_near

    def unlisted(self, listed: set[str]) -> int:
        """Count the picture files that stand beside listed ones and are not listed."""
        return sum(
            has_picture_ending(file) and posixpath.join(folder, file) not in listed
            for folder, files in self._files.items()
            for file in files
        )

    def _find(self, written: str) -> FoundFile:
        name = posixpath.normpath(written)
        if name.startswith(("/", "\\")) or name[1:2] == ":" or name.split("/")[0] == "..":
            is_foreign = (
                not Path(name).is_absolute() and name[:2] != ".."
            )  # a drive, where none are
            below = None if is_foreign else self._below(name)
            return self._judged(below) if below is not None else self._elsewhere(name)
        found = self._judged(name)
        if found.code == "row_file_missing" and self._is_chosen:
            below = self._below(name)  # written from the table's folder after all
            return found if below is None or self._code(below) else FoundFile(below)
        return found

    def _judged(self, name: str) -> FoundFile:
        return FoundFile(name, self._code(name))

    def _code(self, name: str) -> str:
        folder, _, file = name.rpartition("/")
        if folder not in self._files:
            self._files[folder] = self._read(folder)
        return "" if file in self._files[folder] else self._look(name)

    def _below(self, name: str) -> str | None:
        """Give the name below the root of a path that begins elsewhere, None if it leads out."""
        folder, file = os.path.split(os.path.normpath(os.path.join(self._beside, name)))  # noqa: PTH118
        if folder not in self._places:
            self._places[folder] = self._place(folder)
        place = self._places[folder]
        return None if place is None or not file else posixpath.join(place, file)

    def _place(self, folder: str) -> str | None:
        try:
            for root, path in ((self._given, folder), (self.root, os.path.realpath(folder))):
                if Path(path).is_relative_to(root):
                    below = Path(path).relative_to(root).as_posix()
                    return "" if below == "." else below
        except (OSError, ValueError):  # a name that no folder can have
            pass
        return None

    def _elsewhere(self, name: str) -> FoundFile:
        """Look for a file that a whole path of another machine ends in.

        The folder it stands in is to be the same, unless the user named the folder of the pictures.
        """
        is_whole = name[:2] != ".."
        least = 1 if self._is_chosen else 2
        path = name.replace("\\", "/")
        names = self._near_files().find_end(path, least=least) if is_whole else ()
        return self._chosen(FoundFile("", "row_path_outside"), names)

    def _nearest(self, found: FoundFile) -> FoundFile:
        """Look for a file that is called or placed a little otherwise, beside the table first."""
        return self._chosen(found, self._near_files().find(found.name))

    def _near_files(self) -> NearFiles:
        if self._near is None:
            self._near = NearFiles.below(self.root, hint=self._table.stem)
        return self._near

    def _chosen(self, found: FoundFile, names: Sequence[str]) -> FoundFile:
        if len(names) == 1:
            return FoundFile(names[0], is_near=True)
        if not names:
            return found
        shown = ", ".join(printable(name)[:100] for name in sorted(names)[:_MOST_NAMED])
        return FoundFile(found.name, "row_file_ambiguous", candidates=shown)

    def _read(self, folder: str) -> frozenset[str]:
        """List the plain files of a folder inside the root; links are looked at one by one."""
        try:
            place = os.path.realpath(self.root / folder)
            if not self._is_inside(place):
                return frozenset()
            with os.scandir(place) as scan:
                return frozenset(
                    entry.name for entry in scan if entry.is_file(follow_symlinks=False)
                )
        except (OSError, ValueError):  # no such folder, or a name that no folder can have
            return frozenset()

    def _look(self, name: str) -> str:
        """Say why a name is not among the plain files; an empty string if it is one after all."""
        try:
            os.lstat(f"{self.root}/{name}")  # most that are not there end here
            real = os.path.realpath(self.root / name, strict=True)
            mode = os.lstat(real).st_mode
        except (OSError, ValueError):
            return "row_file_missing"
        if not self._is_inside(real):
            return "link_outside"
        if not stat.S_ISREG(mode):
            return "not_a_file"
        self.links[name] = real
        return ""

    def _is_inside(self, real: str) -> bool:
        return Path(real).is_relative_to(self.root)
