"""A zip archive of class folders, read as the folder would be, without unpacking it.

    photos.zip: cat/1.jpg  dog/2.jpg        photos.zip: photos/train/cat/1.jpg ...

Where the classes stand is decided in `layout`; where they are no folders, the table in the archive
is read, see `archive_tables`.

A stranger's archive is judged before it is opened. Nothing is ever written to the disk, so a name
cannot lead anywhere; names that try are left out all the same, by reason. The archive as a whole is
refused when it is built to swell: too many members, members laid over each other, or more bytes
promised than a data set has.
"""

import io
import stat
import weakref
import zipfile
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from imagier.datasets.listing import Listing, skip
from imagier.datasets.sources.archive_tables import open_archive_table
from imagier.datasets.sources.layout import arrange
from imagier.datasets.sources.tree import DEEPEST, Finds
from imagier.datasets.table_options import TableOptions
from imagier.errors import DataError, ImagierError, PictureError, UsageError
from imagier.files import open_regular, printable
from imagier.images import MAX_BYTES, Picture, count_file, decode
from imagier.images.filenames import is_clutter, kind

__all__ = [
    "MAX_MEMBERS",
    "MAX_TOTAL",
    "ZipPictures",
    "find_members",
    "open_archive",
    "open_zip",
]

MAX_MEMBERS, MAX_FOLDERS = 200_000, 50_000
MAX_TOTAL = 64 * 2**30
MOST_SHRUNK, LARGE_SHRUNK = 100, 20  # of small files, and of large ones
_SMALL, _LARGE = 2**20, 2**26
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
_HEADER = b"PK\x01\x02"
_LARGEST_ENTRY = 512  # bytes for one member in the list, in the mean
_BROKEN = (OSError, zipfile.BadZipFile, zlib.error, ValueError, EOFError, RuntimeError)


def open_archive(
    path: Path, *, label_from: str | None = None, options: TableOptions | None = None
) -> Listing:
    """List the pictures of a zip archive: of a folder per class, or of the table in it.

    Args:
        path: The archive.
        label_from: A regular expression that finds the class in a file's name.
        options: What is said about the table in it.

    Raises:
        DataError: `zip_damaged`, `zip_too_many`, `zip_too_large`, `zip_overlap`, or what
            `layout.arrange` or `open_archive_table` refuse.
        UsageError: `option_needs_table`, `label_from_needs_files`.
    """
    asked = options or TableOptions()
    if label_from is not None and asked.given:
        raise UsageError("label_from_needs_files", path=printable(path))
    try:
        archive = open_zip(path)
    except _BROKEN as error:
        raise DataError("zip_damaged", path=printable(path), reason=str(error)[:200]) from error
    try:
        _check_kind(archive, path)
        finds, members = find_members(archive.infolist(), path)
        return _listing(archive, finds, members, path, label_from=label_from, options=asked)
    except _BROKEN as error:
        archive.close()
        raise DataError("zip_damaged", path=printable(path), reason=str(error)[:200]) from error
    except ImagierError:
        archive.close()
        raise


def _listing(
    archive: ZipFile,
    finds: Finds,
    members: dict[str, ZipInfo],
    path: Path,
    *,
    label_from: str | None,
    options: TableOptions,
) -> Listing:
    """Take the folders' names for the classes; where they are none, the table."""

    def pictures(names: Sequence[str]) -> ZipPictures:
        return ZipPictures(archive, tuple(members[name] for name in names))

    def by_table() -> Listing | None:
        return open_archive_table(archive, members, path, pictures=pictures, options=options)

    if options.given:
        found = by_table()
        if found is None:
            raise UsageError("option_needs_table", path=printable(path), option=options.given)
        return found
    finds.tables.clear()  # no command can name what is packed
    try:
        layout = arrange(finds, path=printable(path), label_from=label_from)
    except DataError:
        found = by_table() if label_from is None else None
        if found is None:
            raise
        return found
    listing = Listing(
        name=printable(path.stem),
        pictures=pictures(layout.names),
        names=layout.names,
        labels=layout.labels,
        parts=layout.parts,
        groups=("",) * len(layout.names),
        skipped=layout.skipped,
        notes=layout.notes,
    )
    if len(listing.classes) > 1 or label_from is not None:
        return listing
    return by_table() or listing


class ZipPictures:
    """Members of an open zip archive, inflated only when they are asked for."""

    __slots__ = ("_archive", "_infos")

    def __init__(self, archive: ZipFile, infos: tuple[ZipInfo, ...]) -> None:
        self._archive = archive
        self._infos = infos

    def __len__(self) -> int:
        return len(self._infos)

    def read(self, index: int) -> bytes:
        """Inflate one member: the bytes that its file would have on a disk."""
        info = self._infos[index]
        try:
            count_file(info.file_size)
            with self._archive.open(info) as file:
                return file.read(info.file_size)
        except _BROKEN as error:
            path = printable(info.filename)
            raise PictureError("zip_member_damaged", path=path, reason=str(error)[:200]) from error

    def decode(
        self,
        index: int,
        content: bytes,
        wanted: tuple[int, int] | None = None,
        white: int | None = None,
    ) -> Picture:
        """Decode one member."""
        return decode(content, name=self._infos[index].filename, wanted=wanted, white=white)


def open_zip(path: Path, *, most: int | None = None) -> ZipFile:
    """Open a zip archive of a stranger; its list of members is judged before it is taken apart.

    Args:
        path: The archive.
        most: How many members it may have; None for `MAX_MEMBERS`.

    Raises:
        DataError: `zip_too_many`.
        OSError, BadZipFile, ValueError: What `zipfile` says of a damaged one.
    """
    file = _CountedEntries(open_regular(path).detach(), most or MAX_MEMBERS, path)
    try:
        archive = ZipFile(file)
    except BaseException:
        file.close()
        raise
    weakref.finalize(archive, file.close)  # `zipfile` leaves a file that it was given open
    file.is_counting = False
    return archive


class _CountedEntries(io.BufferedReader):
    """A zip archive's bytes as `zipfile` reads them: while it opens one, it reads the list whole.

    What it reads is counted, rather than what the archive announces, which may be said twice.
    """

    def __init__(self, raw: io.RawIOBase, most: int, path: Path) -> None:
        super().__init__(raw)
        self.is_counting = True
        self._most = most
        self._path = path

    def read(self, size: int | None = -1, /) -> bytes:
        if not self.is_counting:
            return super().read(size)
        limit = self._most * _LARGEST_ENTRY
        content = super().read(limit + 1 if size is None or size < 0 else min(size, limit + 1))
        if len(content) > limit or content.count(_HEADER) > self._most:
            raise DataError("zip_too_many", path=printable(self._path), limit=self._most)
        return content


def find_members(infos: Sequence[ZipInfo], path: Path) -> tuple[Finds, dict[str, ZipInfo]]:
    """Sort the members: files by folder, files left out with a reason, files passed over.

    Returns:
        What `layout.arrange` reads, and the members by name, those passed over too.

    Raises:
        DataError: `zip_overlap`, `zip_too_large` or `zip_too_many_folders`.
    """
    _check_whole(infos, path)
    finds = Finds(files={"": []})
    members: dict[str, ZipInfo] = {}
    for info in infos:
        whole = _plain(info.filename)
        folder, slash, name = whole.rpartition("/")
        code = _odd_name(info) or (_odd_folder(folder) if slash else "")
        if not code and name:
            code = _odd_file(info, name) or ("zip_name_twice" if whole in members else "")
        if code == "clutter":
            finds.passed_over[kind(name) or folder] += 1
        elif code:
            finds.skipped.append(skip(code, info.orig_filename, deepest=DEEPEST, ratio=MOST_SHRUNK))
        elif not name:
            if folder:
                finds.files.setdefault(folder, [])
        else:
            if not finds.passes_over(whole):
                finds.files.setdefault(folder, []).append(name)
            members[whole] = info
        if len(finds.files) > MAX_FOLDERS:
            raise DataError("zip_too_many_folders", path=printable(path), limit=MAX_FOLDERS)
    return finds, members


def _plain(name: str) -> str:
    """Leave out the steps `.` of a name, which lead nowhere: `./cat/1.jpg` is `cat/1.jpg`."""
    if not (name.startswith("./") or "/./" in name):
        return name
    *folders, last = name.split("/")
    return "/".join([*(step for step in folders if step != "."), last])


def _check_kind(archive: ZipFile, path: Path) -> None:
    """Refuse a spreadsheet or a text of an office program, which are zip archives too."""
    names = set(archive.namelist())
    if "[Content_Types].xml" in names:  # Microsoft's
        is_spreadsheet = any(name.startswith("xl/") for name in names)
    elif {"mimetype", "content.xml"} <= names:  # OpenDocument
        info = archive.getinfo("mimetype")
        is_spreadsheet = info.file_size < 200 and b"spreadsheet" in archive.read(info)
    else:
        return
    raise DataError(
        "source_spreadsheet" if is_spreadsheet else "source_document", path=printable(path)
    )


def _odd_name(info: ZipInfo) -> str:
    name = info.orig_filename
    odd = "\\" in name or "\0" in name or name[1:2] == ":" or not name
    return "zip_name_unsafe" if odd else ""


@lru_cache(maxsize=4096)
def _odd_folder(folder: str) -> str:
    """Judge the folders in front of a name; most names share them."""
    steps = folder.split("/")
    if any(step in ("", ".", "..") for step in steps):
        return "zip_name_unsafe"
    if any(is_clutter(step) for step in steps):
        return "clutter"
    return "too_deep" if len(steps) > DEEPEST else ""


def _odd_file(info: ZipInfo, name: str) -> str:
    if name == "..":
        return "zip_name_unsafe"
    if is_clutter(name):
        return "clutter"
    if info.flag_bits & 0x1:
        return "zip_encrypted"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return "zip_not_a_file"
    return _odd_content(info, name)


def _odd_content(info: ZipInfo, name: str) -> str:
    if name.lower().endswith(_ARCHIVES):
        return "zip_nested"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "zip_method"
    swollen = info.file_size > max(_SMALL, MOST_SHRUNK * info.compress_size) or (
        info.file_size > max(_LARGE, LARGE_SHRUNK * info.compress_size)
    )
    return "zip_bomb" if swollen or info.file_size > MAX_BYTES else ""


def _check_whole(infos: Sequence[ZipInfo], path: Path) -> None:
    total = sum(info.file_size for info in infos)
    if total > MAX_TOTAL:
        facts = {"size": total >> 30, "limit": MAX_TOTAL >> 30}
        raise DataError("zip_too_large", path=printable(path), **facts)
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise DataError("zip_overlap", path=printable(path), name=printable(info.filename))
        end = info.header_offset + 30 + info.compress_size
