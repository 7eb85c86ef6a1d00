"""HTTP as it comes over the wire, with the limits that uvicorn leaves to others.

uvicorn's own protocol on httptools does the work. Added are: a limit on the size and the time of
the head of a request, on the number of connections, on what is sent after an answer; and refusals
in JSON where no request was understood.
"""

import asyncio
import secrets
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from imagier.errors import MachineError, UsageError
from imagier.log import log
from imagier.server.http_errors import error_body, status_of

__all__ = ["MOST_CONNECTIONS", "LimitedProtocol"]

LONGEST_HEAD = 16 << 10  # bytes of address and headers
HEAD_SECONDS = 10.0
MOST_CONNECTIONS = 1000
MOST_IGNORED = 64 << 20  # bytes that come after the answer to them


class LimitedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *words: Any, **settings: Any) -> None:
        super().__init__(*words, **settings)
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_size = self._ignored = 0
        self._code = "http_malformed"

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse("server_full")
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_there()
        super().connection_lost(exc)

    def eof_received(self) -> bool | None:  # type: ignore[override]  # uvicorn closes always
        """Answer what came whole before the client closed its half; what did not has no answer."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete or cycle.more_body:
            return None
        cycle.keep_alive = False
        return True

    def data_received(self, data: bytes) -> None:
        if not self.transport.is_closing():
            super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_size = 0
        if self._head_timer is None:
            self._await_head()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._head_is_there()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self.cycle.response_complete:
            self._ignored += len(body)
            if self._ignored > MOST_IGNORED:
                self.transport.abort()
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own sentence
        """Refuse what is no request, once what came before it is answered."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            self._refuse(self._code)
        elif not cycle.more_body:
            cycle.keep_alive = False
            self.flow.pause_reading()
        elif cycle.response_started:
            self.transport.close()
        else:  # its head was right, its body is not
            cycle.disconnected = True
            cycle.message_event.set()
            self._refuse(self._code)

    def _count(self, size: int) -> None:
        self._head_size += size
        if self._head_size > LONGEST_HEAD:
            self._code = "header_too_large"
            raise ValueError(self._code)  # the parser stops, and has us refuse

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_is_late)

    def _head_is_there(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        self.transport.close()

    def _refuse(self, code: str) -> None:
        kind = MachineError if code == "server_full" else UsageError
        error = kind(code, seconds=1, most=MOST_CONNECTIONS, limit=LONGEST_HEAD >> 10)
        request_id = secrets.token_hex(8)
        log("request_refused", id=request_id, code=code)
        body = error_body(error, request_id=request_id, language="en")
        status = HTTPStatus(status_of(error))
        head = [
            f"HTTP/1.1 {status.value} {status.phrase}",
            "content-type: application/json",
            f"content-length: {len(body)}",
            f"x-request-id: {request_id}",
            *(["retry-after: 1"] if status == HTTPStatus.SERVICE_UNAVAILABLE else []),
            "connection: close",
        ]
        self.transport.write("\r\n".join(head).encode("ascii") + b"\r\n\r\n" + body)
        self.transport.close()
