"""`plan.json`: what a lesson was asked and what its pilot decided, written before the first step.

A resumed lesson must be the same lesson: its wishes are compared one by one with those noted here,
and the plan is taken from here, because another pilot would decide otherwise.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from imagier.errors import Refused, UsageError
from imagier.files import printable, read_object
from imagier.i18n import t
from imagier.training.checkpoints.sealing import BLANK, digest_of, seal

__all__ = ["Beginning"]

FORMAT: Final = 1
_PARTS = {"sha256", "format", "wishes", "plan", "versions", "over"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """How a lesson began.

    Attributes:
        wishes: What was asked and decides the result, by name of the option; `data` names the
            pictures by their fingerprint.
        plan: What the pilot decided, as JSON values.
        versions: Versions of imagier and of its engines.
        over: The hash of the `model.json` that will give way, None where there was none.
    """

    wishes: Mapping[str, Any]
    plan: Mapping[str, Any]
    versions: Mapping[str, str]
    over: str | None = None

    def to_bytes(self) -> bytes:
        """Write it as JSON that holds its own hash."""
        values = {
            "sha256": BLANK,
            "format": FORMAT,
            "wishes": dict(self.wishes),
            "plan": dict(self.plan),
            "versions": dict(self.versions),
            "over": self.over,
        }
        return seal((json.dumps(values, allow_nan=False, indent=1) + "\n").encode())

    @classmethod
    def from_bytes(cls, content: bytes) -> "Beginning | None":
        """Read it back; None when it is damaged, or of another version."""
        if digest_of(content) is None:
            return None
        try:
            data = read_object(content)
            if set(data) != _PARTS or data["format"] != FORMAT:
                return None
        except Refused:
            return None
        return cls(**{name: data[name] for name in _PARTS - {"sha256", "format"}})

    def check(self, wishes: Mapping[str, Any], *, path: str) -> None:
        """Refuse to go on with another lesson than the one that began.

        Args:
            wishes: What is asked now; only the wishes named here are compared, so that those known
                early can be checked before the pictures are read.
            path: The folder, for the message.

        Raises:
            UsageError: `resume_conflict`, naming each difference.
        """
        differences = list(_differences(self.wishes, json.loads(json.dumps(dict(wishes)))))
        if differences:
            raise UsageError(
                "resume_conflict", path=printable(path), differences=", ".join(differences)
            )

    def changes(self, versions: Mapping[str, str]) -> list[str]:
        """Say which engines are not those of the beginning: the last bits may differ."""
        moved = [name for name in versions if self.versions.get(name) != versions[name]]
        if not moved:
            return []
        then = ", ".join(f"{name} {self.versions.get(name, '?')}" for name in moved)
        now = ", ".join(f"{name} {versions[name]}" for name in moved)
        return [t("checkpoints.note.versions", then=then, now=now)]


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
    """Write a wish as the user typed it."""
    match value:
        case None | False | []:
            return t("checkpoints.wish.none")
        case True:
            return t("checkpoints.wish.given")
        case list():
            return printable(",".join(map(str, value)))
        case float():
            return f"{value:g}"
        case _:
            return printable(str(value))
