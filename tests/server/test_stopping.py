"""How a server ends: what was accepted is answered; killed, it starts again unharmed."""

import signal
import socket
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks.server_ends import kill_and_start, stop_under_load
from tests.server.conftest import png, started

LARGE = png(np.random.default_rng(0).integers(0, 256, (1500, 1500), np.uint8))


def test_accepted_requests_are_answered(models):
    with started(models, str(models / "thirds.imagier"), "--decoders", "1") as server:
        replies = []
        threads = [
            threading.Thread(
                target=lambda: replies.append(server.predict(LARGE, "/predict").status)
            )
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        while server.metric("imagier_places_taken") < 3:
            time.sleep(0.01)
        children = server.decoders()
        server.process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
        assert server.process.wait(20) == 0
        assert replies == [200, 200, 200]
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_at_once(models, first):
    with started(models, str(models / "thirds.imagier"), "--decoders", "1") as server:
        link = socket.create_connection(("127.0.0.1", server.port))
        head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
        link.sendall(head + b"Content-Length: 100\r\n\r\nx")
        time.sleep(0.2)
        server.process.send_signal(first)
        time.sleep(0.5)
        assert server.process.poll() is None
        start = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        assert time.monotonic() - start < 3
        link.close()


def test_an_idle_server_ends_soon(models):
    with started(models, str(models / "thirds.imagier"), "--decoders", "1") as server:
        link = socket.create_connection(("127.0.0.1", server.port))
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 0
        link.close()


def test_decoders_end_with_a_killed_server(models):
    with started(models, str(models / "thirds.imagier"), "--decoders", "2") as server:
        children = server.decoders()
        server.process.kill()
        end = time.monotonic() + 20
        while any(_runs(pid) for pid in children) and time.monotonic() < end:
            time.sleep(0.05)
        assert [pid for pid in children if _runs(pid)] == []


def test_stops_and_kills_a_few_times(models, picture):
    """The short version of the loops of `benchmarks/server_ends.py`."""
    model = models / "thirds.imagier"
    stopped = stop_under_load(model, picture, times=2, seed=0)
    assert stopped["unanswered"] == 0
    assert stopped["exits"] == {"0": 2}
    killed = kill_and_start(model, picture, times=2, seed=0)
    assert killed["failed"] == 0


@pytest.mark.slow
def test_stops_and_kills_many_times(models, picture):
    model = models / "thirds.imagier"
    assert stop_under_load(model, picture, times=100, seed=1)["unanswered"] == 0
    assert kill_and_start(model, picture, times=200, seed=1)["failed"] == 0


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
