"""Archives of pictures as inputs: tar shards as WebDataset writes them, and zip archives.

An archive is walked from its first member to its last, and only the places of the pictures are
told; their bytes are read where they are labelled, one picture at a time and never to the disk. So
a name in an archive can lead nowhere, and an archive of any size takes no memory.
"""

import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from imagier.datasets.sources.archive import open_zip
from imagier.errors import DataError, PictureError, system_reason
from imagier.files import open_regular, printable
from imagier.images import MAX_BYTES
from imagier.images.filenames import has_picture_ending, is_clutter
from imagier.labelling.batch.entries import Member
from imagier.labelling.batch.tar_headers import TruncatedTarError, tar_files

__all__ = ["ARCHIVES", "PACKED_TARS", "members", "read_member"]

ARCHIVES = (".tar", ".zip")
PACKED_TARS = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")
MOST_SHRUNK = 100  # times its size that a member may unpack to, beyond a megabyte
_MOST_MEMBERS = 2_000_000
_SMALL = 2**20
_LOCAL_HEADER = 30
_STORED, _DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


def members(archive: str) -> Iterator[Member | PictureError]:
    """Give the pictures of an archive in their order; what is wrong with it stands in its place.

    Members that are no pictures by their names (labels, texts) are passed over.

    Args:
        archive: A tar or zip file.
    """
    shown = printable(archive)
    is_tar = archive.lower().endswith(".tar")
    try:
        yield from _of_tar(archive) if is_tar else _of_zip(archive)
    except TruncatedTarError:
        yield PictureError("shard_truncated", path=shown)
    except OSError as error:
        code = "missing" if isinstance(error, FileNotFoundError) else "unreadable"
        yield PictureError(code, path=shown, reason=system_reason(error))
    except (DataError, zipfile.BadZipFile, ValueError, EOFError) as error:
        yield PictureError("shard_damaged", path=shown, reason=printable(str(error))[:200])


def read_member(member: Member) -> bytes:
    """Read one picture of an archive.

    Raises:
        PictureError: `shard_member_damaged`, `file_too_large`, `missing` or `unreadable`.
    """
    shown = printable(member.path)
    if member.size > MAX_BYTES:
        limit, megabytes = MAX_BYTES >> 20, member.size >> 20
        raise PictureError("file_too_large", path=shown, megabytes=megabytes, limit=limit)
    try:
        with open_regular(Path(member.archive)) as file:
            file.seek(member.start)
            content = _content(file, member)
    except OSError as error:
        code = "missing" if isinstance(error, FileNotFoundError) else "unreadable"
        raise PictureError(code, path=shown, reason=system_reason(error)) from error
    except (ValueError, zlib.error) as error:
        raise PictureError("shard_member_damaged", path=shown) from error
    if len(content) != member.size or (
        member.packed is not None and zlib.crc32(content) != member.crc
    ):
        raise PictureError("shard_member_damaged", path=shown)
    if not content:
        raise PictureError("empty_file", path=shown)
    return content


def _of_tar(archive: str) -> Iterator[Member]:
    for name, start, size in tar_files(Path(archive)):
        if _is_picture(name):
            yield Member(archive=archive, name=name, start=start, size=size)


def _of_zip(archive: str) -> Iterator[Member | PictureError]:
    with open_zip(Path(archive), most=_MOST_MEMBERS) as file:
        for info in file.infolist():
            if info.is_dir() or not _is_picture(info.filename):
                continue
            shown = printable(f"{archive}/{info.filename}")
            is_bomb = info.file_size > max(_SMALL, MOST_SHRUNK * info.compress_size)
            if is_bomb or info.flag_bits & 1 or info.compress_type not in (_STORED, _DEFLATED):
                yield PictureError("shard_member_damaged", path=shown)
                continue
            yield Member(
                archive=archive,
                name=info.filename,
                start=info.header_offset,
                size=info.file_size,
                packed=info.compress_size,
                crc=info.CRC,
                is_deflated=info.compress_type == _DEFLATED,
            )


def _is_picture(name: str) -> bool:
    last = name.rpartition("/")[2]
    return has_picture_ending(last) and not is_clutter(last)


def _content(file: BinaryIO, member: Member) -> bytes:
    """Read the bytes of a member, unpacked to no more than it announced.

    Raises:
        ValueError, zlib.error: It is damaged.
    """
    if member.packed is None:
        return file.read(member.size)
    header = file.read(_LOCAL_HEADER)
    if header[:4] != b"PK\3\4":
        raise ValueError
    lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    file.seek(lengths, os.SEEK_CUR)
    packed = file.read(member.packed)
    if not member.is_deflated:
        return packed
    return zlib.decompressobj(-15).decompress(packed, member.size + 1)
