"""What stands before all addresses: who may ask, the number of the request, errors as JSON.

It is an ASGI application around another one. No request passes it unnumbered, unlooked at or
uncounted, and nothing that goes wrong behind it is told to a client otherwise than by a code.
"""

import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from imagier.errors import ImagierError
from imagier.i18n import use_language
from imagier.log import log
from imagier.server.admission import RateLimit
from imagier.server.bodies import ClientGoneError
from imagier.server.http_errors import (
    as_error,
    error_body,
    error_headers,
    language_of,
    status_of,
)
from imagier.server.metrics import Metrics
from imagier.server.request_guard import RequestGuard

__all__ = ["Gateway"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_NO_PAGE = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_NOT_KEPT = (b"cache-control", b"no-store")
_UNLIMITED = "/health"
_trace = logging.getLogger("imagier")


class Gateway:
    """The door of the server.

    Args:
        application: What stands behind it.
        guard: Who may pass.
        rate: How often.
        metrics: Where it is counted.
        routes: The addresses there are, for the counts; any other counts as `other`.
    """

    def __init__(
        self,
        application: Application,
        *,
        guard: RequestGuard,
        rate: RateLimit,
        metrics: Metrics,
        routes: frozenset[str],
    ) -> None:
        self._application, self._guard, self._rate = application, guard, rate
        self._metrics, self._routes = metrics, routes

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        start = time.perf_counter()
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name, []).append(value)
        answer = _Answer(send, _request_id(headers), self._shared_with(headers))
        scope["state"] = {"request_id": answer.request_id}
        language, token = language_of(_first(headers, b"accept-language")), ""
        try:
            with use_language(language):
                self._guard.check_sender(headers)
                if scope["method"] == "OPTIONS" and answer.origin:
                    await answer.preflight()
                else:
                    token = self._guard.check_token(scope["path"], headers)
                    if scope["path"] != _UNLIMITED:
                        self._rate.count(token)
                    await self._application(scope, receive, answer.send)
        except ClientGoneError:
            answer.status = 499  # there is nobody to answer
        except Exception as error:  # noqa: BLE001 - the last door: a client learns a code, no more
            refused = as_error(error)
            if refused.code == "bug":
                _trace.exception("bug id=%s", answer.request_id)
            await self._refuse(answer, refused, language)
        route = scope["path"] if scope["path"] in self._routes else "other"
        seconds = time.perf_counter() - start
        self._metrics.count_request(route, answer.status, seconds)
        facts = {"method": scope["method"], "route": route, "status": answer.status}
        log("request", id=answer.request_id, token=token, seconds=f"{seconds:.4f}", **facts)

    async def _refuse(self, answer: "_Answer", error: ImagierError, language: str) -> None:
        self._metrics.count_refused(error.code)
        log("request_refused", id=answer.request_id, code=error.code, **_told(error))
        if answer.status:  # half an answer is out: it ends here, and the client sees it is cut
            raise error
        headers = [
            (name.encode(), value.encode("latin-1", "replace"))
            for name, value in error_headers(error).items()
        ]
        body = error_body(error, request_id=answer.request_id, language=language)
        await answer.whole(status_of(error), b"application/json", body, headers)

    def _shared_with(self, headers: dict[bytes, list[bytes]]) -> bytes:
        origin = _first(headers, b"origin")
        return origin.encode("latin-1") if origin and self._guard.answers(origin) else b""


class _Answer:
    """An answer on its way: its status, and the headers that all have."""

    def __init__(self, send: Send, request_id: str, origin: bytes) -> None:
        self._send, self.request_id, self.origin = send, request_id, origin
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given = list(message.get("headers", ()))
            names = {name for name, _ in given}
            more = [one for one in (*_ALWAYS, _NO_PAGE, _NOT_KEPT) if one[0] not in names]
            more.append((b"x-request-id", self.request_id.encode()))
            if self.origin:
                more += [(b"access-control-allow-origin", self.origin), (b"vary", b"origin")]
            message = {**message, "headers": given + more}
        await self._send(message)

    async def whole(
        self, status: int, kind: bytes, body: bytes, headers: list[tuple[bytes, bytes]]
    ) -> None:
        about = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        await self.send(
            {"type": "http.response.start", "status": status, "headers": about + headers}
        )
        await self.send({"type": "http.response.body", "body": body})

    async def preflight(self) -> None:
        """Tell a browser what a page of a listed server may ask (fetch standard, CORS)."""
        allowed = [
            (b"access-control-allow-methods", b"GET, POST"),
            (b"access-control-allow-headers", b"authorization, content-type, x-request-id"),
        ]
        await self.send({"type": "http.response.start", "status": 204, "headers": allowed})
        await self.send({"type": "http.response.body", "body": b""})


def _request_id(headers: dict[bytes, list[bytes]]) -> str:
    """Give the number that the client chose, where it is one, else a new one."""
    given = headers.get(b"x-request-id", [])
    if len(given) == 1 and _ID.fullmatch(given[0]):
        return given[0].decode("ascii")
    return secrets.token_hex(8)


def _first(headers: dict[bytes, list[bytes]], name: bytes) -> str:
    return headers[name][0].decode("latin-1") if name in headers else ""


def _told(error: ImagierError) -> dict[str, object]:
    names = {"code", "id"}
    return {name: value for name, value in error.facts.items() if name not in names}
