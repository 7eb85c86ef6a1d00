"""CIFAR-10 as its authors publish it for C programs: six files of records in one gzipped archive.

    one record: label, then 1024 reds, 1024 greens, 1024 blues of a 32 × 32 picture: 3073 bytes

The archive holds plain files one after the other, each behind a header of 512 bytes; only the six
files of records are looked for, by name and exact length. Nothing is unpacked to the disk.

Source: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.listing import Listing
from imagier.datasets.sources.arrays import ArrayPart, list_arrays
from imagier.errors import DataError
from imagier.files import printable, read_regular

__all__ = ["CIFAR_CLASSES", "open_cifar"]

CIFAR_CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
_RECORD = 3073
_PARTS = {
    "train": tuple(f"data_batch_{number}.bin" for number in range(1, 6)),
    "test": ("test_batch.bin",),
}
_BLOCK = 512
_LARGEST = 256 * 2**20


def open_cifar(path: Path) -> Listing:
    """Read `cifar-10-binary.tar.gz`: 50,000 pictures to learn from and 10,000 to test.

    Raises:
        DataError: `cifar_damaged`.
    """
    batches = dict(_batches(_inflate(path)))
    missing = [name for names in _PARTS.values() for name in names if name not in batches]
    if missing:
        raise DataError("cifar_damaged", path=printable(path), reason=", ".join(missing))
    parts = []
    for part, names in _PARTS.items():
        records = np.concatenate([batches[name] for name in names])
        if int(records[:, 0].max()) >= len(CIFAR_CLASSES):
            raise DataError("cifar_damaged", path=printable(path), reason=names[0])
        labels = [CIFAR_CLASSES[label] for label in records[:, 0].tolist()]
        planes = records[:, 1:].reshape(-1, 3, 32, 32)
        pixels = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
        parts.append(ArrayPart(part=part, pixels=pixels, labels=labels))
    return list_arrays(parts, name="cifar10", path=printable(path))


def _inflate(path: Path) -> bytes:
    stream = zlib.decompressobj(31)
    try:
        content = stream.decompress(read_regular(path, limit=_LARGEST), _LARGEST)
    except zlib.error as error:
        raise DataError("cifar_damaged", path=printable(path), reason=str(error)) from error
    if not stream.eof:
        raise DataError("cifar_damaged", path=printable(path), reason="gzip")
    return content


def _batches(content: bytes) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Find the files of records by name, each an array `(N, 3073)`."""
    start = 0
    while start + _BLOCK <= len(content):
        header = content[start : start + _BLOCK]
        digits = header[124:136].strip(b" \0")
        if not digits or not digits.isdigit() or not set(digits) <= set(b"01234567"):
            return
        size = int(digits, 8)
        start += _BLOCK
        name = header[:100].rstrip(b"\0").decode("ascii", "replace").rpartition("/")[2]
        whole = size > 0 and size % _RECORD == 0 and start + size <= len(content)
        if name.endswith("_batch.bin") or name.startswith("data_batch_"):
            if not whole:
                return
            records = np.frombuffer(content, np.uint8, count=size, offset=start)
            yield name, records.reshape(-1, _RECORD)
        start += -(-size // _BLOCK) * _BLOCK
