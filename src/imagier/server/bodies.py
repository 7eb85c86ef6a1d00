"""The body of a request, read with an eye on its size, the time it takes, and how it is written."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from python_multipart.multipart import parse_options_header

from imagier.errors import UsageError
from imagier.files import printable
from imagier.server.admission import Places
from imagier.server.multipart import FormPart, read_parts
from imagier.server.service import PictureFile

__all__ = ["MOST_PICTURES", "Body", "BodyRules", "ClientGoneError", "pictures_of", "received_body"]

MOST_PICTURES = 16
LINGER_SECONDS = 2.0
LEAST_PACE = 1 << 16  # bytes a second, once the usual time is over
FORM, BYTES = b"multipart/form-data", b"application/octet-stream"
_LONGEST_NAME = 200
_NAMELESS = "<bytes>"


class ClientGoneError(Exception):
    """The client went away before its request had come in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body as it came.

    Attributes:
        content: Its bytes.
        type: Its media type, in small letters.
        options: What stands behind the type.
    """

    content: bytes
    type: bytes
    options: Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyRules:
    """What a body may be.

    Attributes:
        most: Bytes.
        seconds: In which it must have come in; where it is large, as long as it comes quickly.
        room: Where its bytes are counted while they are held.
        form_only: Whether it must be a form.
    """

    most: int
    seconds: float
    room: Places
    form_only: bool = False


@asynccontextmanager
async def received_body(
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    headers: Mapping[str, str],
    rules: BodyRules,
) -> AsyncIterator[Body]:
    """Receive a body and count its bytes for the length of a block.

    Args:
        receive: Gives the next piece (ASGI).
        headers: Of the request.
        rules: What the body may be.

    Raises:
        UsageError: `body_type`, `body_compressed`, `body_absent`, `body_too_large`, `body_slow`.
        MachineError: `server_full`.
        ClientGoneError: When there will be no more of it.
    """
    kind, options = parse_options_header(headers.get("content-type", "").encode("latin-1"))
    kind = kind.lower()
    try:
        _check_head(kind, headers, rules)
    except UsageError:
        if "expect" not in headers:  # one that waits to be asked for its body reads at once
            await _forget_rest(receive)
        raise
    held = 0
    pieces: list[bytes] = []
    loop = asyncio.get_running_loop()
    start = loop.time() + rules.seconds
    try:
        try:
            async with asyncio.timeout_at(start) as limit:
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientGoneError
                    piece = message.get("body", b"")
                    if held + len(piece) > rules.most:
                        if message.get("more_body", False):
                            await _forget_rest(receive)
                        raise _too_large(rules)
                    rules.room.take(len(piece))
                    held += len(piece)
                    pieces.append(piece)
                    if not message.get("more_body", False):
                        break
                    limit.reschedule(start + held / LEAST_PACE)
        except TimeoutError:
            raise UsageError("body_slow", seconds=round(rules.seconds)) from None
        if not held:
            raise UsageError("body_absent")
        yield Body(content=b"".join(pieces), type=kind, options=options)
    finally:
        rules.room.give_back(held)


async def _forget_rest(receive: Callable[[], Awaitable[MutableMapping[str, Any]]]) -> None:
    """Take what a client is still sending, for a while: one that sends does not read the answer."""
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while (await receive()).get("more_body", False):
                pass
    except TimeoutError:
        return


def pictures_of(body: Body) -> list[PictureFile]:
    """Give the pictures of a body: itself, or the files of a form.

    Raises:
        UsageError: `multipart_malformed`, `too_many_pictures`, `part_no_file`, `no_picture_sent`.
    """
    if body.type != FORM:
        return [PictureFile(content=body.content)]
    parts = read_parts(body.content, body.options, most=MOST_PICTURES)
    if not parts:
        raise UsageError("no_picture_sent")
    for part in parts:
        if part.filename is None:
            raise UsageError("part_no_file", name=printable(part.name)[:_LONGEST_NAME])
    return [PictureFile(content=part.content, path=_shown(part)) for part in parts]


def _check_head(kind: bytes, headers: Mapping[str, str], rules: BodyRules) -> None:
    is_fit = kind == FORM or (
        not rules.form_only and (kind == BYTES or (kind.startswith(b"image/") and len(kind) > 6))
    )
    if not is_fit:
        shown = printable(kind.decode("latin-1"))[:100] or "—"
        raise UsageError("body_type", received=shown, known=_known(rules))
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UsageError("body_compressed")
    length = headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:20]) > rules.most:
        raise _too_large(rules)


def _known(rules: BodyRules) -> str:
    known = (FORM,) if rules.form_only else (b"image/*", BYTES, FORM)
    return ", ".join(one.decode() for one in known)


def _too_large(rules: BodyRules) -> UsageError:
    return UsageError("body_too_large", limit=max(1, rules.most >> 20))


def _shown(part: FormPart) -> str:
    """Give a file's own name, without the folders of whoever sent it."""
    name = (part.filename or "").replace("\\", "/").rpartition("/")[2]
    return printable(name)[:_LONGEST_NAME] or _NAMELESS
