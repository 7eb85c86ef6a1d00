"""Requests sent at given moments, whatever became of those before: an open loop.

Each is timed from the moment when it should have been sent. A generator that waits for answers, or
times from when it got round to sending, leaves out just the waiting that users would have
(coordinated omission). The loop spins just before each moment, to be on time to some microseconds:
give it a core of its own.
"""

import asyncio
import math
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Load", "percentile", "send_all", "send_closed", "written_request"]

PATIENCE = 30.0  # seconds for one answer
SPIN = 0.002  # seconds before a moment in which the loop does not sleep


@dataclass(slots=True)
class Load:
    """What came of requests.

    Attributes:
        statuses: How many there were of each status; 0 for those without an answer.
        seconds: Of the answers 200, from the intended moment.
        elapsed: From the first request to the last answer.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    elapsed: float = 0.0


def written_request(
    host: str, port: int, path: str, content: bytes, kind: str, headers: str = ""
) -> bytes:
    """Write a POST request, to be sent again and again."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: {kind}\r\n{headers}"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def send_all(
    address: tuple[str, int], requests: Sequence[bytes], moments: Sequence[float]
) -> Load:
    """Send requests in turn, one at each moment.

    Args:
        address: Host and port.
        requests: What is sent, the first again after the last.
        moments: When, in seconds from now, growing.
    """
    load, free, tasks = Load(), deque[_Connection](), set[asyncio.Task[None]]()
    start = time.perf_counter() + 0.05
    for number, moment in enumerate(moments):
        while (left := start + moment - time.perf_counter()) > 0:
            await asyncio.sleep(max(0.0, left - SPIN))
        one = _timed(address, requests[number % len(requests)], start + moment, free, load)
        task = asyncio.get_running_loop().create_task(one)
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    while tasks:
        await asyncio.wait(set(tasks))
    load.elapsed = time.perf_counter() - start
    for connection in free:
        connection.close()
    return load


async def send_closed(
    address: tuple[str, int], requests: Sequence[bytes], *, clients: int, seconds: float
) -> Load:
    """Let so many clients each send one request after the other, for so long: what is possible."""
    load, start = Load(), time.perf_counter()

    async def client(number: int) -> None:
        free: deque[_Connection] = deque()
        while time.perf_counter() < start + seconds:
            request = requests[number % len(requests)]
            number += clients
            await _timed(address, request, time.perf_counter(), free, load)
        for connection in free:
            connection.close()

    await asyncio.gather(*(client(number) for number in range(clients)))
    load.elapsed = time.perf_counter() - start
    return load


def percentile(values: Sequence[float], share: float) -> float:
    """Give the value below which that share of all lies (the nearest rank).

    >>> percentile([4.0, 1.0, 3.0, 2.0], 0.5)
    2.0
    """
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


async def _timed(
    address: tuple[str, int],
    request: bytes,
    intended: float,
    free: "deque[_Connection]",
    load: Load,
) -> None:
    status = 0
    try:
        async with asyncio.timeout(PATIENCE):
            connection = free.pop() if free else None
            if connection is None or connection.is_closed:
                _, connection = await asyncio.get_running_loop().create_connection(
                    _Connection, *address
                )
            status = await connection.ask(request)
            if not connection.is_closed:
                free.append(connection)
    except (OSError, TimeoutError):
        status = 0
    load.statuses[status] += 1
    if status == 200:
        load.seconds.append(time.perf_counter() - intended)


class _Connection(asyncio.Protocol):
    """A connection that is kept, with one request on its way at most."""

    def __init__(self) -> None:
        self.is_closed = False
        self._received = bytearray()
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_closed = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    async def ask(self, request: bytes) -> int:
        """Send a request and give the status of its answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self._received.clear()
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, mark, body = bytes(self._received).partition(b"\r\n\r\n")
        if not mark or self._answer is None or self._answer.done():
            return
        lines = head.lower().split(b"\r\n")
        fields = dict(line.split(b": ", 1) for line in lines[1:])
        if len(body) >= int(fields.get(b"content-length", b"0")):
            if fields.get(b"connection") == b"close":
                self.is_closed = True
            self._answer.set_result(int(lines[0].split()[1]))

    def close(self) -> None:
        self._transport.close()
