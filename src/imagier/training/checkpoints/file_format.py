"""A checkpoint as a file: safetensors, whose metadata hold as JSON what is no tensor.

Whatever the loop hands over comes back to the bit: kinds of numbers, tensors without sides, the
order of the names and the order of the channels in memory, on which the last bits of a sum may
hang. The file holds a SHA-256 over the whole of itself; see `manifest`.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError

from imagier.errors import ModelError
from imagier.training.checkpoints.manifest import (
    BLANK,
    FORMAT,
    check_format,
    checksum_of,
    with_checksum,
)
from imagier.training.plan import Plan
from imagier.training.state import TrainState

__all__ = ["Checkpoint", "decode", "encode"]

MAX_HEADER = 16 * 2**20  # bytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Checkpoint:
    """A training run between two epochs.

    Attributes:
        state: All that the next epoch needs.
        best: The weights of the best epoch so far, by name.
        history: What the epochs done so far gave, as JSON values.
    """

    state: TrainState
    best: Mapping[str, torch.Tensor]
    history: Any


def encode(checkpoint: Checkpoint, *, run: str) -> bytes:
    """Write a checkpoint as the bytes of a safetensors file that holds its own checksum.

    Args:
        checkpoint: What to keep.
        run: The checksum of the manifest it belongs to.
    """
    state = checkpoint.state
    tensors = {
        **{f"state/{name}": tensor for name, tensor in state.tensors.items()},
        **{f"best/{name}": tensor for name, tensor in checkpoint.best.items()},
    }
    notes = {
        "format": FORMAT,
        "run": run,
        "epoch": state.epoch,
        "plan": state.plan.to_json(),
        "numbers": state.numbers,
        "history": checkpoint.history,
        "order": list(tensors),
        "channels_last": [name for name in tensors if _is_channels_last(tensors[name])],
    }
    content = safetensors.torch.save(
        {name: _unshared(tensor) for name, tensor in tensors.items()},
        metadata={"sha256": BLANK, "checkpoint": json.dumps(notes)},
    )
    return with_checksum(content)


def decode(content: bytes, *, path: Path) -> tuple[Checkpoint, str] | None:
    """Read a checkpoint and the checksum of its manifest; None when it is damaged.

    Args:
        content: Of the file.
        path: Its name, for the message.

    Raises:
        ModelError: `checkpoint_format`, when another version of imagier wrote it.
    """
    if checksum_of(content) is None:
        return None
    try:
        length = struct.unpack("<Q", content[:8])[0]
        if length > MAX_HEADER:
            return None
        header = json.loads(content[8 : 8 + length])
        notes = dict(json.loads(header["__metadata__"]["checkpoint"]))
    except (struct.error, ValueError, KeyError, TypeError, RecursionError):
        return None
    check_format(notes, path)
    try:
        return _checkpoint(notes, safetensors.torch.load(content)), str(notes["run"])
    except (SafetensorError, ModelError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _checkpoint(notes: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> Checkpoint:
    channels_last = set(notes["channels_last"])
    parts: dict[str, dict[str, torch.Tensor]] = {"state": {}, "best": {}}
    for key in notes["order"]:
        part, _, name = key.partition("/")
        layout = torch.channels_last if key in channels_last else torch.contiguous_format
        # copied into memory that torch has aligned, as it was when it was kept
        parts[part][name] = tensors[key].clone(memory_format=layout)
    state = TrainState(
        epoch=notes["epoch"],
        plan=Plan.from_json(notes["plan"]),
        tensors=parts["state"],
        numbers=notes["numbers"],
    )
    return Checkpoint(state=state, best=parts["best"], history=notes["history"])


def _unshared(tensor: torch.Tensor) -> torch.Tensor:
    """Copy into memory of its own: safetensors refuses tensors that share theirs."""
    return tensor.detach().cpu().clone(memory_format=torch.contiguous_format)


def _is_channels_last(tensor: torch.Tensor) -> bool:
    return (
        tensor.dim() == 4
        and not tensor.is_contiguous()
        and tensor.is_contiguous(memory_format=torch.channels_last)
    )
