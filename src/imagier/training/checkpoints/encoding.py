"""A checkpoint as a file: safetensors, whose metadata hold the rest as JSON and the file's hash.

Whatever the loop hands over comes back to the bit: kinds of numbers, tables without sides, the
order of the names and the order of the channels in memory, on which the last bits of a sum may
hang.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import safetensors.torch
import torch
from safetensors import SafetensorError

from imagier.errors import ModelError
from imagier.training.checkpoints.sealing import BLANK, digest_of, seal
from imagier.training.loop import Snapshot
from imagier.training.plan import Plan

__all__ = ["Checkpoint", "decode", "encode"]

FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Checkpoint:
    """A lesson between two epochs.

    Attributes:
        snapshot: All that the next epoch needs.
        best: The weights of the best epoch so far, by name.
        course: What the epochs done so far gave, as JSON values.
    """

    snapshot: Snapshot
    best: Mapping[str, torch.Tensor]
    course: Any


def encode(checkpoint: Checkpoint, *, lesson: str) -> bytes:
    """Write a checkpoint as the bytes of a safetensors file that holds its own hash.

    Args:
        checkpoint: What to keep.
        lesson: The hash of the `plan.json` it belongs to.
    """
    snapshot = checkpoint.snapshot
    tables = {
        **{f"snapshot/{name}": table for name, table in snapshot.tensors.items()},
        **{f"best/{name}": table for name, table in checkpoint.best.items()},
    }
    notes = {
        "format": FORMAT,
        "lesson": lesson,
        "number": snapshot.number,
        "plan": snapshot.plan.to_json(),
        "numbers": snapshot.numbers,
        "course": checkpoint.course,
        "order": list(tables),
        "channels_last": [name for name, table in tables.items() if _is_channels_last(table)],
    }
    content = safetensors.torch.save(
        {name: _alone(table) for name, table in tables.items()},
        metadata={"sha256": BLANK, "checkpoint": json.dumps(notes)},
    )
    return seal(content)


def decode(content: bytes) -> tuple[Checkpoint, str] | None:
    """Read a checkpoint and the hash of its `plan.json`; None when it is damaged."""
    if digest_of(content) is None:
        return None
    try:
        notes = _notes(content)
        if notes["format"] != FORMAT:
            return None
        return _checkpoint(notes, safetensors.torch.load(content)), str(notes["lesson"])
    except (SafetensorError, ModelError, ValueError, KeyError, TypeError, RecursionError):
        return None  # it holds its own hash, so it was written so: by another version


def _notes(content: bytes) -> Any:
    length = struct.unpack("<Q", content[:8])[0]
    return json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["checkpoint"])


def _checkpoint(notes: Any, tables: Mapping[str, torch.Tensor]) -> Checkpoint:
    spread = set(notes["channels_last"])
    ordered = {name: _laid_out(tables[name], name in spread) for name in notes["order"]}
    snapshot = Snapshot(
        number=notes["number"],
        plan=Plan.from_json(notes["plan"]),
        tensors=_under("snapshot/", ordered),
        numbers=notes["numbers"],
    )
    return Checkpoint(snapshot=snapshot, best=_under("best/", ordered), course=notes["course"])


def _under(prefix: str, tables: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        name.removeprefix(prefix): table
        for name, table in tables.items()
        if name.startswith(prefix)
    }


def _alone(table: torch.Tensor) -> torch.Tensor:
    """Copy a table into memory of its own: safetensors refuses tables that share theirs."""
    return table.detach().cpu().clone(memory_format=torch.contiguous_format)


def _is_channels_last(table: torch.Tensor) -> bool:
    return (
        table.dim() == 4
        and not table.is_contiguous()
        and table.is_contiguous(memory_format=torch.channels_last)
    )


def _laid_out(table: torch.Tensor, channels_last: bool) -> torch.Tensor:
    """Copy a table into memory that torch has aligned, as it was when it was kept."""
    layout = torch.channels_last if channels_last else torch.contiguous_format
    return table.clone(memory_format=layout)
