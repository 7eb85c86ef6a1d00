"""Keeps the last two checkpoints of a lesson, and finds the newest that is whole."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import torch

from imagier.files import content_hash, printable, storage_errors, write_file
from imagier.i18n import t
from imagier.recognizer.model_folder import CARD_FILE
from imagier.training.checkpoints.beginning import Beginning
from imagier.training.checkpoints.encoding import Checkpoint, decode, encode
from imagier.training.checkpoints.folder import CHECKPOINTS, PLAN_FILE
from imagier.training.checkpoints.sealing import digest_of
from imagier.training.loop import Snapshot

__all__ = ["Checkpoints"]

_NAME: Final = re.compile(r"epoch-(\d{6,})\.safetensors")


class Checkpoints:
    """The checkpoints of the lesson whose model will stand in `folder`.

    The caller holds `sole_learner(folder)` for as long as it uses them.

    Args:
        folder: Where the model will stand; `folder/checkpoints/` is used.
        part: A folder in there, for one network of several; none for the lesson itself.
        name: Where several networks learn into one folder, tells this one from the others.

    Attributes:
        notes: Sentences for the user: which file was damaged and left out.
    """

    def __init__(self, folder: Path, name: str = "") -> None:
        self.folder = folder
        self.place = folder / CHECKPOINTS / _folder_name(name)
        self.notes: list[str] = []
        self._lesson = ""
        self._bad: list[Path] = []

    def write_plan(
        self, wishes: Mapping[str, Any], plan: Mapping[str, Any], *, versions: Mapping[str, str]
    ) -> None:
        """Note what was asked and what the pilot decided; checkpoints of other lessons go.

        Args:
            wishes: What decides the result, by name of the option, as JSON values.
            plan: What the pilot decided, as JSON values.
            versions: Versions of imagier and of its engines.

        Raises:
            MachineError: `disk_full` or `cannot_write`.
        """
        beginning = Beginning(
            wishes=wishes, plan=plan, versions=versions, over=_hash(self.folder / CARD_FILE)
        )
        content = beginning.to_bytes()
        with storage_errors(self.place):
            self.place.mkdir(parents=True, exist_ok=True)
        write_file(self.place / PLAN_FILE, content)
        self._lesson = digest_of(content) or ""
        self._remove(path for _, path in self._numbered())

    def read_plan(self) -> Beginning | None:
        """Give how the lesson began; None where nothing is noted, or it is damaged (a note)."""
        path = self.place / PLAN_FILE
        content = _content(path)
        if content is None:
            return None
        beginning = Beginning.from_bytes(content)
        if beginning is None:
            self.notes.append(t("checkpoints.note.plan_damaged", path=printable(path)))
            return None
        self._lesson = digest_of(content) or ""
        return beginning

    def write(self, snapshot: Snapshot, *, best: Mapping[str, torch.Tensor], course: Any) -> None:
        """Keep a lesson between two epochs; the one before is kept too, older ones go.

        Args:
            snapshot: All that the next epoch needs.
            best: The weights of the best epoch so far.
            course: What the epochs done so far gave, as JSON values.

        Raises:
            MachineError: `disk_full` or `cannot_write`; the one before is untouched.
        """
        checkpoint = Checkpoint(snapshot=snapshot, best=best, course=course)
        path = self.place / f"epoch-{snapshot.number:06d}.safetensors"
        write_file(path, encode(checkpoint, lesson=self._lesson))
        kept = {path, *self._before(snapshot.number)}
        self._remove(file for _, file in self._numbered() if file not in kept)
        self._bad = []

    def latest(self) -> Checkpoint | None:
        """Give the newest checkpoint of this lesson that is whole; None when there is none.

        Damaged ones, and those of another lesson, are named in `notes`.
        """
        if not self._lesson:
            self.read_plan()
        self._bad = []
        for _, path in reversed(self._numbered()):
            content = _content(path)
            found = None if content is None else decode(content)
            if found is not None and found[1] == self._lesson:
                return found[0]
            reason = "damaged" if found is None else "other_lesson"
            self.notes.append(t(f"checkpoints.note.{reason}", path=printable(path)))
            self._bad.append(path)
        return None

    def _before(self, number: int) -> list[Path]:
        """Give the newest good checkpoint before epoch `number`."""
        good = [path for n, path in self._numbered() if n < number and path not in self._bad]
        return good[-1:]

    def _numbered(self) -> list[tuple[int, Path]]:
        """List the checkpoints with the epochs done in each, in that order."""
        if not self.place.is_dir():
            return []
        names = ((_NAME.fullmatch(path.name), path) for path in self.place.iterdir())
        return sorted((int(name[1]), path) for name, path in names if name)

    def _remove(self, paths: Iterable[Path]) -> None:
        for path in paths:
            with storage_errors(path):
                path.unlink(missing_ok=True)


def _folder_name(name: str) -> str:
    """Make a folder's name of any name; two names never give the same."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-")
    return f"{plain}-{content_hash(name.encode())[:8]}" if name else ""


def _content(path: Path) -> bytes | None:
    """Read a regular file; None where there is none; nothing of it where the disk fails."""
    if not path.is_file():
        return b"" if path.exists() else None
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _hash(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
