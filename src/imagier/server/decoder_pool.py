"""Processes that decode pictures for the server: each may hang or crash, and is then replaced.

A picture goes to the decoder that was free last, whose memory is still warm; who finds none free
waits in the order of coming. What happens to one picture happens to its request alone.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import MachineError, PictureError
from imagier.i18n import language
from imagier.images import Prepare
from imagier.log import log
from imagier.server.decoder_messages import PREFIX, read_prefix, write_message

__all__ = ["DecoderPool", "PictureJob"]

SECONDS = 10.0  # for one picture; the decoder itself gives up after six of its own
START_SECONDS = 60.0
RETRY_SECONDS = 1.0
_BUFFER = 1 << 20
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureJob:
    """What is wanted of a picture file.

    Attributes:
        settings: Those of the model, as JSON.
        whole: Whether the picture is wanted as it is, not as the network's input.
    """

    settings: str
    whole: bool = False

    @classmethod
    def of(cls, settings: Prepare, *, whole: bool = False) -> "PictureJob":
        """Write the settings of a model down, once for all its pictures."""
        return cls(settings=json.dumps(settings.to_json(), sort_keys=True), whole=whole)


class DecoderPool:
    """The decoders of one server.

    Args:
        size: How many there are.
        seconds: How long one picture may take, waiting excepted.

    Attributes:
        replaced: How many had to be replaced, by the reason: `slow`, `crashed`.
    """

    def __init__(self, size: int, *, seconds: float = SECONDS) -> None:
        self.size, self.seconds = size, seconds
        self.replaced: Counter[str] = Counter()
        self._free: asyncio.LifoQueue[_Decoder] = asyncio.LifoQueue()
        self._all: set[_Decoder] = set()
        self._starting: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start all decoders and wait until they are ready.

        Raises:
            MachineError: `no_decoder`.
        """
        decoders = [self._spawn() for _ in range(self.size)]
        try:
            for decoder in decoders:
                await asyncio.wait_for(decoder.receive(), START_SECONDS)
        except (OSError, TimeoutError, EOFError) as error:
            self.stop()
            raise MachineError("no_decoder") from error
        for decoder in decoders:
            self._free.put_nowait(decoder)

    def stop(self) -> None:
        """End all decoders at once."""
        for task in self._starting:
            task.cancel()
        for decoder in self._all:
            decoder.kill()
        self._all.clear()

    @property
    def processes(self) -> tuple[int, ...]:
        """The numbers of the processes that are there."""
        return tuple(decoder.process.pid for decoder in self._all)

    async def decode(self, content: bytes, job: PictureJob, *, path: str) -> NDArray[np.uint8]:
        """Have a picture file decoded, and prepared unless it is wanted whole.

        Args:
            content: The file.
            job: What is wanted.
            path: What it is called in messages.

        Returns:
            Levels, (H, W, C).

        Raises:
            PictureError: As `imagier.images.decode`; `decoder_slow`, `decoder_crashed`.
        """
        decoder = await self._free.get()
        try:
            async with asyncio.timeout(self.seconds):
                found, levels = await decoder.ask(content, job)
        except BaseException as error:
            is_slow = isinstance(error, TimeoutError | asyncio.CancelledError)
            self._replace(decoder, "slow" if is_slow else "crashed")
            if isinstance(error, OSError | EOFError | ValueError):  # TimeoutError is an OSError
                code = "decoder_slow" if is_slow else "decoder_crashed"
                raise PictureError(code, path=path) from error
            raise
        self._free.put_nowait(decoder)
        if "error" in found:
            raise PictureError(found["error"], **found["facts"] | {"path": path})
        return np.frombuffer(levels, np.uint8).reshape(found["shape"])

    def _spawn(self) -> "_Decoder":
        decoder = _Decoder()
        self._all.add(decoder)
        return decoder

    def _replace(self, decoder: "_Decoder", reason: str) -> None:
        decoder.kill()
        self._all.discard(decoder)
        self.replaced[reason] += 1
        log("decoder_replaced", reason=reason)
        task = asyncio.get_running_loop().create_task(self._add())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _add(self) -> None:
        """Start a decoder in the place of one that is gone, again and again until one is ready."""
        while True:
            try:
                decoder = self._spawn()
            except OSError:
                await asyncio.sleep(RETRY_SECONDS)
                continue
            try:
                await asyncio.wait_for(decoder.receive(), START_SECONDS)
            except (OSError, TimeoutError, EOFError):
                decoder.kill()
                self._all.discard(decoder)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._free.put_nowait(decoder)
            return


@dataclass(slots=True, eq=False)
class _Decoder:
    """One process and the socket to it."""

    process: subprocess.Popen[bytes] = field(init=False)
    channel: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        ours, theirs = socket.socketpair()
        for one in (ours, theirs):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        with theirs:
            try:
                self.process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "imagier.server.decoder"],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
                    start_new_session=True,  # Ctrl-C in a terminal is for the server alone
                )
            except OSError:
                ours.close()
                raise
        ours.setblocking(False)
        self.channel = ours

    async def ask(self, content: bytes, job: PictureJob) -> tuple[dict[str, Any], bytes]:
        head = {"language": language(), "prepare": job.settings, "whole": job.whole}
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self.channel, write_message(head, content))
        return await self.receive()

    async def receive(self) -> tuple[dict[str, Any], bytes]:
        """Receive one message.

        Raises:
            EOFError: When the process is gone.
        """
        loop = asyncio.get_running_loop()
        received = await loop.sock_recv(self.channel, _CHUNK)
        if not received:
            raise EOFError
        while len(received) < PREFIX.size:
            received += await self._more()
        head_length, length = read_prefix(received)
        whole = PREFIX.size + head_length + length
        if len(received) < whole:
            received = await self._fill(received, whole)
        start = PREFIX.size + head_length
        return json.loads(received[PREFIX.size : start]), received[start:whole]

    async def _more(self) -> bytes:
        more = await asyncio.get_running_loop().sock_recv(self.channel, _CHUNK)
        if not more:
            raise EOFError
        return more

    async def _fill(self, received: bytes, whole: int) -> bytes:
        loop = asyncio.get_running_loop()
        filled = bytearray(whole)
        filled[: len(received)] = received
        view, have = memoryview(filled), len(received)
        while have < whole:
            n = await loop.sock_recv_into(self.channel, view[have:])
            if n == 0:
                raise EOFError
            have += n
        return bytes(filled)

    def kill(self) -> None:
        self.channel.close()
        self.process.kill()
        end = time.monotonic() + 1
        while self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.001)
