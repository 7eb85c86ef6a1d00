"""How many models have been tested on the same pictures, on this machine.

A model's own folder counts how often it was tested on a set; who learns ten models and keeps the
one that does best on the test pictures looked ten times, once with each. So each opening of a test
set is also written down outside all models, in `XDG_STATE_HOME/imagier/opened.jsonl`
(`~/.local/state/imagier/opened.jsonl`): the hash of the set, the hash of the model, when. No name,
no path, no figure stands there.

Of ten equal models that name 90 % right, the best one on 1,000 pictures seems a point and a half
better than it is.
"""

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from imagier.errors import MachineError, Refused
from imagier.files import open_regular, read_object
from imagier.ownership import private_folder, user_folder

__all__ = ["record_opening"]

FILE = "opened.jsonl"
LONGEST_LINE = 1024
MAX_LINES = 100_000


def record_opening(fingerprint: str, model: str) -> int | None:
    """Write down that a model was tested on a set, and count the models that were.

    Args:
        fingerprint: Names the set of pictures, without any key (`set_hash`).
        model: The hash of the model's network.

    Returns:
        How many different models have been tested on the set, this one included; None where
        nothing can be kept on this machine.
    """
    try:
        given = user_folder("state", "imagier")
        given.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = private_folder(given)
        if folder is None:
            return None
        file = folder / FILE
        known = _models(file, fingerprint)
        if model not in known:
            time = datetime.now(UTC).isoformat(timespec="seconds")
            _append(file, {"set": fingerprint, "model": model, "time": time})
    except (MachineError, OSError, ValueError):
        return None
    return len(known | {model})


def _models(file: Path, fingerprint: str) -> set[str]:
    """Read which models were tested on a set; what cannot be read says nothing."""
    found: set[str] = set()
    if not os.path.lexists(file):
        return found
    with open_regular(file) as lines:
        for line in islice(iter(lambda: lines.readline(LONGEST_LINE), b""), MAX_LINES):
            with suppress(Refused, KeyError):
                row = read_object(line, most=LONGEST_LINE)
                if row["set"] == fingerprint and isinstance(row["model"], str):
                    found.add(row["model"])
    return found


def _append(file: Path, row: dict[str, str]) -> None:
    no_link = getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | no_link, 0o600)
    try:
        os.write(handle, (json.dumps(row) + "\n").encode())  # one write: two tests may race
    finally:
        os.close(handle)
