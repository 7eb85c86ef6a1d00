"""Bad requests, each with the answer that it must have; the server goes on after each."""

import gzip
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.server.conftest import form_of

GET = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(autouse=True)
def _it_goes_on(server, picture):
    """After each bad request a good one is answered, and no place is lost."""
    yield
    assert server.predict(picture).status == 200
    assert server.metric("imagier_places_taken") == 0
    assert server.metric("imagier_body_bytes") == 0


def status_of(received):
    return int(received.split(b" ", 2)[1]) if received.startswith(b"HTTP/1.1 ") else 0


def post(*headers, body=b"", path=b"/predict?model=thirds"):
    head = [b"POST " + path + b" HTTP/1.1", b"Host: localhost", *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        ("image/png", b"", 400, "body_absent"),
        ("", b"x", 415, "body_type"),
        ("text/plain", b"x", 415, "body_type"),
        ("image/", b"x", 415, "body_type"),
        ("application/json", b'{"image": "aGVsbG8="}', 415, "body_type"),
        ("application/json", b'{"image_url": "http://127.0.0.1/"}', 415, "body_type"),
        ("application/json", b"[" * 100_000, 415, "body_type"),
        ("application/x-www-form-urlencoded", b"a=b", 415, "body_type"),
        ("multipart/form-data", b"x", 400, "multipart_malformed"),
        ("multipart/form-data; boundary=" + "x" * 71, b"x", 400, "multipart_malformed"),
        ("multipart/form-data; boundary=limit", b"--other\r\n", 400, "multipart_malformed"),
        ("multipart/form-data; boundary=limit", b"--limit\r\nX: y", 400, "multipart_malformed"),
        ("multipart/form-data; boundary=limit", b"--limit--\r\n", 422, "no_picture_sent"),
    ],
)
def test_bodies_of_the_wrong_kind(server, kind, body, status, code):
    reply = server.predict(body, kind=kind)
    assert (reply.status, reply.code) == (status, code)


@pytest.mark.parametrize(
    ("files", "path", "status", "code"),
    [
        ([("url", None, b"http://127.0.0.1/")], "/predict", 422, "part_no_file"),
        ([("a", "a.png", b"x"), ("b", "b.png", b"x")], "/predict", 422, "several_pictures_sent"),
        ([("a", "a.png", b"")], "/predict", 422, "empty_file"),
        ([("a", "a.png", b"x")] * 17, "/batch", 422, "too_many_pictures"),
        ([("a", "a.png", b"x")] * 20_000, "/batch", 422, "too_many_pictures"),
        ([("a" * 5000, "a.png", b"x")], "/batch", 400, "multipart_malformed"),
    ],
)
def test_forms_of_the_wrong_kind(server, files, path, status, code):
    start = time.monotonic()
    reply = server.form(f"{path}?model=thirds", *files)
    assert (reply.status, reply.code) == (status, code)
    assert time.monotonic() - start < 5


def test_a_batch_is_a_form(server, picture):
    reply = server.predict(picture, "/batch?model=thirds")
    assert (reply.status, reply.code) == (415, "body_type")


def test_a_compressed_body_is_refused(server, picture):
    reply = server.predict(gzip.compress(picture), content_encoding="gzip")
    assert (reply.status, reply.code) == (415, "body_compressed")


def test_a_body_that_is_announced_too_large(server):
    length = f"Content-Length: {33 << 20}".encode()
    received = server.raw(post(length, b"Content-Type: image/png"), end=False)
    assert status_of(received) == 413


def test_a_body_that_grows_too_large(server):
    """Its size is counted as it comes: in chunks, no length is announced."""
    chunk = b"%x\r\n" % (1 << 20) + bytes(1 << 20) + b"\r\n"
    head = post(b"Transfer-Encoding: chunked", b"Content-Type: image/png")
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as link:
        link.sendall(head)
        try:
            for _ in range(40):
                link.sendall(chunk)
        except OSError:
            pass  # the server has had enough
        assert status_of(link.recv(65536)) == 413


def test_tiny_chunks_are_no_burden(server):
    head = post(b"Transfer-Encoding: chunked", b"Content-Type: image/png")
    start = time.monotonic()
    received = server.raw(head + b"1\r\nx\r\n" * 50_000 + b"0\r\n\r\n", end=False, seconds=30)
    assert status_of(received) == 422
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    "headers",
    [
        [b"Content-Length: -1"],
        [b"Content-Length: 1", b"Content-Length: 2"],
        [b"Content-Length: 3", b"Transfer-Encoding: chunked"],
        [b"Content-Length: 99999999999999999999999999"],
        [b"Content-Length: x"],
        [b"Transfer-Encoding: gzip"],
        [b"Bad header"],
        [b"A : b"],
        [b"X: \0"],
    ],
)
def test_heads_that_lie(server, headers):
    received = server.raw(post(*headers, b"Content-Type: image/png", body=b"abc"))
    assert status_of(received) == 400, received
    assert b"traceback" not in received.lower()


def test_a_body_whose_chunks_are_wrong(server):
    head = post(b"Transfer-Encoding: chunked", b"Content-Type: image/png")
    received = server.raw(head + b"zz\r\nabc\r\n0\r\n\r\n", end=False)
    assert status_of(received) == 400


def test_nonsense_behind_a_good_request(server):
    received = server.raw(GET + b"\r\n" + b"\0nonsense", end=False)
    assert [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]] == [200]


@pytest.mark.parametrize(
    "content", [b"\0\1\2", b"\x16\x03\x01\x02", b"GET\r\n\r\n", b"\r\n\r\n\xff"]
)
def test_what_is_no_http(server, content):
    received = server.raw(content)
    assert status_of(received) == 400
    assert json.loads(received.partition(b"\r\n\r\n")[2])["error"]["code"] == "http_malformed"


def test_large_headers(server):
    received = server.raw(GET + b"X: " + b"y" * 20_000 + b"\r\n\r\n", end=False)
    assert status_of(received) == 431
    received = server.raw(GET + b"X: y\r\n" * 10_000 + b"\r\n", end=False)
    assert status_of(received) == 431
    received = server.raw(b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert status_of(received) == 431


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/predict", 405),
        ("PUT", "/predict", 405),
        ("DELETE", "/models", 405),
        ("HEAD", "/predict", 405),
        ("OPTIONS", "/predict", 405),
        ("TRACE", "/predict", 405),
        ("GET", "/nothing", 404),
        ("GET", "//predict", 404),
        ("GET", "/predict%00", 404),
        ("GET", "/docs/..%2f..%2fsettings.py", 404),
        ("GET", "/docs/page.py", 404),
        ("GET", "/docs/%2e%2e/docs.css", 404),
        ("GET", "/redoc", 404),
        ("POST", "/predict/", 404),
    ],
)
def test_addresses_and_methods(server, method, path, status):
    reply = server.ask(method, path)
    assert reply.status == status
    if status == 405:
        assert reply.headers["allow"]


def test_range_is_ignored(server):
    reply = server.ask("GET", "/docs/page.css", range="bytes=0-3")
    assert reply.status == 200
    assert len(reply.body) > 100


@pytest.mark.parametrize("kind", ["websocket", "h2c"])
def test_upgrades_are_refused(server, kind):
    reply = server.ask("GET", "/predict", connection="Upgrade", upgrade=kind)
    assert (reply.status, reply.code) == (400, "upgrade_refused")


def test_pipelined_requests_are_answered_in_order(server):
    received = server.raw(GET + b"\r\n" + b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]] == [200, 404]


def test_a_client_that_goes_away_leaves_no_noise(server, picture):
    before = len(server.log())
    half = post(b"Content-Length: 1000", b"Content-Type: image/png", body=picture[:20])
    with socket.create_connection(("127.0.0.1", server.port)) as link:
        link.sendall(half)
    whole = post(f"Content-Length: {len(picture)}".encode(), b"Content-Type: image/png")
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", server.port)) as link:
            link.sendall(whole + picture)
    time.sleep(0.5)
    assert "bug" not in server.log()[before:]


def test_idle_and_slow_connections_hold_nobody_up(server):
    """200 sockets that send their head letter by letter, or nothing."""
    links = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    for number, link in enumerate(links):
        if number % 2:
            link.sendall(GET[:10])
    times = []
    for _ in range(20):
        start = time.monotonic()
        assert server.ask("GET", "/health").status == 200
        times.append(time.monotonic() - start)
    for link in links:
        link.close()
    assert sorted(times)[10] < 0.1


def test_what_never_ends_is_given_up(server):
    """A head, and a body; ten seconds each, waited for at the same time."""
    start = time.monotonic()
    body = post(b"Content-Length: 1000", b"Content-Type: image/png", body=b"x")
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(server.raw, one, end=False, seconds=40) for one in (GET, body)]
        head_answer, body_answer = (one.result() for one in asked)
    assert head_answer == b""
    assert status_of(body_answer) == 408
    assert time.monotonic() - start < 25


def test_expectations_are_met(server, picture):
    """A client that asks first is told to go on, and one that asks too much is told at once."""
    head = post(
        f"Content-Length: {len(picture)}".encode(),
        b"Content-Type: image/png",
        b"Expect: 100-continue",
        b"Connection: close",
    )
    received = server.raw(head + picture, end=False)
    assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


def test_deep_forms(server):
    body, kind = form_of(("a" * 100, "b" * 300 + ".png", b"x"))
    reply = server.ask("POST", "/predict?model=thirds", body, content_type=kind)
    assert reply.code == "not_an_image"
    assert len(reply.body) < 1000
