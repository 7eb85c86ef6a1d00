"""Hostile arrays: NPZ and IDX files that swell, lie, or have headers that no reader expects.

`ARRAYS` gives each by the file name it bears; a function writes it. They are sources to learn from
and to test on.
"""

import struct
import zlib
from functools import partial

import numpy as np

from tests.safety.archive_bytes import (
    IMAGES,
    LABELS,
    Write,
    Zip,
    bytes_of,
    end_64,
    end_of,
    head,
    idx,
    idx_bomb,
    npy,
    npz,
    pair,
    raw_head,
    sparse,
    zeros,
)

__all__ = ["ARRAYS", "ARRAYS_TAKEN"]


def many_in_npz(count: int) -> bytes:
    """List very many members in an NPZ."""
    archive = Zip()
    archive.add_sound("images.npy", IMAGES)
    archive.add_sound("labels.npy", LABELS)
    for number in range(count):
        archive.add(b"%d.npy" % number, b"", 0, method=0)
    return archive.end()


def npz_bomb(which: str, shape: str, size: int, *, descr: str = "'|u1'") -> bytes:
    """Write an NPZ with an array of zeros a thousand times larger than the file, all of it true."""
    start = head(shape, descr=descr)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH) + zeros(size)
    check, block = zlib.crc32(start), bytes(2**20)
    for _ in range(size >> 20):
        check = zlib.crc32(block, check)
    check = zlib.crc32(bytes(size & 0xFFFFF), check)
    archive = Zip()
    for key, content in (("images", IMAGES), ("labels", LABELS)):
        if key != which:
            archive.add_sound(f"{key}.npy", content)
    archive.add(f"{which}.npy".encode(), packed, len(start) + size, check=check)
    return archive.end()


def npz_header_bomb(size: int) -> bytes:
    """Write an NPZ of which one array's header is said, and is, gigabytes of spaces."""
    start = b"\x93NUMPY\2\0" + struct.pack("<I", size)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH) + zeros(size, b" ")
    archive = Zip()
    archive.add_sound("labels.npy", LABELS)
    archive.add(b"images.npy", packed, len(start) + size)
    return archive.end()


def npz_twice() -> bytes:
    """Write an NPZ that bears each array twice, under names that differ by their capitals."""
    archive = Zip()
    for key in ("images", "Images", "IMAGES", "images"):
        archive.add_sound(f"{key}.npy", IMAGES)
    for key in ("labels", "labels"):
        archive.add_sound(f"{key}.npy", LABELS)
    return archive.end()


def letters(*codes: int) -> bytes:
    """Write labels of one letter, whether there is such a letter or not."""
    return npz(labels=head("(30,)", descr="'<U1'") + struct.pack("<3I", *codes) * 10)


def packed_by(method: int) -> bytes:
    """Say of both arrays that they are packed in some way."""
    archive = Zip()
    for key, content in (("images", IMAGES), ("labels", LABELS)):
        archive.add(f"{key}.npy".encode(), content, len(content), method=method)
    return archive.end()


NAN = struct.pack("<4f", *[float("nan")] * 4)
F8 = "'<f8'"

ARRAYS: dict[str, Write] = {
    "100 million labels of no letter.npz": bytes_of(
        lambda: npz_bomb("labels", "(100000000,)", 0, descr="'<U0'")
    ),
    "10^18 labels of no letter.npz": bytes_of(
        lambda: npz_bomb("labels", "(1000000000000000000,)", 0, descr="'<U0'")
    ),
    "10^18 pictures of no byte.npz": bytes_of(
        lambda: npz_bomb("images", "(1000000000, 1000, 1000)", 0, descr="'|V0'")
    ),
    "names of no letter.npz": bytes_of(lambda: npz(names=head("(100000000,)", descr="'|S0'"))),
    "a negative shape.npz": bytes_of(lambda: npz(images=head("(-1, -3, 3)"))),
    "a shape of 2^100 and 0.npz": bytes_of(lambda: npz(images=head(f"(0, {2**100}, 3)"))),
    "labels of 2^100 and 0.npz": bytes_of(lambda: npz(labels=head(f"({2**100}, 0)"))),
    "a shape of 2^62.npz": bytes_of(lambda: npz(images=head(f"({2**62}, 3, 3)"))),
    "a shape of true and false.npz": bytes_of(lambda: npz(images=head("(True, 3, 3)"))),
    "a shape of 200 sides.npz": bytes_of(lambda: npz(images=head("(" + "1, " * 200 + ")") + b"1")),
    "a shape of text.npz": bytes_of(lambda: npz(images=head("'abc'"))),
    "a shape that is missing.npz": bytes_of(lambda: npz(images=raw_head(b"{'descr': '|u1'}"))),
    "objects.npz": bytes_of(lambda: npz(images=head("(4, 3, 3)", descr="'|O'"))),
    "objects inside.npz": bytes_of(
        lambda: npz(images=head("(4, 3, 3)", descr="[('a', '|O'), ('b', '|u1')]"))
    ),
    "an empty kind.npz": bytes_of(lambda: npz(images=head("(4, 3, 3)", descr="()"))),
    "a kind of none.npz": bytes_of(lambda: npz(images=head("(4, 3, 3)", descr="[]"))),
    "a kind of numbers.npz": bytes_of(lambda: npz(images=head("(4, 3, 3)", descr="[1, 2]"))),
    "a kind of itself.npz": bytes_of(
        lambda: npz(images=head("(4, 3, 3)", descr="(" * 90 + "'|u1'" + ", (2,))" * 90))
    ),
    "a kind of 4 GB.npz": bytes_of(lambda: npz(images=head("(4, 3, 3)", descr="'|S4000000000'"))),
    "a kind of 2^70.npz": bytes_of(
        lambda: npz(images=head("(4, 3, 3)", descr=f"('|u1', ({2**70},))"))
    ),
    "a kind of commas.npz": bytes_of(lambda: npz(images=head("(4, 3, 3)", descr="'u1,' * 9"))),
    "times.npz": bytes_of(lambda: npz(labels=head("(4,)", descr="'<M8[s]'") + bytes(32))),
    "an open parenthesis.npz": bytes_of(lambda: npz(images=raw_head(b"("))),
    "an open text.npz": bytes_of(lambda: npz(images=raw_head(b"{'descr': '''"))),
    "an odd indent.npz": bytes_of(lambda: npz(images=raw_head(b"{}\n  a\n b"))),
    "many parentheses.npz": bytes_of(lambda: npz(images=raw_head(b"(" * 9000))),
    "many signs.npz": bytes_of(lambda: npz(images=raw_head(b"-" * 9000 + b"1"))),
    "many lists.npz": bytes_of(lambda: npz(images=raw_head(b"[" * 90 + b"]" * 90))),
    "many dots.npz": bytes_of(lambda: npz(images=raw_head(b"a" + b".a" * 4000))),
    "a number of 9,000 digits.npz": bytes_of(
        lambda: npz(images=head("(" + "1" * 9000 + ", 3, 3)"))
    ),
    "a header that is no text.npz": bytes_of(lambda: npz(images=raw_head(b"\xff\xfe\0" * 20))),
    "a header of UTF-8.npz": bytes_of(lambda: npz(images=raw_head(b"\xff\xfe", version=3))),
    "a header of 60 kB.npz": bytes_of(lambda: npz(images=raw_head(b" " * 60_000))),
    "a header of 3 GB.npz": bytes_of(partial(npz_header_bomb, 3 << 30)),
    "a header said to be 4 GB.npz": bytes_of(
        lambda: npz(images=raw_head(b"{}", version=2, told=2**32 - 1))
    ),
    "version 9.npz": bytes_of(lambda: npz(images=raw_head(b"{}", version=9))),
    "pictures of 3 GB.npz": bytes_of(
        lambda: npz_bomb("images", "(30, 10000, 10000)", 3_000_000_000)
    ),
    "labels of 3 GB.npz": bytes_of(lambda: npz_bomb("labels", "(4, 750000000)", 3_000_000_000)),
    "labels of 400 million bytes.npz": bytes_of(
        lambda: npz_bomb("labels", "(400000000,)", 400_000_000)
    ),
    "texts of 400 million letters.npz": bytes_of(
        lambda: npz_bomb("labels", "(4,)", 1_600_000_000, descr="'<U100000000'")
    ),
    "decimals of 900 MB.npz": bytes_of(
        lambda: npz_bomb("images", "(30, 2000, 2000)", 960_000_000, descr=F8)
    ),
    "pictures not a number.npz": bytes_of(
        lambda: npz(images=head("(4, 1, 1)", descr="'<f4'") + NAN)
    ),
    "letters beyond all.npz": bytes_of(partial(letters, 0x110000, 0xFFFFFFFF, 65)),
    "labels of half letters.npz": bytes_of(
        lambda: npz(
            labels=head("(30,)", descr="'<U1'") + struct.pack("<3I", 0xD800, 0xDFFF, 65) * 10
        )
    ),
    "labels of 5,000 digits.npz": bytes_of(
        lambda: npz(labels=npy(np.array(["1" * 5000, "2" * 5000] * 15)))
    ),
    "labels of 2^64.npz": bytes_of(
        lambda: npz(labels=npy(np.array([2**64 - 1, 0, 1] * 10, np.uint64)))
    ),
    "long decimals.npz": bytes_of(
        lambda: npz(images=npy(np.arange(30 * 81, dtype=np.longdouble).reshape(30, 9, 9) % 256))
    ),
    "300,000 members.npz": bytes_of(partial(many_in_npz, 300_000)),
    "members twice.npz": bytes_of(npz_twice),
    "a list of 3 GB.npz": sparse(3 << 30, end_of(3_000_000_000)),
    "a list of 8 GB.npz": sparse(9 << 30, end_64(8 << 30)),
    "a kind unknown to zip.npz": bytes_of(lambda: packed_by(12)),
    "6 GB of pictures images-idx3-ubyte.gz": pair(
        idx_bomb((2_000_000, 28, 107)), idx((2_000_000,), bytes(2_000_000))
    ),
    "900 MB of pictures images-idx3-ubyte.gz": pair(
        idx_bomb((900_000, 10, 100)), idx((900_000,), bytes(900_000))
    ),
    "2 billion labels images-idx3-ubyte": pair(
        idx((4, 2, 2), bytes(16)), idx_bomb((2_000_000_000,))
    ),
    "lying images-idx3-ubyte": pair(idx((2**31, 2, 2), b"1"), idx((4,), bytes(4))),
    "unknown images-idx3-ubyte": pair(idx((4, 2, 2), bytes(16), kind=0x77), idx((4,), bytes(4))),
    "255 sides images-idx3-ubyte": pair(idx((1,) * 255, b"1"), idx((4,), bytes(4))),
    "no sides images-idx3-ubyte": pair(b"\0\0\x08\0", idx((4,), bytes(4))),
    "10 GB of nothing images-idx3-ubyte": sparse(
        10 << 30, lambda _: b"\0", front=idx((10 * 2**10, 2**10, 2**10), b"")
    ),
}

# odd rather than wrong: a reader may also take them
ARRAYS_TAKEN = {
    "long decimals.npz",
    "300,000 members.npz",
    "members twice.npz",
    "labels of 2^64.npz",
    "labels of 5,000 digits.npz",
    "labels of half letters.npz",
    "900 MB of pictures images-idx3-ubyte.gz",
}
