"""How a server is set: where it listens, whom it answers, how much it takes on."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from imagier.arguments import whole
from imagier.errors import UsageError
from imagier.files import printable, read_regular
from imagier.machine import available_cores

__all__ = ["ServerSettings", "is_loopback", "read_tokens"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SHORTEST_TOKEN = 16
LONGEST_FILE = 1 << 16
MEGABYTE = 1 << 20


def _no_tokens() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """The settings of a server.

    Attributes:
        host: The address it listens on.
        port: The port; 0 for any that is free.
        tokens: Secrets of which each request must show one, by the names that stand in the log;
            none where everybody on this machine may ask.
        hosts: Names that a request may call the server by, beside those of this machine.
        origins: Web pages of other servers that may ask, such as `https://example.org`.
        rate: Requests a second that each token may make; None for any number.
        max_body: Bytes of a request.
        decoders: Processes that decode pictures.
        threads: Cores that the networks may use.
        read_seconds: In which a request must have come in whole.
        answer_seconds: In which it must be answered then.
        stop_seconds: That accepted requests have when the server is told to stop.

    Raises:
        UsageError: `serve_needs_token`, when others than this machine could ask without a token;
            `bad_argument`.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    tokens: Mapping[str, str] = field(default_factory=_no_tokens)
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    rate: float | None = None
    max_body: int = 32 * MEGABYTE
    decoders: int = field(default_factory=available_cores)
    threads: int = field(default_factory=available_cores)
    read_seconds: float = 10.0
    answer_seconds: float = 30.0
    stop_seconds: float = 10.0

    def __post_init__(self) -> None:
        if not is_loopback(self.host) and not self.tokens:
            raise UsageError("serve_needs_token", host=printable(self.host))
        for name in ("max_body", "decoders", "threads"):
            whole(name, getattr(self, name), least=1)

    @property
    def places(self) -> int:
        """How many requests are in the house: four wait for each decoder, beside those at work."""
        at_work = self.decoders + 1  # one at each decoder, one at the network
        return 4 * self.decoders + at_work

    @property
    def max_bodies(self) -> int:
        """Bytes of all requests that are being received or worked on."""
        return max(8 * self.max_body, 256 * MEGABYTE)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Names by which a request may call the server; one without a port serves for any."""
        own = () if self.host in ("", "0.0.0.0", "::") else (self.host,)  # noqa: S104
        names = (*LOOPBACK, *own, *self.hosts)
        return frozenset(name.strip("[]").lower() for name in names)


def is_loopback(host: str) -> bool:
    """Tell whether an address can be reached from this machine alone.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_tokens(*, file: str | None = None, variable: str | None = None) -> Mapping[str, str]:
    """Read tokens, one a line, each perhaps behind a name and a space.

    Args:
        file: A file that holds them.
        variable: An environment variable that holds them.

    Returns:
        The tokens, by name; those without one are called after their place: `1`, `2`...

    Raises:
        UsageError: `token_unreadable`; `token_weak`, when one is shorter than 16 letters or holds
            others than printable ASCII; `token_absent`, when there is none.
    """
    if file is None and variable is None:
        return _no_tokens()
    source = printable(file if file is not None else f"${variable}")
    text = _text(file) if file is not None else os.environ.get(variable or "", "")
    tokens: dict[str, str] = {}
    for place, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        *name, token = words
        is_fit = token.isascii() and token.isprintable() and len(token) >= SHORTEST_TOKEN
        if not is_fit or len(name) > 1:
            raise UsageError("token_weak", path=source, line=place, least=SHORTEST_TOKEN)
        tokens[name[0] if name else str(place)] = token
    if not tokens:
        raise UsageError("token_absent", path=source)
    return MappingProxyType(tokens)


def _text(file: str) -> str:
    try:
        return read_regular(Path(file), limit=LONGEST_FILE).decode("utf-8", "replace")
    except (OSError, ValueError):
        raise UsageError("token_unreadable", path=printable(file)) from None
