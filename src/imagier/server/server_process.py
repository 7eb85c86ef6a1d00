"""Starts a server and lets it end: at the first signal accepted requests are still answered.

The port is opened before the models are loaded, so that a port in use is told at once; nothing is
answered before all of them are ready.
"""

import asyncio
import errno
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import uvicorn

from imagier.errors import MachineError, UsageError, system_reason
from imagier.files import printable
from imagier.log import log
from imagier.server.application import create_application
from imagier.server.http_protocol import MOST_CONNECTIONS, LimitedProtocol
from imagier.server.service import Service
from imagier.server.settings import ServerSettings

__all__ = ["listen", "run_server"]

BACKLOG = 1024
IDLE_SECONDS = 5
_SPARE_FILES = 128


def listen(settings: ServerSettings) -> socket.socket:
    """Open the port.

    Raises:
        UsageError: `port_taken`, `address_not_ours`.
        MachineError: `serve_needs_posix`.
    """
    if sys.platform == "win32":
        raise MachineError("serve_needs_posix")
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _refused(settings, error) from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise _refused(settings, error) from error
    return listener


def run_server(
    service: Service, listener: socket.socket, *, ready: Callable[[], None] | None = None
) -> None:
    """Answer until a signal ends it.

    The first SIGTERM or Ctrl-C lets the accepted requests be answered, for the seconds that the
    settings give; the second ends at once.

    Args:
        service: The models at work.
        listener: The open port.
        ready: Called when the first request can be answered.
    """
    _allow_files()
    asyncio.run(_run(service, listener, ready or (lambda: None)))


async def _run(service: Service, listener: socket.socket, ready: Callable[[], None]) -> None:
    settings = service.settings
    config = uvicorn.Config(
        create_application(service),
        http=LimitedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",  # the gateway keeps the log
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=round(settings.stop_seconds),
    )
    server = _Server(config)
    try:
        with server.capture_signals():
            await service.start()
            if not server.should_exit:
                ready()
                log("serve_begun", models=len(service.models))
                await server.serve(sockets=[listener])
    finally:
        service.stop()
        log("serve_done", answered=sum(service.metrics.requests.values()))


class _Server(uvicorn.Server):
    """Ends with 0 after a signal, at once after a second one."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self.should_exit:
            os._exit(0)
        self.should_exit = True


def _allow_files() -> None:
    """Let this process open as many files as connections may need."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + _SPARE_FILES
    if soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _refused(settings: ServerSettings, error: Exception) -> UsageError:
    taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
    reason = system_reason(error) if isinstance(error, OSError) else str(error)
    host = printable(settings.host)
    code = "port_taken" if taken else "address_not_ours"
    return UsageError(code, host=host, port=settings.port, reason=printable(reason))
