"""IDX, the format of the MNIST files: a short header, then all pixels, possibly gzipped.

    0 0 | type | dimensions | size of each, 4 bytes, most significant first | the bytes
    0 0 |  8   |     3      |      60000,  28,  28                          | 47,040,000 bytes

Pictures and labels stand in two files. The header says how long the file must be, so that a file
too short, too long, or swollen by a gzip bomb is refused after at most one byte too many.

Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits.
"""

import math
import os
import re
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.arrays import check_fits
from imagier.datasets.listing import Listing
from imagier.datasets.parts import PARTS, part_of
from imagier.datasets.sources.arrays import ArrayPart, list_arrays
from imagier.errors import DataError
from imagier.files import printable

__all__ = ["idx_files", "is_idx_name", "open_idx", "open_idx_folder", "read_idx"]

_IMAGES = re.compile(r"^(?P<set>.*?)[-._]?images[-._](?:idx[34][-._]?ubyte|idx)(?:\.gz)?$", re.I)
_TYPES = {0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E}
_MOST_SHRUNK = 1032  # deflate cannot make a file more than 1032 times smaller


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
    check_fits(path.stat().st_size, path=printable(path))
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        return _read_gzip(content, path)
    shape, start = _header(content[:64], path)
    if len(content) - start != math.prod(shape):
        raise _wrong_length(shape, path, str(len(content) - start))
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _read_gzip(content: bytes, path: Path) -> NDArray[np.uint8]:
    try:
        shape, start = _header(zlib.decompressobj(31).decompress(content[:4096], 64), path)
        size = math.prod(shape)
        if size > _MOST_SHRUNK * len(content):
            raise _wrong_length(shape, path, f"< {_MOST_SHRUNK * len(content)}")
        stream = zlib.decompressobj(31)
        inflated = stream.decompress(content, start + size + 1)
    except zlib.error as error:
        raise DataError("idx_damaged", path=printable(path), reason=str(error)) from error
    if len(inflated) > start + size or stream.unused_data.strip(b"\0"):
        raise _wrong_length(shape, path, f"> {size}")
    if len(inflated) < start + size:
        raise _wrong_length(shape, path, str(len(inflated) - start))
    if not stream.eof:
        raise DataError("idx_damaged", path=printable(path), reason="gzip: no checksum")
    return np.frombuffer(inflated, np.uint8, offset=start).reshape(shape)


def _header(head: bytes, path: Path) -> tuple[tuple[int, ...], int]:
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
    check_fits(math.prod(sizes), path=printable(path))
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
