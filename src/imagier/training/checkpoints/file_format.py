"""The two files of a training run that can go on, each with a SHA-256 over the whole of itself.

`plan.json` is the manifest: what was asked and what the pilot decided. A checkpoint is a
safetensors file, whose metadata hold as JSON what is no tensor. Whatever the loop hands over comes
back to the bit: kinds of numbers, tensors without sides, the order of the names and the order of
the channels in memory, on which the last bits of a sum may hang.

The checksum stands inside the file: it is first written with 64 zeros where the checksum will
stand; the SHA-256 of that is then put in their place. To check, the zeros are put back.

>>> content = with_checksum(b'{"sha256":"' + b"0" * 64 + b'","seed":0}')
>>> checksum_of(content)[:8]
'369a527f'
>>> checksum_of(content.replace(b'"seed":0', b'"seed":1')) is None
True
"""

import hashlib
import json
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import safetensors.torch
import torch
from safetensors import SafetensorError

from imagier.errors import ModelError, Refused, UsageError
from imagier.files import printable, read_object
from imagier.i18n import t
from imagier.training.plan import Plan
from imagier.training.state import TrainState

__all__ = [
    "BLANK",
    "FORMAT",
    "Checkpoint",
    "RunManifest",
    "checksum_of",
    "decode",
    "encode",
    "replaced_model",
    "with_checksum",
]

FORMAT: Final = 2  # of both files; 1 had other names
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
        _check_format(data, path)
        names = cls.__dataclass_fields__
        if set(data) != {"sha256", "format", *names}:
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
        header = json.loads(content[8 : 8 + length])
        notes = dict(json.loads(header["__metadata__"]["checkpoint"]))
    except (struct.error, ValueError, KeyError, TypeError, RecursionError):
        return None
    _check_format(notes, path)
    try:
        return _checkpoint(notes, safetensors.torch.load(content)), str(notes["run"])
    except (SafetensorError, ModelError, ValueError, KeyError, TypeError, RecursionError):
        return None


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
        return read_object(content)
    except Refused:
        return None


def _check_format(data: Mapping[str, Any], path: Path) -> None:
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
