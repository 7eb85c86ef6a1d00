"""Started as a process of its own: decodes and prepares pictures for the server until it is gone.

    python -P -m imagier.server.decoder

Its standard input is a socket. It may take so much memory and no more, writes no file, and is
killed and replaced by `decoder_pool` when a picture crashes it or keeps it too long: native
decoders of strangers' pictures run here and nowhere else. It ends when the socket closes.
"""

import json
import resource
import signal
import socket
import sys
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.errors import PictureError
from imagier.i18n import use_language
from imagier.images import Prepare
from imagier.recognizer.inputs import decode_picture, read_picture
from imagier.server.decoder_messages import PREFIX, read_prefix, write_message

__all__ = ["main"]

MEMORY = 1 << 30  # bytes beyond what the empty process has
_FILES = 32


def main() -> None:
    """Answer one picture after the other."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which lets us finish
    _limit()
    with socket.socket(fileno=0) as server:
        server.sendall(write_message({"ready": True}))
        while prefix := _receive(server, PREFIX.size):
            head_length, length = read_prefix(prefix)
            head = json.loads(_receive(server, head_length))
            found, levels = _answer(head, bytes(_receive(server, length)))
            server.sendall(write_message(found, levels))


def _answer(head: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        with use_language(head["language"]):
            levels = _levels(content, _settings(head["prepare"]), whole=head["whole"])
    except PictureError as error:
        facts = {name: _plain(value) for name, value in error.facts.items()}
        return {"error": error.code, "facts": facts}, b""
    return {"shape": levels.shape}, levels.tobytes()


def _levels(content: bytes, settings: Prepare, *, whole: bool) -> NDArray[np.uint8]:
    """Give the network's input, or where it is wanted whole the picture as it is."""
    if whole:
        return decode_picture(content, settings, whole=True)[1]
    return read_picture(content, settings)[1]


@lru_cache(maxsize=64)
def _settings(text: str) -> Prepare:
    return Prepare.from_json(json.loads(text))


def _plain(value: object) -> str | int | float:
    return value if isinstance(value, str | int | float) else str(value)


def _receive(server: socket.socket, length: int) -> bytearray:
    """Receive so many bytes; none when the server has gone."""
    received = bytearray(length)
    view, have = memoryview(received), 0
    while have < length:
        n = server.recv_into(view[have:])
        if n == 0:
            return bytearray()
        have += n
    return received


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            pages = int(file.read().split()[0])
        most = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main()
