"""Who may ask: looked at in the head of a request, before a byte of its body is read.

A page of another site can send requests to servers of this machine, and by a name of its own that
it lets lead here (DNS rebinding). So `Host` must be a name that is known, `Origin`, where a browser
gives one, must be that very name or a listed one, and a token must be shown where there are any.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from imagier.errors import ImagierError, UsageError
from imagier.server.settings import ServerSettings

__all__ = ["OPEN_TO_ALL", "RequestGuard", "host_parts"]

Headers = Mapping[bytes, list[bytes]]  # values by name, in small letters
OPEN_TO_ALL = ("/health", "/docs", "/openapi.json")  # without a token; nothing of a model is said
_HOST = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[0-9a-z._-]{1,253})(?::([0-9]{1,5}))?")
_NOBODY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestGuard:
    """The rules of one server.

    Attributes:
        hosts: Names that the server may be called by; one without a port serves for any.
        origins: Pages of other servers that may ask.
        tokens: Secrets of which one must be shown, by name; none where nobody needs one.
    """

    hosts: frozenset[str]
    origins: frozenset[str]
    tokens: Mapping[str, str]

    @classmethod
    def of(cls, settings: ServerSettings) -> "RequestGuard":
        """Take the rules from the settings of a server."""
        origins = frozenset(origin.rstrip("/").lower() for origin in settings.origins)
        return cls(hosts=settings.allowed_hosts, origins=origins, tokens=settings.tokens)

    def check_sender(self, headers: Headers) -> None:
        """Refuse what a page of another site makes a browser send.

        Raises:
            UsageError: `host_refused`, `origin_refused` or `upgrade_refused`.
        """
        if headers.get(b"upgrade") and _names(headers, b"upgrade") & {"websocket", "h2c"}:
            raise UsageError("upgrade_refused")
        self._check_host(headers)
        self._check_origin(headers)

    def check_token(self, path: str, headers: Headers) -> str:
        """Give the name of a request's token; empty where it needs none.

        Args:
            path: What is asked for.
            headers: Of the request.

        Raises:
            UsageError: `token_refused`.
        """
        return self._token(headers) if self.tokens and not _is_open(path) else _NOBODY

    def answers(self, origin: str) -> bool:
        """Tell whether a page of another server may read the answer."""
        return origin.lower() in self.origins

    def _check_host(self, headers: Headers) -> None:
        given = [value.decode("latin-1").lower() for value in headers.get(b"host", [])]
        parts = host_parts(given[0]) if len(given) == 1 else None
        if parts is None or not {parts[0], f"{parts[0]}:{parts[1]}"} & self.hosts:
            raise _refused("host_refused", given)

    def _check_origin(self, headers: Headers) -> None:
        given = [value.decode("latin-1").lower() for value in headers.get(b"origin", [])]
        if not given:
            return
        host = headers[b"host"][0].decode("latin-1").lower()
        own = {f"http://{host}", f"https://{host}"}
        if len(given) > 1 or given[0] not in own | self.origins:
            raise _refused("origin_refused", given)

    def _token(self, headers: Headers) -> str:
        given = headers.get(b"authorization", [])
        scheme, _, shown = given[0].partition(b" ") if len(given) == 1 else (b"", b"", b"")
        found = _NOBODY
        for name, token in self.tokens.items():  # all of them: the time tells nothing
            if hmac.compare_digest(shown.strip(), token.encode()):
                found = name
        if scheme.lower() != b"bearer" or not found:
            raise UsageError("token_refused")
        return found


def host_parts(host: str) -> tuple[str, str] | None:
    """Take the name and the port out of `Host`; None where it is malformed.

    >>> host_parts("localhost:8000"), host_parts("[::1]:80"), host_parts("a/b")
    (('localhost', '8000'), ('::1', '80'), None)
    """
    found = _HOST.fullmatch(host)
    return (found[1].strip("[]"), found[2] or "") if found else None


def _is_open(path: str) -> bool:
    return path in OPEN_TO_ALL or path.startswith("/docs/")


def _names(headers: Headers, name: bytes) -> set[str]:
    values = b",".join(headers[name]).decode("latin-1").lower().split(",")
    return {value.strip() for value in values}


def _refused(code: str, given: list[str]) -> ImagierError:
    return UsageError(code, received=", ".join(given)[:100] or "—")
