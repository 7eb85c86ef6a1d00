"""Checkpoints: what a killed training run leaves behind, so that `--resume` ends at the same bits.

A run writes into `OUT/checkpoints/` until its model stands in `OUT`:

    plan.json                 what was asked and what the pilot decided, before the first step
    epoch-000007.safetensors  all that the next epoch needs, the best weights, the history so far
    interrupted.json          by Ctrl-C, which kept the model in `OUT` of what was learnt until then
    lock                      held by the one process that learns into this folder

Each file holds a SHA-256 over the whole of itself, is written under another name, brought to the
disk and renamed: a kill at any moment leaves the file before or the file after. The last two
checkpoints are kept; one that was damaged since is named and left out. What another version of
imagier wrote in another format is refused by name.

Only what is proven to be imagier's gives way, see `contents`; whatever else stands in `OUT` or
among the checkpoints is named, and stays.

`model.json` is put into `OUT` last and the checkpoints go after it, so that an unfinished folder is
never taken for a model, nor a model for an unfinished folder.
"""

from imagier.training.checkpoints.folder import (
    FolderState,
    check_own,
    finish,
    folder_state,
    tidy,
    training_lock,
)
from imagier.training.checkpoints.manifest import RunManifest
from imagier.training.checkpoints.store import CheckpointStore

__all__ = [
    "CheckpointStore",
    "FolderState",
    "RunManifest",
    "check_own",
    "finish",
    "folder_state",
    "tidy",
    "training_lock",
]
