"""Every odd and bad picture of the zoo, sent to the server: the same codes as elsewhere."""

import time

import pytest

from imagier.images.formats import FORMATS
from tests.server.conftest import png

STATUSES = {"format_not_allowed": 415, "too_many_pixels": 413, "file_too_large": 413}


def test_the_whole_zoo(server, picture_zoo, tmp_path):
    entries = picture_zoo(tmp_path / "zoo")
    assert len(entries) > 60
    wrong = []
    for entry in entries:
        content = (tmp_path / "zoo" / entry.name).read_bytes()
        start = time.monotonic()
        reply = server.form("/predict?model=thirds", ("picture", "some.png", content))
        seconds = time.monotonic() - start
        expected = STATUSES.get(entry.code, 422) if entry.code else 200
        code = None if reply.status == 200 else reply.code
        if (reply.status, code) != (expected, entry.code) or seconds > 8:
            wrong.append((entry.kind, reply.status, code, entry.code, round(seconds, 1)))
    assert wrong == []
    assert server.predict(png([[0, 255]] * 2)).status == 200


def test_a_refusal_names_what_is_opened(server):
    reply = server.predict(b"8BPS" + bytes(50))
    assert reply.status == 415
    assert all(name in reply.json["error"]["message"] for name in FORMATS[:3])


@pytest.mark.parametrize("path", ["/predict?model=thirds", "/read?model=lines"])
def test_a_bomb_costs_nothing(server, path):
    """A PNG of forty kilobytes that announces 50,000 × 50,000 pixels."""
    import struct
    import zlib

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 1, 0, 0, 0, 0)
    body = zlib.compress(bytes(10_000_000), 9)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    before = server.metric("process_resident_memory_bytes")
    start = time.monotonic()
    reply = server.predict(bomb, path)
    assert (reply.status, reply.code) == (413, "too_many_pixels")
    assert time.monotonic() - start < 3
    assert server.metric("process_resident_memory_bytes") - before < 32 << 20
