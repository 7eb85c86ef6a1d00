"""Errors as HTTP says them: a status, a code, a sentence in the language asked for, the request.

No path of this machine, no trace and no word of a library is in it; the log has those, under the
number of the request.
"""

import json
from collections.abc import Mapping

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from imagier.errors import ImagierError, MachineError, ModelError, PictureError, UsageError
from imagier.files import printable
from imagier.i18n import LANGUAGES, use_language

__all__ = ["STATUSES", "as_error", "error_body", "error_headers", "language_of", "status_of"]

STATUSES = {
    "address_unknown": 404,
    "body_absent": 400,
    "body_compressed": 415,
    "body_slow": 408,
    "body_too_large": 413,
    "body_type": 415,
    "bug": 500,
    "decoder_slow": 504,
    "file_too_large": 413,
    "format_not_allowed": 415,
    "header_too_large": 431,
    "host_refused": 400,
    "http_malformed": 400,
    "method_refused": 405,
    "model_unknown": 404,
    "multipart_malformed": 400,
    "origin_refused": 403,
    "rate_exceeded": 429,
    "server_busy": 503,
    "server_full": 503,
    "server_late": 504,
    "token_refused": 401,
    "too_many_pixels": 413,
    "upgrade_refused": 400,
}
_BY_KIND: tuple[tuple[type[ImagierError], int], ...] = (
    (UsageError, 422),
    (PictureError, 422),
    (ModelError, 422),
    (MachineError, 503),
)
_MOST_LANGUAGES = 500  # letters of the header that are read


def status_of(error: ImagierError) -> int:
    """Give the status of an error: by its code, else by its kind.

    >>> status_of(PictureError("truncated", path="a.jpg", format="JPEG"))
    422
    """
    usual = next((status for kind, status in _BY_KIND if isinstance(error, kind)), 500)
    return STATUSES.get(error.code, usual)


def as_error(error: Exception) -> ImagierError:
    """Give whatever was raised as an error of ours; what nobody foresaw is a `bug`."""
    match error:
        case ImagierError():
            return error
        case BaseExceptionGroup():  # of tasks, the first that failed
            first = error.exceptions[0]
            return as_error(first) if isinstance(first, Exception) else MachineError("bug")
        case RequestValidationError():
            found = error.errors()[0]
            name, received = str(found["loc"][-1]), str(found.get("input"))
            facts = {"name": printable(name)[:100], "received": printable(received)[:100]}
            return UsageError("parameter_refused", **facts)
        case HTTPException(status_code=404):
            return UsageError("address_unknown")
        case HTTPException(status_code=405):
            allowed = (error.headers or {}).get("Allow", "")
            return UsageError("method_refused", allowed=allowed)
        case _:
            return MachineError("bug")


def error_body(error: ImagierError, *, request_id: str, language: str) -> bytes:
    """Write an error as JSON."""
    with use_language(language):
        said = {"code": error.code, "message": error.message, "request_id": request_id}
    return json.dumps({"error": said}, ensure_ascii=False).encode("utf-8", "backslashreplace")


def error_headers(error: ImagierError) -> Mapping[str, str]:
    """Give the headers that belong to an error."""
    headers = {}
    if "seconds" in error.facts and status_of(error) in (429, 503):
        headers["retry-after"] = str(error.facts["seconds"])
    if error.code == "token_refused":
        headers["www-authenticate"] = "Bearer"
    if error.code in {"body_slow", "body_too_large", "server_full"}:
        headers["connection"] = "close"  # what is left of the body is not waited for
    if error.code == "method_refused":
        headers["allow"] = str(error.facts["allowed"])
    return headers


def language_of(accepted: str) -> str:
    """Choose between English and French by the header `Accept-Language` (RFC 9110, 12.5.4).

    >>> language_of("de, fr-CH;q=0.9, en;q=0.8"), language_of("*"), language_of("fr;q=x")
    ('fr', 'en', 'en')
    """
    best, weight = LANGUAGES[0], 0.0
    for part in accepted[:_MOST_LANGUAGES].split(","):
        name, _, quality = part.partition(";")
        code = name.strip()[:2].lower()
        found = _weight(quality)
        if code in LANGUAGES and found > weight:
            best, weight = code, found
    return best


def _weight(quality: str) -> float:
    name, mark, value = quality.strip().partition("=")
    if not mark:
        return 1.0
    try:
        return min(1.0, float(value)) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
