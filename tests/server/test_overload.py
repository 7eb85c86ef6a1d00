"""More than the server takes on: all are answered, and the refused are told when to come."""

import asyncio
import socket
import threading
from collections import Counter

import pytest

from benchmarks.http_load import send_all, written_request
from tests.server.conftest import png, started

TOKEN = "a-token-of-some-length"


@pytest.fixture(scope="module")
def small(models, tmp_path_factory):
    """A server with one decoder, two tokens and a rate."""
    folder = tmp_path_factory.mktemp("small")
    tokens = folder / "tokens"
    tokens.write_text(f"one {TOKEN}\ntwo {TOKEN}2\n")
    words = ["--decoders", "1", "--token-file", str(tokens), "--rate", "300", "--max-size", "1"]
    with started(folder, str(models / "thirds.imagier"), *words) as one:
        yield one


def flood(server, picture, count, token=TOKEN):
    """Send pictures at once on connections of their own; give the replies."""
    replies, lock = [], threading.Lock()

    def ask():
        reply = server.predict(picture, "/predict", authorization=f"Bearer {token}")
        with lock:
            replies.append(reply)

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return replies


def test_all_are_answered_and_the_refused_told_when_to_come(small):
    import numpy as np

    picture = png(np.random.default_rng(0).integers(0, 256, (700, 700), np.uint8))
    replies = flood(small, picture, 60)
    statuses = Counter(reply.status for reply in replies)
    assert set(statuses) == {200, 503}, statuses
    for reply in replies:
        if reply.status == 503:
            assert reply.code == "server_busy"
            assert int(reply.headers["retry-after"]) >= 1
    assert flood(small, picture, 1)[0].status == 200
    assert small.ask("GET", "/health").status == 200


def test_a_rate_is_kept_for_each_token(small, picture):
    header = f"Authorization: Bearer {TOKEN}\r\n"
    request = written_request("127.0.0.1", small.port, "/predict", b"x", "image/png", header)
    moments = [number / 1500 for number in range(1200)]
    load = asyncio.run(send_all(("127.0.0.1", small.port), [request], moments))
    assert set(load.statuses) <= {422, 429, 503}
    assert load.statuses[429] > 0
    other = flood(small, picture, 1, f"{TOKEN}2")[0]
    assert other.status == 200


def test_who_shows_no_token_is_refused(small, picture):
    reply = small.predict(picture, "/predict")
    assert (reply.status, reply.code) == (401, "token_refused")
    assert reply.headers["www-authenticate"] == "Bearer"
    assert small.ask("GET", "/metrics").status == 401
    assert small.ask("GET", "/health").status == 200
    page = small.ask("GET", "/docs").body.decode()
    assert TOKEN not in page
    assert "thirds" not in page


def test_the_size_is_that_of_the_option(small):
    reply = small.predict(bytes(1 << 20) + b"x", "/predict", authorization=f"Bearer {TOKEN}")
    assert (reply.status, reply.code) == (413, "body_too_large")


def test_no_token_is_in_the_log(small):
    assert TOKEN not in small.log()


@pytest.mark.parametrize("how", ["declared", "streamed"])
def test_a_client_that_sends_far_too_much_reads_why(small, how):
    """It sends all of it before it reads, as most clients do; a reset would hide the answer."""
    piece = bytes(1 << 16)
    with socket.create_connection(("127.0.0.1", small.port), timeout=20) as wire:
        length = (
            f"Content-Length: {200 << 16}" if how == "declared" else "Transfer-Encoding: chunked"
        )
        wire.sendall(
            f"POST /predict HTTP/1.1\r\nHost: 127.0.0.1:{small.port}\r\n"
            f"Authorization: Bearer {TOKEN}\r\nContent-Type: image/png\r\n{length}\r\n\r\n".encode()
        )
        for _ in range(200):
            wire.sendall(piece if how == "declared" else b"10000\r\n" + piece + b"\r\n")
        if how == "streamed":
            wire.sendall(b"0\r\n\r\n")
        answer = b"".join(iter(lambda: wire.recv(1 << 16), b""))  # it closes the connection
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"body_too_large" in answer
