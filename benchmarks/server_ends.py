"""Servers that are stopped under load, or killed and started again, many times.

    python -m benchmarks.server_ends stop MODEL PICTURE 100
    python -m benchmarks.server_ends kill MODEL PICTURE 200

A request counts as accepted when the server noted it; each of those must have an answer at its
client. A killed server must be ready again on the same port, with nothing to mend.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import IO

from benchmarks.http_load import written_request
from benchmarks.processes import IMAGIER, FailedError, Figures

__all__ = ["kill_and_start", "main", "stop_under_load"]

CLIENTS = 4
LONGEST_LOAD = 1.0  # seconds until it is stopped or killed
STOP_SECONDS = 15.0


def stop_under_load(model: Path, picture: bytes, *, times: int, seed: int) -> Figures:
    """Send SIGTERM at random moments while clients ask; count what was accepted, not answered."""
    chance = random.Random(seed)  # noqa: S311 - moments, no secret
    exits: Counter[str] = Counter()
    unanswered = answered = 0
    longest = 0.0
    for _ in range(times):
        process, port, log = _start(model)
        clients = [_Client(port, picture) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        time.sleep(chance.uniform(0.05, LONGEST_LOAD))
        start = time.monotonic()
        process.send_signal(signal.SIGTERM)
        exits[str(process.wait(STOP_SECONDS))] += 1
        longest = max(longest, time.monotonic() - start)
        for client in clients:
            client.join()
        process.communicate()
        last = _text(log).strip().splitlines()[-1]
        accepted = int(last.rpartition("answered=")[2].split()[0])
        got = sum(client.answered for client in clients)
        answered += got
        unanswered += max(0, accepted - got)
    return {
        "times": times,
        "answered": answered,
        "unanswered": unanswered,
        "exits": dict(exits),
        "longest_stop_seconds": longest,
    }


def kill_and_start(model: Path, picture: bytes, *, times: int, seed: int) -> Figures:
    """Kill a server under load with SIGKILL, start it again on the same port, ask."""
    chance = random.Random(seed)  # noqa: S311 - moments, no secret
    process, port, log = _start(model)
    failed, seconds = 0, []
    for _ in range(times):
        clients = [_Client(port, picture) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        time.sleep(chance.uniform(0.05, LONGEST_LOAD))
        process.kill()
        process.communicate()
        for client in clients:
            client.join()
        start = time.monotonic()
        log.close()
        process, port, log = _start(model, port)
        seconds.append(time.monotonic() - start)
        asked = _Client(port, picture, most=1)
        asked.run()
        failed += asked.answered != 1
    process.terminate()
    process.communicate()
    log.close()
    seconds.sort()
    return {"times": times, "failed": failed, "median_start_seconds": seconds[times // 2]}


class _Client(threading.Thread):
    """Asks one request after the other on one connection until it is closed."""

    def __init__(self, port: int, picture: bytes, most: int = sys.maxsize) -> None:
        super().__init__()
        self._address = "127.0.0.1", port
        self._request = written_request(*self._address, "/predict", picture, "image/png")
        self._most = most
        self.answered = 0

    def run(self) -> None:
        try:
            with socket.create_connection(self._address, timeout=30) as link:
                while self.answered < self._most:
                    link.sendall(self._request)
                    if not _is_whole(link):
                        return
                    self.answered += 1
        except OSError:
            return


def _is_whole(link: socket.socket) -> bool:
    """Receive one answer; tell whether all of it came."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = link.recv(65536)
        if not piece:
            return False
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
    left = int(fields[b"content-length"]) - len(body)
    while left > 0:
        piece = link.recv(65536)
        if not piece:
            return False
        left -= len(piece)
    return True


def _start(model: Path, port: int = 0) -> tuple[subprocess.Popen[str], int, IO[str]]:
    words = ("serve", str(model), "--port", str(port), "--json", "--quiet", "--log", "requests")
    # a pipe that nobody empties would hold the server up
    log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - whoever reads it closes it
    process = subprocess.Popen(
        (*IMAGIER, *words),
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env=os.environ | {"IMAGIER_LANG": "en"},
    )
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    line = process.stdout.readline()
    if not line:
        raise FailedError(_text(log))
    return process, int(json.loads(line)["address"].rpartition(":")[2]), log


def _text(log: IO[str]) -> str:
    with log:
        log.seek(0)
        return log.read()


def main(task: str, model: str, picture: str, times: str) -> None:
    """Run a loop and print what came of it as one JSON object."""
    run = {"stop": stop_under_load, "kill": kill_and_start}[task]
    content = Path(picture).read_bytes()
    print(json.dumps(run(Path(model), content, times=int(times), seed=0)))


if __name__ == "__main__":
    main(*sys.argv[1:])
