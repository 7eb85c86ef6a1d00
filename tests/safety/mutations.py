"""Mutations: sound bytes spoilt at random, blindly or where their format has its joints.

Each function takes a generator of random numbers and bytes, and gives other bytes; the same seed
gives the same. `spoil` does so blindly, whatever the format; the others know one.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = [
    "Mutate",
    "Random",
    "flip",
    "odd_number",
    "spoil",
    "spoil_chunks",
    "spoil_csv",
    "spoil_footer",
    "spoil_gzip",
    "spoil_npy",
    "spoil_segments",
    "spoil_tags",
    "spoil_zip",
]

Random = np.random.Generator
Mutate = Callable[[Random, bytes], bytes]
NUMBERS = (0, 1, 2, 3, 127, 128, 255, 256, 32767, 65535, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**63)
ODD_NAMES = ("../x.png", "left/" + "1" * 5000, "\0", "/", "1" * 5000 + "/x.png")
ODD_CELLS = (
    *("", " ", "nan", "inf", "-inf", "1e999", "1" * 400, "1" * 5000, "=1+1", '"', '""', "\0", "\r"),
    *(
        "\n",
        ",",
        ";",
        "\t",
        "١٢٣",
        "1,5",
        "1 000",
        "é",
        "\ufeff",
        "x" * 140_000,
        "../..",
        "/",
        "a/b",
    ),
)


def spoil(random: Random, content: bytes) -> bytes:
    """Cut, flip, repeat, move or overwrite, one to four times."""
    for _ in range(int(random.integers(1, 5))):
        content = BLIND[int(random.integers(len(BLIND)))](random, content)
    return content


def truncate(random: Random, content: bytes) -> bytes:
    """Cut the end off."""
    return content[: _place(random, content)]


def flip(random: Random, content: bytes) -> bytes:
    """Flip a few bits."""
    changed = bytearray(content)
    for place in random.integers(0, max(1, len(changed)), int(random.integers(1, 9))):
        if place < len(changed):
            changed[place] ^= 1 << int(random.integers(8))
    return bytes(changed)


def overwrite(random: Random, content: bytes) -> bytes:
    """Write an odd number somewhere, of any width and order."""
    width = int(random.choice([1, 2, 4, 8]))
    number = odd_number(random) & (1 << 8 * width) - 1
    odd = number.to_bytes(width, "little" if random.random() < 0.5 else "big")
    place = _place(random, content[: 4096 if random.random() < 0.7 else None])
    return content[:place] + odd + content[place + width :]


def repeat(random: Random, content: bytes) -> bytes:
    """Say a block twice."""
    first, last = _span(random, content)
    return content[:last] + content[first:last] + content[last:]


def delete(random: Random, content: bytes) -> bytes:
    """Leave a block out."""
    first, last = _span(random, content)
    return content[:first] + content[last:]


def insert(random: Random, content: bytes) -> bytes:
    """Put noise, or zeros, between."""
    place, size = _place(random, content), int(random.integers(1, 300))
    between = random.bytes(size) if random.random() < 0.5 else bytes(size)
    return content[:place] + between + content[place:]


def splice(random: Random, content: bytes) -> bytes:
    """Put one block where another was."""
    (first, last), place = _span(random, content), _place(random, content)
    block = content[first:last]
    return content[:place] + block + content[place + len(block) :]


BLIND: tuple[Mutate, ...] = (
    truncate,
    flip,
    flip,
    overwrite,
    overwrite,
    repeat,
    delete,
    insert,
    splice,
)


def spoil_chunks(random: Random, content: bytes) -> bytes:
    """Spoil the chunks of a PNG, or of a WEBP, their lengths and checksums being right again."""
    is_png = content.startswith(b"\x89PNG")
    head, chunks = (content[:8], _png_chunks(content)) if is_png else (b"", _riff_chunks(content))
    chunks = _shuffled(random, chunks)
    if chunks and random.random() < 0.8:
        which = int(random.integers(len(chunks)))
        name, body = chunks[which]
        chunks[which] = name, spoil(random, body)
    if is_png:
        return head + b"".join(
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
            for name, body in chunks
        )
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(part)) + part + bytes(len(part) % 2) for name, part in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def spoil_segments(random: Random, content: bytes) -> bytes:
    """Spoil the segments of a JPEG, their lengths being right again."""
    place, segments = 2, []
    while content[place : place + 1] == b"\xff" and content[place + 1 : place + 2] != b"\xda":
        size = int.from_bytes(content[place + 2 : place + 4], "big")
        segments.append((content[place : place + 2], content[place + 4 : place + 2 + size]))
        place += 2 + size
    segments = _shuffled(random, segments)
    if segments:
        which = int(random.integers(len(segments)))
        name, body = segments[which]
        segments[which] = name, spoil(random, body)[:65_000]
    parts = [name + struct.pack(">H", len(body) + 2) + body for name, body in segments]
    return content[:2] + b"".join(parts) + content[place:]


def spoil_tags(random: Random, content: bytes) -> bytes:
    """Spoil an entry of the first directory of a TIFF."""
    order = "<" if content[:2] == b"II" else ">"
    start = struct.unpack(order + "I", content[4:8])[0]
    if content[2:4] not in (b"*\0", b"\0*") or start + 2 > len(content):
        return spoil(random, content)
    count = struct.unpack(order + "H", content[start : start + 2])[0]
    for _ in range(int(random.integers(1, 4))):
        place = start + 2 + 12 * int(random.integers(max(1, count)))
        field, width = [(0, 2), (2, 2), (4, 4), (8, 4), (8, 2)][int(random.integers(5))]
        number = odd_number(random) & (1 << 8 * width) - 1
        odd = number.to_bytes(width, "little" if order == "<" else "big")
        content = content[: place + field] + odd + content[place + field + width :]
    return content


def spoil_csv(random: Random, content: bytes) -> bytes:
    """Put odd cells into a CSV, change its separators, move its rows."""
    rows = [row.split(b",") for row in content.split(b"\n")]
    for _ in range(int(random.integers(1, 5))):
        row = rows[int(random.integers(len(rows)))]
        odd = ODD_CELLS[int(random.integers(len(ODD_CELLS)))].encode()
        where = int(random.integers(len(row) + 1))
        row[where : where + int(random.integers(2))] = [odd]
    mark = bytes(random.choice([b",", b",", b",", b";", b"\t", b" "]))
    end = bytes(random.choice([b"\n", b"\n", b"\r\n", b"\r"]))
    text = end.join(mark.join(row) for row in rows)
    encoding = str(random.choice(["utf-8"] * 6 + ["utf-16", "utf-16-le", "latin-1", "utf-8-sig"]))
    return text.decode("utf-8", "replace").encode(encoding, "replace")


def spoil_footer(random: Random, content: bytes) -> bytes:
    """Spoil the description at the end of a Parquet file, its length being right again."""
    size = int.from_bytes(content[-8:-4], "little")
    footer = spoil(random, content[-8 - size : -8])
    return content[: -8 - size] + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def spoil_gzip(random: Random, content: bytes) -> bytes:
    """Spoil what is packed, and pack it again."""
    inside = spoil(random, zlib.decompress(content, 31))
    packer = zlib.compressobj(wbits=31)
    return packer.compress(inside) + packer.flush()


def spoil_zip(random: Random, content: bytes) -> bytes:
    """Spoil a member, its name, or the number of one; the rest of the archive is right again."""
    members = _members(content)
    which = int(random.integers(len(members)))
    name, body = members[which]
    match int(random.integers(5)):
        case 0:
            members[which] = name, spoil(random, body)
        case 1:
            members[which] = str(random.choice([*ODD_NAMES, name * 9])), body
        case 2:
            members.append(members[which])
        case 3:
            members = members[:which]
        case _:
            at = content.find(b"PK\1\2") if random.random() < 0.7 else content.rfind(b"PK\5\6")
            return content[:at] + overwrite(random, content[at:])
    return _zipped(members)


def spoil_npy(random: Random, content: bytes) -> bytes:
    """Spoil the header of an array of an NPZ; the archive is right again."""
    members = _members(content)
    which = int(random.integers(len(members)))
    name, body = members[which]
    size = int.from_bytes(body[8:10], "little")
    header, rest = body[10 : 10 + size].decode("latin-1"), body[10 + size :]
    pieces = re.findall(r"\d+|\w+|\s+|.", header, re.DOTALL)
    for _ in range(int(random.integers(1, 4))):
        at = int(random.integers(len(pieces)))
        odd = [str(odd_number(random)), "(", ")", "'", "-", "1" * 30, "None", "|O", "<U0", "", ","]
        pieces[at] = odd[int(random.integers(len(odd)))]
    header = "".join(pieces)[:65_000]
    start = body[:8] + struct.pack("<H", len(header))
    members[which] = name, start + header.encode("latin-1") + rest
    return _zipped(members)


def _place(random: Random, content: bytes) -> int:
    return int(random.integers(len(content) + 1))


def _span(random: Random, content: bytes) -> tuple[int, int]:
    first = _place(random, content)
    return first, min(len(content), first + int(2 ** random.uniform(0, 12)))


def odd_number(random: Random) -> int:
    number = NUMBERS[int(random.integers(len(NUMBERS)))]
    return number if random.random() < 0.8 else int(random.integers(2**32))


def _png_chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    place, chunks = 8, []
    while place + 12 <= len(content):
        size = int.from_bytes(content[place : place + 4], "big")
        chunks.append((content[place + 4 : place + 8], content[place + 8 : place + 8 + size]))
        place += 12 + size
    return chunks


def _riff_chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    place, chunks = 12, []
    while place + 8 <= len(content):
        size = int.from_bytes(content[place + 4 : place + 8], "little")
        chunks.append((content[place : place + 4], content[place + 8 : place + 8 + size]))
        place += 8 + size + size % 2
    return chunks


def _shuffled(random: Random, parts: list[Any]) -> list[Any]:
    """Swap, repeat or leave out a part now and then."""
    parts = list(parts)
    if not parts or random.random() < 0.5:
        return parts
    one, two = (int(random.integers(len(parts))) for _ in range(2))
    match int(random.integers(3)):
        case 0:
            parts[one], parts[two] = parts[two], parts[one]
        case 1:
            parts.insert(one, parts[two])
        case _:
            del parts[one]
    return parts


def _members(content: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def _zipped(members: list[tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members:
            info = zipfile.ZipInfo(name or "x")
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.NameToInfo.clear()  # the same name may stand twice
            archive.writestr(info, body)
    return file.getvalue()
