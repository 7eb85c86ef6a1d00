"""Fuzzed calls: whatever comes, no status 500, no hang, and the server goes on.

The long versions send 50,000 calls (`make test-slow`); the short ones run for some seconds.
"""

import itertools
import json
import random
import socket
import time

import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.recognizer.tiny_models import bar_page
from tests.server.conftest import form_of, png

CHECKS = [
    schemathesis.checks.not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
FORESEEN = {200, 400, 403, 404, 405, 408, 413, 415, 422, 431, 503}
SERVER_ERRORS = {503, 504}  # it says when to come again


def fuzz_schema(server, count):
    """Call each address as its schema says, and as it does not say; give how many calls."""
    url = f"http://127.0.0.1:{server.port}"
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    calls = []
    operations = [result.ok() for result in schema.get_all_operations()]
    for operation, mode in itertools.product(operations, GenerationMode):
        if operation.method == "get" and mode is GenerationMode.NEGATIVE:
            continue  # it has no parameters that could be wrong
        each = max(1, count // 9)

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=each,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def call(case):
            response = case.call(base_url=url, timeout=30)
            calls.append(response.status_code)
            case.validate_response(response, checks=CHECKS)

        call()
    return calls


def mutated(good, chance):
    """Spoil a request: bytes changed, cut out, doubled, put in, or its end cut off."""
    spoilt = bytearray(good)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(spoilt) or 1)
        match chance.randrange(6):
            case 0 if spoilt:
                spoilt[at] = chance.randrange(256)
            case 1:
                del spoilt[at : at + chance.randrange(1, 40)]
            case 2:
                spoilt[at:at] = spoilt[at : at + chance.randrange(1, 200)]
            case 3:
                spoilt[at:at] = chance.randbytes(chance.randrange(1, 8))
            case 4:
                del spoilt[at:]
            case _:
                words = (b"\r\n", b"\0", b"%00", b": ", b"chunked", b"-1", b"99999999999", b"\xff")
                spoilt[at:at] = chance.choice(words)
    return bytes(spoilt)


def good_requests(picture, line):
    """Write one good request of each kind."""
    form, kind = form_of(("picture", "a.png", picture), ("picture", "b.png", picture))
    bodies = [
        ("/predict?model=thirds&top=2", "image/png", picture),
        ("/batch?model=thirds", kind, form),
        ("/read?model=lines", "image/png", line),
        ("/read?model=lines&lines=true", "image/png", png(bar_page("1234"))),
    ]
    requests = []
    for path, kind_, body in bodies:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind_}\r\n"
        requests.append(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        chunks = b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
        requests.append(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    requests.append(b"GET /models HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n")
    return requests


def answer_of(server, content):
    """Send bytes and close our half; give the statuses of what comes back."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=25) as link:
        try:
            link.sendall(content)
            link.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        received = b""
        try:
            while piece := link.recv(65536):
                received += piece
        except ConnectionResetError:
            pass
    parts = received.split(b"HTTP/1.1 ")[1:]
    statuses = [int(part[:3]) for part in parts]
    for part, status in zip(parts, statuses, strict=True):
        if status >= 400:
            body = part.partition(b"\r\n\r\n")[2]
            assert not body or json.loads(body)["error"]["code"]
    return statuses


def fuzz_bytes(server, picture, line, count, *, seed):
    chance, seen = random.Random(seed), set()
    requests = good_requests(picture, line)
    for _ in range(count):
        content = mutated(chance.choice(requests), chance)
        start = time.monotonic()
        statuses = answer_of(server, content)
        assert time.monotonic() - start < 20, content[:400]
        assert set(statuses) <= FORESEEN, (statuses, content[:400])
        seen |= set(statuses)
    assert {200, 400} <= seen
    assert server.predict(picture).status == 200
    assert "bug" not in server.log()


def test_good_requests_are_good(server, picture, line):
    assert [answer_of(server, one) for one in good_requests(picture, line)] == [[200]] * 9


def test_calls_after_the_schema(server):
    calls = fuzz_schema(server, 240)
    assert len(calls) >= 100
    assert not [status for status in calls if status >= 500 and status not in SERVER_ERRORS]
    assert "bug" not in server.log()


def test_spoilt_bytes(server, picture, line):
    fuzz_bytes(server, picture, line, 1000, seed=0)


def test_spoilt_pictures(server):
    """Good heads, spoilt files: these reach the decoders."""
    chance = random.Random(1)
    generator = np.random.default_rng(1)
    good = png(generator.integers(0, 256, (30, 40, 3), np.uint8))
    for _ in range(300):
        reply = server.predict(mutated(good, chance) or b"x")
        assert reply.status in {200, 413, 415, 422}, reply.body
    assert server.metric("imagier_decoders_replaced_total") == 0


@pytest.mark.slow
def test_fifty_thousand_calls(server, picture, line):
    fuzz_schema(server, 10_000)
    fuzz_bytes(server, picture, line, 40_000, seed=2)
