"""Fetch a known file from the first mirror that has it, and only if it is the right one.

A named data set is downloaded once, into imagier's cache. Each file's SHA-256 and length are known
beforehand, so a mirror can neither alter it nor make it endless. Nothing else is ever downloaded.
"""

import hashlib
import http.client
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from urllib.error import HTTPError, URLError

from imagier.datasets.sources.remote_file import RemoteFile
from imagier.errors import MachineError
from imagier.files import printable, write_file
from imagier.i18n import t
from imagier.log import log

__all__ = ["fetch"]

_SECONDS = 30.0
_LOCAL = ("http://127.0.0.1:", "http://localhost:")


def fetch(file: RemoteFile, folder: Path, mirrors: Sequence[str]) -> Path:
    """Give the file in `folder`, downloading it when it is not there yet.

    Args:
        file: What to fetch.
        folder: Where to keep it; it is written whole or not at all.
        mirrors: Addresses ending in `/` to which the name is added, tried in order. Only https,
            redirections included, and this machine itself.

    Raises:
        MachineError: `download_failed`, with what each mirror answered; `disk_full` or
            `cannot_write`.
    """
    path = folder / file.name
    if path.is_file() and not _difference(path.read_bytes(), file):
        return path
    answers = []
    for mirror in mirrors:
        log("download", address=mirror + file.name)
        content, answer = _ask(mirror + file.name, file)
        if content is not None:
            write_file(path, content)
            return path
        answers.append(f"{mirror}: {answer}")
    raise MachineError("download_failed", name=file.name, answers="; ".join(answers))


def _ask(address: str, file: RemoteFile) -> tuple[bytes | None, str]:
    """Download one file; None with the reason when it does not come, or is another file."""
    try:
        _check_address(address)
        with _opener().open(address, timeout=_SECONDS) as answer:
            content = cast(bytes, answer.read(file.size + 1))
    except HTTPError as error:
        error.close()
        return None, f"HTTP {error.code}"
    except URLError as error:
        return None, printable(str(error.reason))
    except (OSError, http.client.HTTPException) as error:
        return None, printable(str(error) or type(error).__name__)
    difference = _difference(content, file)
    return (None, difference) if difference else (content, "")


def _difference(content: bytes, file: RemoteFile) -> str:
    """Say how a content differs from the file that is wanted; an empty string if it is the one."""
    if len(content) > file.size:
        return t("datasets.download_longer", expected=file.size)
    if len(content) < file.size:
        return t("datasets.download_shorter", expected=file.size, received=len(content))
    if hashlib.sha256(content).hexdigest() != file.sha256:
        return t("datasets.download_checksum")
    return ""


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_OnlySafe)


class _OnlySafe(urllib.request.HTTPRedirectHandler):
    """Follow redirections only to where a mirror could stand itself."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        _check_address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _check_address(address: str) -> None:
    if not address.startswith(("https://", *_LOCAL)):
        raise URLError("https")
