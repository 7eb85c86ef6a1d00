"""IDX, the format of the MNIST files: a short header, then all pixels, possibly gzipped.

    0 0 | type | dimensions | size of each, 4 bytes, most significant first | the bytes
    0 0 |  8   |     3      |      60000,  28,  28                          | 47,040,000 bytes

Pictures and labels stand in two files. The header says how long the file must be: one that is too
short, too long, or made to swell is refused after at most one byte too many.

Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits.
"""

import math
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.arrays import check_fits
from imagier.datasets.listing import Listing
from imagier.datasets.parts import PARTS, part_of
from imagier.datasets.sources.arrays import ArrayPart, list_arrays
from imagier.errors import DataError
from imagier.files import open_regular, printable

__all__ = ["idx_files", "is_idx_name", "open_idx", "open_idx_folder", "read_idx"]

_IMAGES = re.compile(r"^(?P<set>.*?)[-._]?images[-._](?:idx[34][-._]?ubyte|idx)(?:\.gz)?$", re.I)
_TYPES = {0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E}
_GZIP = b"\x1f\x8b"
_BLOCK = 2**22


def open_idx_folder(folder: Path, *, classes: Sequence[str] | None = None) -> Listing:
    """Read the IDX files of a folder: `train-images-idx3-ubyte.gz`, its labels, and so on.

    Args:
        folder: Where pictures and labels stand side by side.
        classes: The name of each label; its number where none are given.

    Raises:
        DataError: `idx_no_partner`, `idx_shape`, `idx_counts_differ`, `label_outside`, or what
            `read_idx` and `list_arrays` refuse.
    """
    files = idx_files(folder)
    plain = {entry.name.removesuffix(".gz"): entry for entry in reversed(files)}
    parts = [_read_part(images, classes) for images in plain.values()]
    parts.sort(key=lambda part: (*PARTS, "").index(part.part))
    return list_arrays(parts, name=_name(folder), path=printable(folder))


def open_idx(path: Path) -> Listing:
    """Read one IDX file of pictures and the file of labels beside it; either may be given.

    Raises:
        DataError: As `open_idx_folder`; `idx_name` when the name does not tell the other file's.
    """
    images = path if is_idx_name(path.name) else _partner(path, "labels", "images")
    name = _IMAGES.match(images.name)
    short = name["set"] if name and name["set"] else _name(path.parent)
    return list_arrays([_read_part(images, None)], name=printable(short), path=printable(path))


def idx_files(folder: Path) -> list[Path]:
    """Give the IDX files of pictures that stand in a folder."""
    with os.scandir(folder) as scan:
        names = [entry.name for entry in scan if is_idx_name(entry.name) and entry.is_file()]
    return [folder / name for name in sorted(names)]


def is_idx_name(name: str) -> bool:
    """Tell whether a file is named as the pictures of an IDX pair are.

    >>> is_idx_name("t10k-images-idx3-ubyte.gz"), is_idx_name("train-labels-idx1-ubyte.gz")
    (True, False)
    """
    return _IMAGES.match(name) is not None


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read one IDX file of bytes.

    Raises:
        DataError: `idx_magic`, `idx_type`, `idx_length`, `idx_damaged`, `idx_empty` or
            `array_too_large`.
    """
    try:
        with open_regular(path) as file:
            stored = file.seek(0, os.SEEK_END)
            file.seek(0)
            is_zipped = file.read(2) == _GZIP
            file.seek(0)
            return _read(_inflated(file) if is_zipped else _blocks(file), stored, path)
    except zlib.error as error:
        raise DataError("idx_damaged", path=printable(path), reason=str(error)) from error


def _read(blocks: Iterator[bytes], stored: int, path: Path) -> NDArray[np.uint8]:
    """Read the header, then as many bytes as it says, and see that no other follows."""
    block = next(blocks, b"")
    shape, start = _header(block, stored, path)
    numbers = np.empty(math.prod(shape), np.uint8)
    block, count = block[start:], 0
    while block and count + len(block) <= len(numbers):
        numbers[count : count + len(block)] = np.frombuffer(block, np.uint8)
        count += len(block)
        block = next(blocks, b"")
    if block:
        raise _wrong_length(shape, path, f"> {len(numbers)}")
    if count < len(numbers):
        raise _wrong_length(shape, path, str(count))
    return numbers.reshape(shape)


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(_BLOCK), b"")


def _inflated(file: IO[bytes]) -> Iterator[bytes]:
    """Inflate a gzip file block by block, up to its checksum."""
    stream = zlib.decompressobj(31)
    content = file.read(_BLOCK)
    while content:
        if block := stream.decompress(content, _BLOCK):
            yield block
        content = stream.unconsumed_tail or (b"" if stream.eof else file.read(_BLOCK))
    if not stream.eof:
        raise zlib.error("gzip: no checksum")
    rest = stream.unused_data
    while rest:
        if rest.strip(b"\0"):
            raise zlib.error("gzip: more than one file")
        rest = file.read(_BLOCK)


def _header(head: bytes, stored: int, path: Path) -> tuple[tuple[int, ...], int]:
    """Read the sizes, and where the bytes begin."""
    count = head[3] if len(head) > 3 else 0
    start = 4 + 4 * count
    if head[:2] != b"\0\0" or not 1 <= count <= 4 or len(head) < start or head[2] not in _TYPES:
        raise DataError("idx_magic", path=printable(path), received=head[:4].hex(" ") or "0")
    if head[2] != 0x08:
        raise DataError("idx_type", path=printable(path), received=f"0x{head[2]:02x}")
    sizes = tuple(int(size) for size in np.frombuffer(head, ">u4", count, offset=4))
    if 0 in sizes:
        raise DataError("idx_empty", path=printable(path), sizes=_written(sizes))
    check_fits(sizes, stored=stored, path=printable(path))
    return sizes, start


def _wrong_length(shape: Sequence[int], path: Path, received: str) -> DataError:
    facts = {"sizes": _written(shape), "expected": math.prod(shape), "received": received}
    return DataError("idx_length", path=printable(path), **facts)


def _read_part(images: Path, classes: Sequence[str] | None) -> ArrayPart:
    labels_path = _partner(images, "images", "labels")
    pixels = read_idx(images)
    labels = read_idx(labels_path)
    pixels = pixels[..., None] if pixels.ndim == 3 else pixels
    if pixels.ndim != 4 or pixels.shape[3] not in (1, 3):
        raise DataError("idx_shape", path=printable(images), sizes=_written(pixels.shape))
    if labels.ndim != 1:
        raise DataError("idx_shape", path=printable(labels_path), sizes=_written(labels.shape))
    if len(labels) != len(pixels):
        facts = {"pictures": len(pixels), "labels": len(labels)}
        raise DataError("idx_counts_differ", path=printable(images), **facts)
    names = classes or [str(number) for number in range(256)]
    if int(labels.max()) >= len(names):
        facts = {"received": int(labels.max()), "last": len(names) - 1}
        raise DataError("label_outside", path=printable(labels_path), **facts)
    return ArrayPart(
        part=_part(images.name), pixels=pixels, labels=[names[label] for label in labels.tolist()]
    )


def _partner(path: Path, mine: str, others: str) -> Path:
    """Find the file of labels beside the file of pictures, or the reverse, gzipped or not."""
    plain = path.name.removesuffix(".gz")
    name = re.sub(mine, others, plain, flags=re.I)
    if name == plain:
        raise DataError("idx_name", path=printable(path))
    numbers = ("idx1",) if others == "labels" else ("idx3", "idx4")
    wanted = [re.sub("idx[134]", number, name, flags=re.I) for number in numbers]
    for candidate in (*wanted, *(name + ".gz" for name in wanted)):
        if path.with_name(candidate).is_file():
            return path.with_name(candidate)
    raise DataError("idx_no_partner", path=printable(path), wanted=printable(wanted[0]))


def _part(name: str) -> str:
    found = _IMAGES.match(name)
    words = re.split(r"[-._]", found["set"]) if found else []
    known = ["test" if word.casefold() == "t10k" else part_of(word) for word in words]
    return next((part for part in reversed(known) if part), "")


def _name(folder: Path) -> str:
    return printable(Path(os.path.realpath(folder)).name or "pictures")


def _written(shape: Sequence[int]) -> str:
    return " × ".join(str(size) for size in shape)
