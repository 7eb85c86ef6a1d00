"""What a lesson keeps on its way, so that a killed one goes on: the bridge to the checkpoints."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from imagier.learning.task import VERSIONS
from imagier.learning.wishes import Wishes
from imagier.training import CheckpointStore

__all__ = ["Journal", "Page"]


class Page:
    """The journal of one learner: its plan, written before the first step, and its checkpoints.

    Args:
        checkpoints: Where they stand; None to keep nothing.
        wishes: What decides the result, as JSON values.
        choice: Why this network was chosen, as JSON values; None where nothing was chosen.
        resume: Whether to go on with what stands there.
    """

    def __init__(
        self,
        checkpoints: CheckpointStore | None,
        wishes: Mapping[str, Any],
        choice: Mapping[str, Any] | None = None,
        *,
        resume: bool = False,
    ) -> None:
        self.checkpoints = checkpoints
        self._wishes, self._choice, self._resume = wishes, choice, resume
        self._told: list[str] = []

    @property
    def notes(self) -> list[str]:
        """What an earlier run had to say of its plan, and what was found damaged, as sentences."""
        return [*self._told, *(self.checkpoints.notes if self.checkpoints else [])]

    def recall(self) -> Mapping[str, Any] | None:
        """Give the decision of the run that is gone on with; None when there is none."""
        if self.checkpoints is None or not self._resume:
            return None
        beginning = self.checkpoints.read_manifest()
        if beginning is None:
            return None
        beginning.check(self._wishes, path=str(self.checkpoints.folder))
        self.checkpoints.notes += beginning.version_notes(_versions())
        plan: Mapping[str, Any] = beginning.plan["plan"]
        self._told = list(beginning.plan.get("notes", ()))
        return plan

    def begin(self, plan: Mapping[str, Any], notes: Sequence[str] = ()) -> None:
        """Write down what was decided, before the first step.

        Args:
            plan: The plan, as JSON values.
            notes: Why it is so, as sentences for the user.
        """
        if self.checkpoints:
            decision = {"choice": self._choice, "plan": plan, "notes": list(notes)}
            self.checkpoints.write_manifest(self._wishes, decision, versions=_versions())


class Journal:
    """What one lesson keeps in its folder.

    Args:
        folder: Where the model will stand; None to keep nothing.
        wishes: What was asked.
        resume: Whether to go on with what stands there; else it gives way.

    Attributes:
        choice: Why the network was chosen, as JSON values; None where nothing was chosen.

    Raises:
        UsageError: `resume_conflict`, when the folder holds the beginning of another lesson.
    """

    def __init__(self, folder: Path | None, wishes: Wishes, *, resume: bool) -> None:
        self.folder, self.resume = folder, resume
        self.choice: Mapping[str, Any] | None = None
        self._wishes = wishes.decisive()
        # what can be compared before the pictures are read is compared at once
        beginning = CheckpointStore(folder).read_manifest() if folder and resume else None
        if beginning:
            beginning.check(self._wishes, path=str(folder))
            self.choice = beginning.plan["choice"]

    def page(self, name: str, fingerprint: str) -> Page:
        """Open the journal of one learner.

        Args:
            name: What tells it from the other learners of the lesson; empty for the only one.
            fingerprint: Names the pictures.
        """
        checkpoints = CheckpointStore(self.folder, name) if self.folder else None
        wishes = self._wishes | {"data": fingerprint}
        return Page(checkpoints, wishes, self.choice, resume=self.resume)

    def network(self, name: str) -> str | None:
        """Tell which network a stopped run was learning, not always the one asked for; else None.

        Args:
            name: As for `page()`.
        """
        beginning = CheckpointStore(self.folder, name).read_manifest() if self.folder else None
        return beginning.plan["plan"].get("network") if beginning and self.resume else None


def _versions() -> dict[str, str]:
    return {name: version(name) for name in VERSIONS}
