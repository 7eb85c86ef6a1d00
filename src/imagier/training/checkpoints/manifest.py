"""The manifest of a training run: what was asked, what its pilot decided, with a checksum.

It is JSON that holds a SHA-256 over the whole of itself. The checksum stands inside the file: it is
first written with 64 zeros where the checksum will stand; the SHA-256 of that is then put in their
place. To check, the zeros are put back.

>>> content = with_checksum(b'{"sha256":"' + b"0" * 64 + b'","seed":0}')
>>> checksum_of(content)[:8]
'369a527f'
>>> checksum_of(content.replace(b'"seed":0', b'"seed":1')) is None
True
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from imagier.errors import ModelError, Refused, UsageError
from imagier.files import printable, read_object
from imagier.i18n import t

__all__ = [
    "BLANK",
    "FORMAT",
    "RunManifest",
    "check_format",
    "checksum_of",
    "replaced_model",
    "with_checksum",
]

FORMAT: Final = 2  # of both files; 1 had other names
MAX_MANIFEST: Final = 16 * 2**20  # bytes
BLANK: Final = "0" * 64
_PLACE = re.compile(rb'"sha256": ?"([0-9a-f]{64})"')
_SEARCHED = 2**26  # bytes at the beginning of a file, its header, in which it may stand


@dataclass(frozen=True, slots=True, kw_only=True)
class RunManifest:
    """How a training run began, written before its first step.

    A resumed run must be the same run: its options are compared one by one with those noted here,
    and the plan is taken from here, because another pilot would decide otherwise.

    Attributes:
        options: What was asked and decides the result, by name of the option; `data` names the
            pictures by their fingerprint.
        plan: What the pilot decided, as JSON values.
        versions: Versions of imagier and of its engines.
        replaces: The hash of the `model.json` that will give way, None where there was none.
    """

    options: Mapping[str, Any]
    plan: Mapping[str, Any]
    versions: Mapping[str, str]
    replaces: str | None = None

    def to_bytes(self) -> bytes:
        """Write it as JSON that holds its own checksum."""
        values = {
            "sha256": BLANK,
            "format": FORMAT,
            "options": dict(self.options),
            "plan": dict(self.plan),
            "versions": dict(self.versions),
            "replaces": self.replaces,
        }
        return with_checksum((json.dumps(values, allow_nan=False, indent=1) + "\n").encode())

    @classmethod
    def from_bytes(cls, content: bytes, *, path: Path) -> "RunManifest | None":
        """Read it back; None when it is damaged.

        Args:
            content: Of the file.
            path: Its name, for the message.

        Raises:
            ModelError: `checkpoint_format`, when another version of imagier wrote it.
        """
        data = _whole_object(content)
        if data is None:
            return None
        check_format(data, path)
        names = cls.__dataclass_fields__
        if set(data) != {"sha256", "format", *names}:
            return None
        if not all(isinstance(data[name], dict) for name in ("options", "plan", "versions")):
            return None
        return cls(**{name: data[name] for name in names})

    def check(self, options: Mapping[str, Any], *, path: str) -> None:
        """Refuse to go on with another run than the one that began.

        Args:
            options: What is asked now; only the options named here are compared, so that those
                known early can be checked before the pictures are read.
            path: The folder, for the message.

        Raises:
            UsageError: `resume_conflict`, naming each difference.
        """
        differences = list(_differences(self.options, json.loads(json.dumps(dict(options)))))
        if differences:
            raise UsageError(
                "resume_conflict", path=printable(path), differences=", ".join(differences)
            )

    def version_notes(self, versions: Mapping[str, str]) -> list[str]:
        """Say which engines are not those of the beginning: the last bits may differ."""
        moved = [name for name in versions if self.versions.get(name) != versions[name]]
        if not moved:
            return []
        then = ", ".join(f"{name} {self.versions.get(name, '?')}" for name in moved)
        now = ", ".join(f"{name} {versions[name]}" for name in moved)
        return [t("checkpoints.note.versions", then=then, now=now)]


def replaced_model(content: bytes) -> str | None:
    """Give the hash of the `model.json` that a run will replace, of a manifest of any format."""
    data = _whole_object(content) or {}
    return data.get("replaces", data.get("over"))  # `over` in format 1


def with_checksum(content: bytes) -> bytes:
    """Put the SHA-256 of a content in the place kept for it, the first `"sha256":"000...0"`.

    Raises:
        ValueError: When the content keeps no such place.
    """
    found = _PLACE.search(content, 0, _SEARCHED)
    if found is None or found[1].decode() != BLANK:
        message = "no place is kept for the checksum"
        raise ValueError(message)
    return _with(content, found.start(1), hashlib.sha256(content).hexdigest())


def checksum_of(content: bytes) -> str | None:
    """Give the checksum that a content holds; None where it holds none, or not its own."""
    found = _PLACE.search(content, 0, _SEARCHED)
    if found is None:
        return None
    checksum = found[1].decode()
    is_whole = hashlib.sha256(_with(content, found.start(1), BLANK)).hexdigest() == checksum
    return checksum if is_whole else None


def _with(content: bytes, start: int, checksum: str) -> bytes:
    return content[:start] + checksum.encode() + content[start + len(checksum) :]


def _whole_object(content: bytes) -> dict[str, Any] | None:
    """Read JSON that holds its own checksum; None when it is damaged."""
    if checksum_of(content) is None:
        return None
    try:
        return read_object(content, most=MAX_MANIFEST)
    except Refused:
        return None


def check_format(data: Mapping[str, Any], path: Path) -> None:
    """Refuse what another version of imagier wrote in another format.

    Raises:
        ModelError: `checkpoint_format`.
    """
    found = data.get("format")
    if found != FORMAT:
        facts = {"format": ascii(found)[:20], "known": FORMAT}
        raise ModelError("checkpoint_format", path=printable(path), **facts)


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name, value in now.items():
        before = then.get(name)
        if before == value:
            continue
        if name == "data":
            yield t("checkpoints.difference.data")
        else:
            option = f"--{name.replace('_', '-')}"
            yield t("checkpoints.difference", name=option, then=_shown(before), now=_shown(value))


def _shown(value: Any) -> str:
    """Write an option's value as the user typed it."""
    match value:
        case None | False | []:
            return t("checkpoints.option.none")
        case True:
            return t("checkpoints.option.given")
        case list():
            return printable(",".join(map(str, value)))
        case float():
            return f"{value:g}"
        case _:
            return printable(str(value))
