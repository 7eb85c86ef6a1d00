"""A zip archive of class folders, read as the folder would be, without unpacking it.

    photos.zip: cat/1.jpg  dog/2.jpg        photos.zip: photos/train/cat/1.jpg ...

What may be read is decided in `zip_members`, and where the classes stand in `layout`.
"""

import zipfile
import zlib
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from imagier.datasets.listing import Listing
from imagier.datasets.sources.layout import arrange
from imagier.datasets.sources.zip_members import check_archive, find_members
from imagier.errors import DataError, PictureError
from imagier.files import printable
from imagier.images import Picture, decode

__all__ = ["ZipPictures", "open_archive"]

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
            with self._archive.open(info) as file:
                return file.read(info.file_size)
        except _BROKEN as error:
            path = printable(info.filename)
            raise PictureError("zip_member_damaged", path=path, reason=str(error)[:200]) from error

    def decode(self, index: int, content: bytes, wanted: tuple[int, int] | None = None) -> Picture:
        """Decode one member."""
        return decode(content, name=self._infos[index].filename, wanted=wanted)
