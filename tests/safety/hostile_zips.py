"""Hostile zips: archives that swell, overlap, hide their size, lie or climb out.

`ZIPS` gives each by the file name it bears; a function writes it, sparse where its size is the
point. They are sources to learn from and to test on.
"""

import struct
import zlib
from functools import partial

import numpy as np

from tests.safety.archive_bytes import (
    END,
    PICTURES,
    Write,
    Zip,
    bytes_of,
    end_64,
    end_of,
    sound,
    sparse,
    zeros,
)

__all__ = ["ZIPS", "ZIPS_REFUSED"]

ODD = PICTURES[0][1]


def bomb(ratio_size: int) -> bytes:
    """Add a member a thousand times smaller than what it holds."""
    archive = sound()
    archive.add(b"left/bomb.png", zeros(ratio_size), ratio_size)
    return archive.end()


def swollen_member(packed_as: int) -> bytes:
    """Add a member that says less than it holds: 1 GB as a few bytes."""
    archive = sound()
    archive.add(b"left/bomb.png", zeros(2**30), packed_as)
    return archive.end()


def many(count: int, *, name: bytes = b"left/%d.png") -> bytes:
    """List very many members, all of them the same few bytes, one after the other."""
    archive = sound()
    for number in range(count):
        archive.add(name % number if b"%" in name else name, b"", 0, method=0)
    return archive.end()


def behind_64_bits(count: int) -> bytes:
    """List very many members, as 64-bit archives do."""
    archive = sound()
    for number in range(count):
        archive.add(b"left/%d.png" % number, b"", 0, method=0)
    size, start = len(archive.directory), len(archive.body)
    content = archive.end()[:-22]
    facts = (44, 45, 45, 0, 0, archive.count, archive.count, size, start)
    record = b"PK\6\6" + struct.pack("<QHHIIQQQQ", *facts)
    locator = b"PK\6\7" + struct.pack("<IQI", 0, len(content), 1)
    end = END + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    return content + record + locator + end


def under_a_decoy(count: int) -> bytes:
    """Let the remark on the last member speak of a list of 100 bytes, as 64-bit archives do."""
    archive = sound()
    for number in range(count):
        archive.add(b"left/%d.png" % number, b"", 0, method=0)
    decoy = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, 100, 0)
    archive.add(b"left/last.png", b"", 0, method=0, comment=decoy)
    return archive.end()


def overlapping(count: int) -> bytes:
    """Let very many members be one and the same, as the better zip bomb does."""
    archive = sound()
    packed = zeros(10_000_000)
    place = len(archive.body)
    archive.add(b"left/bomb.png", packed, 10_000_000)
    for number in range(count):
        archive.add(b"left/%d.png" % number, b"", 10_000_000, told=len(packed), place=place)
    return archive.end()


def spoilt(**settings: object) -> bytes:
    """Add one member that is odd in one way."""
    archive = sound()
    name = settings.pop("name", b"left/x.png")
    archive.add(name, ODD, len(ODD), method=0, **settings)
    return archive.end()


def ninety(size: int, *, count: int = 1) -> bytes:
    """Add members that are ninety times smaller than what they hold: less than a bomb."""
    archive = sound()
    noise = np.random.default_rng(0).bytes(size // 95)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(noise) + packer.flush(zlib.Z_FULL_FLUSH) + zeros(size)
    for number in range(count):
        archive.add(b"left/large%d.png" % number, packed, len(noise) + size)
    return archive.end()


def encrypted_all(**settings: int) -> bytes:
    """Say of all members that they are packed or locked in some way."""
    archive = Zip()
    for name, content in PICTURES:
        archive.add(name.encode(), content, len(content), **{"method": 0, **settings})
    return archive.end()


ZIPS: dict[str, Write] = {
    "a member of 10 GB.zip": bytes_of(partial(bomb, 10 * 2**30 // 16)),
    "a member that says less.zip": bytes_of(partial(swollen_member, 1000)),
    "a member of 200 MB, 90 times smaller.zip": bytes_of(lambda: ninety(200 << 20)),
    "20 members of 200 MB.zip": bytes_of(lambda: ninety(200 << 20, count=20)),
    "250,000 members.zip": bytes_of(partial(many, 250_000)),
    "250,000 members under a small end.zip": bytes_of(partial(under_a_decoy, 250_000)),
    "250,000 members behind 64 bits.zip": bytes_of(partial(behind_64_bits, 250_000)),
    "190,000 members.zip": bytes_of(partial(many, 190_000)),
    "190,000 of one name.zip": bytes_of(partial(many, 190_000, name=b"left/x.png")),
    "190,000 folders.zip": bytes_of(partial(many, 190_000, name=b"left/%d/x.png")),
    "190,000 classes.zip": bytes_of(partial(many, 190_000, name=b"%d/x.png")),
    "a name of 65,000 letters.zip": bytes_of(lambda: spoilt(name=b"left/" + b"x" * 65_000)),
    "classes of 5,000 digits.zip": bytes_of(lambda: spoilt(name=b"1" * 5000 + b"/x.png")),
    "names of 13,000 steps.zip": bytes_of(lambda: spoilt(name=b"left/" * 13_000 + b"x.png")),
    "a comment of 65,535.zip": bytes_of(lambda: sound().end(comment=b"PK\5\6" * 16_383)),
    "a comment that is an end.zip": bytes_of(
        lambda: sound().end(comment=END + bytes(18) + b"rest")
    ),
    "a fifth of a GB in front.zip": sparse(200 << 20, lambda _: sound().end()),
    "a list of 3 GB.zip": sparse(3 << 30, end_of(3_000_000_000)),
    "a list of 8 GB.zip": sparse(9 << 30, end_64(8 << 30)),
    "a list of 2^60.zip": sparse(1 << 20, end_64(2**60)),
    "1 TB of nothing.zip": sparse(1 << 40, end_64((1 << 40) - 200)),
    "an end that lies.zip": bytes_of(lambda: sound().end(count=65_535, size=2**32 - 1)),
    "an end of none.zip": bytes_of(lambda: sound().end(count=0, size=0)),
    "a list one byte short.zip": bytes_of(lambda: sound().end(size=100)),
    "5,000 over one another.zip": bytes_of(partial(overlapping, 5000)),
    "a zip in a zip.zip": bytes_of(lambda: spoilt(name=b"left/inner.zip")),
    "a link.zip": bytes_of(lambda: spoilt(mode=0o120777)),
    "a device.zip": bytes_of(lambda: spoilt(mode=0o020666)),
    "encrypted.zip": bytes_of(lambda: spoilt(flags=1)),
    "strongly encrypted.zip": bytes_of(lambda: spoilt(flags=0x41)),
    "an unknown method.zip": bytes_of(lambda: encrypted_all(method=97)),
    "all encrypted.zip": bytes_of(lambda: encrypted_all(flags=1)),
    "a wrong UTF-8 name.zip": bytes_of(lambda: spoilt(name=b"left/\xff\xfe.png", flags=0x800)),
    "a member at 4 GB.zip": bytes_of(lambda: spoilt(place=2**32 - 2)),
    "a member of 2^32 bytes.zip": bytes_of(lambda: spoilt(told=2**32 - 2)),
    "a broken extra.zip": bytes_of(lambda: spoilt(extra=b"\1\0\xff\xff")),
    "64-bit sizes in the extra.zip": bytes_of(
        lambda: spoilt(told=2**32 - 1, extra=struct.pack("<HHQQ", 1, 16, 2**63, 2**63))
    ),
    "climbing names.zip": bytes_of(lambda: spoilt(name=b"../" * 20 + b"etc/x.png")),
    "a NUL in a name.zip": bytes_of(lambda: spoilt(name=b"left/\0x.png")),
    "an empty name.zip": bytes_of(lambda: spoilt(name=b"")),
}

# wrong as a whole; in the others one member is, beside thirty sound ones
ZIPS_REFUSED = {
    name
    for name in ZIPS
    if name.startswith(("250,000", "a list", "1 TB", "an end", "5,000", "all encrypted"))
    or name in {"an unknown method.zip", "a wrong UTF-8 name.zip", "a broken extra.zip"}
}
