"""What a run saves to be resumed: its manifest (options, plan) and checkpoints; read back too."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from imagier.datasets import keyed_hash
from imagier.errors import ModelError
from imagier.i18n import printable
from imagier.images import Prepare
from imagier.learning.data import installed_versions
from imagier.learning.options import TrainOptions
from imagier.training.checkpoints import CheckpointStore, RunManifest

__all__ = ["RunRecord", "RunStore"]


class RunRecord:
    """The record of one trainer: its plan, written before the first step, and its checkpoints.

    Args:
        checkpoints: Where they stand; None to keep nothing.
        options: What decides the result, as JSON values.
        choice: Why this network was chosen, as JSON values; None where nothing was chosen.
        resume: Whether to go on with what stands there.
    """

    def __init__(
        self,
        checkpoints: CheckpointStore | None = None,
        options: Mapping[str, Any] = MappingProxyType({}),
        choice: Mapping[str, Any] | None = None,
        *,
        resume: bool = False,
    ) -> None:
        self.checkpoints = checkpoints
        self._options, self._choice, self._resume = options, choice, resume
        self._notes: list[str] = []

    @property
    def notes(self) -> list[str]:
        """What an earlier run had to say of its plan, and what was found damaged, as sentences."""
        return [*self._notes, *(self.checkpoints.notes if self.checkpoints else [])]

    def recall(self) -> Mapping[str, Any] | None:
        """Give the decision of the run that is gone on with; None when there is none."""
        if self.checkpoints is None or not self._resume:
            return None
        manifest = _decided(self.checkpoints.read_manifest())
        if manifest is None:
            return None
        manifest.check(self._options, path=str(self.checkpoints.folder))
        self.checkpoints.notes += manifest.version_notes(installed_versions())
        plan: Mapping[str, Any] = manifest.plan["plan"]
        self._notes = [printable(str(note)) for note in manifest.plan.get("notes", ())]
        return plan

    def begin(
        self, plan: Mapping[str, Any], notes: Sequence[str] = (), *, prepare: Prepare | None = None
    ) -> None:
        """Write down what was decided, before the first step.

        Args:
            plan: The plan, as JSON values.
            notes: Why it is so, as sentences for the user.
            prepare: How the pictures are prepared, where that was chosen for the time there is.
        """
        if self.checkpoints:
            decision = {
                "choice": self._choice,
                "plan": plan,
                "notes": list(notes),
                "prepare": prepare.to_json() if prepare else None,
            }
            self.checkpoints.write_manifest(self._options, decision, versions=installed_versions())


class RunStore:
    """What one run keeps in its folder.

    Args:
        folder: Where the model will stand; None to keep nothing.
        options: What was asked.
        resume: Whether to go on with what stands there; else it gives way.

    Attributes:
        choice: Why the network was chosen, as JSON values; None where nothing was chosen.

    Where the model is to name no file, the files of the run are known under a key of the run's own.

    Raises:
        UsageError: `resume_conflict`, when the folder holds another run.
    """

    def __init__(self, folder: Path | None, options: TrainOptions, *, resume: bool) -> None:
        self.folder, self.resume = folder, resume
        self.choice: Mapping[str, Any] | None = None
        manifest = _decided(CheckpointStore(folder).read_manifest()) if folder and resume else None
        self._key = _key_of(manifest, options)
        self._options = options.decisive(key=self._key)
        # what can be compared before the pictures are read is compared at once
        if manifest:
            manifest.check(self._options, path=str(folder))
            self.choice = manifest.plan["choice"]

    def record(self, name: str, fingerprint: str) -> RunRecord:
        """Open the record of one trainer.

        Args:
            name: What tells it from the other trainers of the run; empty for the only one.
            fingerprint: Names the pictures.
        """
        checkpoints = CheckpointStore(self.folder, name) if self.folder else None
        options = self._options | {"data": keyed_hash(fingerprint, self._key)}
        return RunRecord(checkpoints, options, self.choice, resume=self.resume)

    def network(self, name: str) -> str | None:
        """Tell which network a stopped run was learning, not always the one asked for; else None.

        Args:
            name: As for `record()`.
        """
        manifest = self._manifest(name)
        return manifest.plan["plan"].get("network") if manifest else None

    def prepare(self, name: str) -> Prepare | None:
        """Tell how a stopped run prepared its pictures, where it had chosen; else None.

        Args:
            name: As for `record()`.
        """
        manifest = self._manifest(name)
        found = manifest.plan.get("prepare") if manifest else None
        return Prepare.from_json(found) if found else None

    def _manifest(self, name: str) -> RunManifest | None:
        if self.folder is None or not self.resume:
            return None
        return _decided(CheckpointStore(self.folder, name).read_manifest())


def _decided(manifest: RunManifest | None) -> RunManifest | None:
    """Let a manifest pass that holds a decision as `begin` writes it.

    Raises:
        ModelError: `bad_plan`.
    """
    if manifest is None:
        return None
    choice, prepare, notes = (manifest.plan.get(name) for name in ("choice", "prepare", "notes"))
    is_whole = (
        isinstance(manifest.plan.get("plan"), dict)
        and "choice" in manifest.plan
        and (choice is None or isinstance(choice, dict))
        and (prepare is None or isinstance(prepare, dict))
        and (notes is None or isinstance(notes, list))
    )
    if not is_whole:
        raise ModelError("bad_plan", reason=ascii(sorted(manifest.plan))[:80])
    return manifest


def _key_of(manifest: RunManifest | None, options: TrainOptions) -> str:
    """Give the key of a run that is gone on with, else a new one where no file is to be named."""
    if manifest is not None:
        return str(manifest.options.get("key", ""))
    return "" if options.pictures else secrets.token_hex(16)
