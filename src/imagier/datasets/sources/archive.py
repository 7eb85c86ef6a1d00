"""A zip archive of class folders, read as the folder would be, without unpacking it.

    photos.zip: cat/1.jpg  dog/2.jpg        photos.zip: photos/train/cat/1.jpg ...

Where the classes stand is decided in `layout`.

A stranger's archive is judged before it is opened. Nothing is ever written to the disk, so a name
cannot lead anywhere; names that try are left out all the same, by reason. The archive as a whole is
refused when it is built to swell: too many members, members laid over each other, or more bytes
promised than a data set has.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from imagier.datasets.listing import Listing, skip
from imagier.datasets.sources.layout import arrange
from imagier.datasets.sources.tree import DEEPEST, Finds
from imagier.errors import DataError, PictureError
from imagier.files import printable
from imagier.images import MAX_BYTES, Picture, count_file, decode
from imagier.images.filenames import is_clutter, kind

__all__ = [
    "MAX_MEMBERS",
    "MAX_TOTAL",
    "ZipPictures",
    "check_archive",
    "find_members",
    "open_archive",
]

MAX_MEMBERS = 200_000
MAX_TOTAL = 64 * 2**30
MOST_SHRUNK = 100
_SMALL = 2**20
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
_HEADER = b"PK\x01\x02"
_TAIL = 22 + 65535 + 20 + 56  # the zip's end record with its longest comment, and the 64-bit ones
_BROKEN = (OSError, zipfile.BadZipFile, zlib.error, ValueError, EOFError, RuntimeError)


def open_archive(path: Path) -> Listing:
    """List the pictures of a zip archive that has a folder per class.

    Raises:
        DataError: `zip_damaged`, `zip_too_many`, `zip_too_large`, `zip_overlap`, or what
            `layout.arrange` refuses.
    """
    check_archive(path)
    try:
        archive = ZipFile(path)
    except _BROKEN as error:
        raise DataError("zip_damaged", path=printable(path), reason=str(error)[:200]) from error
    try:
        finds, members = find_members(archive.infolist(), path)
        layout = arrange(finds, path=printable(path))
    except DataError:
        archive.close()
        raise
    infos = tuple(members[name] for name in layout.names)
    return Listing(
        name=printable(path.stem),
        pictures=ZipPictures(archive, infos),
        names=layout.names,
        labels=layout.labels,
        parts=layout.parts,
        groups=("",) * len(infos),
        skipped=layout.skipped,
        notes=layout.notes,
    )


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

    def decode(self, index: int, content: bytes, wanted: tuple[int, int] | None = None) -> Picture:
        """Decode one member."""
        return decode(content, name=self._infos[index].filename, wanted=wanted)


def check_archive(path: Path) -> None:
    """Count the members without building a list of them.

    Raises:
        DataError: `zip_too_many`.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        end = file.read()
        start = end.rfind(b"PK\x05\x06")
        if start < 0 or len(end) < start + 22:
            return  # no zip at all: zipfile says so
        directory = _directory_size(end, start)
        file.seek(max(0, size - _TAIL - directory))
        count = sum(block.count(_HEADER) for block in _blocks(file))
    if count > MAX_MEMBERS:
        raise DataError("zip_too_many", path=printable(path), limit=MAX_MEMBERS)


def find_members(infos: Sequence[ZipInfo], path: Path) -> tuple[Finds, dict[str, ZipInfo]]:
    """Sort the members: files by folder, files left out with a reason, files passed over.

    Returns:
        What `layout.arrange` reads, and the members by name.

    Raises:
        DataError: `zip_overlap` or `zip_too_large`.
    """
    _check_whole(infos, path)
    finds = Finds(files={"": []})
    members: dict[str, ZipInfo] = {}
    for info in infos:
        folder, slash, name = info.filename.rpartition("/")
        code = _odd_name(info) or (_odd_folder(folder) if slash else "")
        if not code and name:
            code = _odd_file(info, name) or ("zip_name_twice" if info.filename in members else "")
        if code == "clutter":
            finds.passed_over[kind(name) or folder] += 1
        elif code:
            finds.skipped.append(skip(code, info.orig_filename, deepest=DEEPEST, ratio=MOST_SHRUNK))
        elif not name:
            finds.files.setdefault(folder, [])
        elif not finds.passes_over(name):
            finds.files.setdefault(folder, []).append(name)
            members[info.filename] = info
    return finds, members


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
    swollen = info.file_size > max(_SMALL, MOST_SHRUNK * info.compress_size)
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


def _directory_size(end: bytes, start: int) -> int:
    """Read how long the list of members is, in the 64-bit record where there is one."""
    wide = end.rfind(b"PK\x06\x06", 0, start)
    if wide >= 0:
        return int.from_bytes(end[wide + 40 : wide + 48], "little")
    return int.from_bytes(end[start + 12 : start + 16], "little")


def _blocks(file: object) -> Iterator[bytes]:
    while block := file.read(2**24):  # type: ignore[attr-defined]
        yield block
