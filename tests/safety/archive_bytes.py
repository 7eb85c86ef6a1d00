"""Bytes of archives and arrays that say what their writer wants: ZIP, NPY and IDX by hand."""

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

__all__ = [
    "END",
    "IMAGES",
    "LABELS",
    "PICTURES",
    "Write",
    "Zip",
    "bytes_of",
    "end_64",
    "end_of",
    "head",
    "idx",
    "idx_bomb",
    "npy",
    "npz",
    "pair",
    "raw_head",
    "sound",
    "sparse",
    "zeros",
]

Write = Callable[[Path], object]
END = b"PK\5\6"


def zeros(size: int, letter: bytes = b"\0") -> bytes:
    """Compress one letter a thousand times, without the frame of zlib: one block, repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(letter * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * (size >> 20) + packer.compress(letter * (size & 0xFFFFF)) + packer.flush()


def picture(seed: int) -> bytes:
    """Write a small PNG."""
    file = io.BytesIO()
    levels = np.random.default_rng(seed).integers(0, 256, (9, 9), np.uint8)
    Image.fromarray(levels).save(file, "PNG")
    return file.getvalue()


PICTURES = [
    (f"{name}/{number}.png", picture(10 * place + number))
    for place, name in enumerate(("left", "middle", "right"))
    for number in range(10)
]


class Zip:
    """A zip archive written by hand, so that it may say anything.

    Attributes:
        body: The members so far.
        directory: The list of members so far.
    """

    def __init__(self, *, front: bytes = b"") -> None:
        self.body = bytearray(front)
        self.directory = bytearray()
        self.count = 0

    def add(
        self,
        name: bytes,
        packed: bytes,
        size: int,
        *,
        method: int = 8,
        check: int = 0,
        told: int | None = None,
        flags: int = 0,
        mode: int = 0,
        place: int | None = None,
        extra: bytes = b"",
        comment: bytes = b"",
    ) -> None:
        """Add one member, already packed."""
        place = len(self.body) if place is None else place
        told = len(packed) if told is None else told
        fields = struct.pack(
            "<HHHHHIIIHH", 20, flags, method, 0, 0, check, told, size, len(name), 0
        )
        self.body += b"PK\3\4" + fields + name + packed
        entry = b"PK\1\2" + struct.pack("<H", 20) + fields[:-2] + struct.pack("<H", len(extra))
        entry += struct.pack("<HHHII", len(comment), 0, 0, mode << 16, place)
        self.directory += entry + name + extra + comment
        self.count += 1

    def add_sound(self, name: str, content: bytes) -> None:
        """Add a member as it should be."""
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush()
        self.add(name.encode(), packed, len(content), check=zlib.crc32(content))

    def end(
        self, *, count: int | None = None, size: int | None = None, comment: bytes = b""
    ) -> bytes:
        """Give the whole archive; its end may lie about the list of members."""
        count = min(self.count, 65535) if count is None else count
        size = len(self.directory) if size is None else size
        facts = struct.pack("<HHHHIIH", 0, 0, count, count, size, len(self.body), len(comment))
        return bytes(self.body + self.directory) + END + facts + comment


def sound(**settings: bytes) -> Zip:
    """Give a zip of two classes, to be spoilt."""
    archive = Zip(**settings)
    for name, content in PICTURES:
        archive.add_sound(name, content)
    return archive


def npy(array: np.ndarray) -> bytes:
    """Write one array."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def head(shape: str, *, descr: str = "'|u1'", more: str = "") -> bytes:
    """Write the beginning of an array, whatever it says."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, {more}}}".encode()
    return raw_head(text)


def raw_head(text: bytes, *, version: int = 1, told: int | None = None) -> bytes:
    """Write the beginning of an array, whatever text it is."""
    text = text.ljust(118 - 1) + b"\n"
    length = len(text) if told is None else told
    return (
        b"\x93NUMPY"
        + bytes([version, 0])
        + struct.pack("<H" if version == 1 else "<I", length)
        + text
    )


IMAGES = npy(np.random.default_rng(0).integers(0, 256, (30, 9, 9), np.uint8))
LABELS = npy(np.array(["left", "middle", "right"] * 10))


def npz(images: bytes = IMAGES, labels: bytes = LABELS, **more: bytes) -> bytes:
    """Write an NPZ of these members, packed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, content in {"images": images, "labels": labels, **more}.items():
            archive.writestr(f"{key}.npy", content)
    return file.getvalue()


def idx(sizes: tuple[int, ...], content: bytes, *, kind: int = 8) -> bytes:
    """Write an IDX file."""
    return bytes([0, 0, kind, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + content


def idx_bomb(sizes: tuple[int, ...]) -> bytes:
    """Write a gzipped IDX file of zeros, a thousand times smaller than they are."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = packer.compress(idx(sizes, b"")) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + start + zeros(math.prod(sizes)) + bytes(8)


def pair(images: bytes, labels: bytes) -> Write:
    """Write two IDX files side by side; the first is the one that is opened."""

    def write(file: Path) -> None:
        file.write_bytes(images)
        file.with_name(file.name.replace("images-idx3", "labels-idx1")).write_bytes(labels)

    return write


def bytes_of(make: Callable[[], bytes]) -> Write:
    """Write what a function gives."""
    return lambda file: file.write_bytes(make()) and None


def sparse(size: int, tail: Callable[[int], bytes], *, front: bytes = b"PK\3\4") -> Write:
    """Write a file of so many bytes that holds nothing but its beginning and its end."""

    def write(file: Path) -> None:
        end = tail(size)
        with file.open("wb") as opened:
            opened.write(front)
            opened.seek(size - len(end))
            opened.write(end)

    return write


def end_of(size_of_list: int) -> Callable[[int], bytes]:
    """Give the end of an archive whose list of members is so many bytes long."""
    return lambda _: END + struct.pack("<HHHHIIH", 0, 0, 9, 9, size_of_list, 0, 0)


def end_64(size_of_list: int) -> Callable[[int], bytes]:
    """Give the 64-bit end of an archive whose list of members is so many bytes long."""

    def tail(size: int) -> bytes:
        facts = struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 9, 9, size_of_list, 0)
        place = size - 56 - 20 - 22
        locator = struct.pack("<IIQI", 0x07064B50, 0, place, 1)
        end = END + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
        return b"PK\6\6" + facts + locator + end

    return tail
