"""The store: keeps the last two checkpoints of a run, and finds the newest that is whole."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from imagier.files import content_hash, printable, storage_errors, write_file
from imagier.i18n import t
from imagier.recognizer.folder_contents import CARD_FILE, CHECKPOINTS
from imagier.training.checkpoints.contents import MANIFEST_FILE, content_at
from imagier.training.checkpoints.manifest import RunManifest, checksum_of

if TYPE_CHECKING:  # a run without torch keeps its manifest only
    import torch

    from imagier.training.checkpoints.file_format import Checkpoint
    from imagier.training.state import TrainState

__all__ = ["CheckpointStore"]

_NAME: Final = re.compile(r"epoch-(\d{6,})\.safetensors")


class CheckpointStore:
    """The manifest and the checkpoints of the run whose model will stand in `folder`.

    The caller holds `training_lock(folder)` for as long as it uses them.

    Args:
        folder: Where the model will stand; `folder/checkpoints/` is used.
        name: Where several networks learn into one folder, tells this one from the others, by a
            folder of its own in there; empty for the only one.

    Attributes:
        notes: Sentences for the user: which file was damaged and left out.
    """

    def __init__(self, folder: Path, name: str = "") -> None:
        self.folder = folder
        self.place = folder / CHECKPOINTS / _folder_name(name)
        self.notes: list[str] = []
        self._run = ""  # the checksum of the manifest
        self._bad: list[Path] = []

    def write_manifest(
        self, options: Mapping[str, Any], plan: Mapping[str, Any], *, versions: Mapping[str, str]
    ) -> None:
        """Note what was asked and what the pilot decided; checkpoints of other runs go.

        Args:
            options: What decides the result, by name of the option, as JSON values.
            plan: What the pilot decided, as JSON values.
            versions: Versions of imagier and of its engines.

        Raises:
            MachineError: `disk_full` or `cannot_write`.
        """
        card = self.folder / CARD_FILE
        content = content_at(card)
        older = hashlib.sha256(content).hexdigest() if content else None
        manifest = RunManifest(options=options, plan=plan, versions=versions, replaces=older)
        content = manifest.to_bytes()
        with storage_errors(self.place):
            self.place.mkdir(parents=True, exist_ok=True)
        write_file(self.place / MANIFEST_FILE, content)
        self._run = checksum_of(content) or ""
        self._remove(path for _, path in self._numbered())

    def read_manifest(self) -> RunManifest | None:
        """Give how the run began; None where nothing is noted, or it is damaged (a note).

        Raises:
            ModelError: `checkpoint_format`, when another version of imagier wrote it.
        """
        path = self.place / MANIFEST_FILE
        content = content_at(path)
        if content is None:
            return None
        manifest = RunManifest.from_bytes(content, path=path)
        if manifest is None:
            self.notes.append(t("checkpoints.note.plan_damaged", path=printable(path.name)))
            return None
        self._run = checksum_of(content) or ""
        return manifest

    def write(
        self, state: "TrainState", *, best: "Mapping[str, torch.Tensor]", history: Any
    ) -> None:
        """Keep a run between two epochs; the checkpoint before is kept too, older ones go.

        Args:
            state: All that the next epoch needs.
            best: The weights of the best epoch so far.
            history: What the epochs done so far gave, as JSON values.

        Raises:
            MachineError: `disk_full` or `cannot_write`; the one before is untouched.
        """
        from imagier.training.checkpoints.file_format import Checkpoint, encode

        checkpoint = Checkpoint(state=state, best=best, history=history)
        path = self.place / f"epoch-{state.epoch:06d}.safetensors"
        write_file(path, encode(checkpoint, run=self._run))
        before = [file for n, file in self._numbered() if n < state.epoch and file not in self._bad]
        kept = {path, *before[-1:]}
        self._remove(file for _, file in self._numbered() if file not in kept)
        self._bad = []

    def latest(self) -> "Checkpoint | None":
        """Give the newest checkpoint of this run that is whole; None when there is none.

        Damaged ones, and those of another run, are named in `notes`.

        Raises:
            ModelError: `checkpoint_format`, when another version of imagier wrote it.
        """
        from imagier.training.checkpoints.file_format import decode

        if not self._run:
            self.read_manifest()
        self._bad = []
        for _, path in reversed(self._numbered()):
            content = content_at(path)
            found = None if content is None else decode(content, path=path)
            if found is not None and found[1] == self._run:
                return found[0]
            reason = "damaged" if found is None else "other_run"
            self.notes.append(t(f"checkpoints.note.{reason}", path=printable(path.name)))
            self._bad.append(path)
        return None

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
