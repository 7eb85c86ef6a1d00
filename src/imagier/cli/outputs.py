"""Files that a command writes: refused before any work when they cannot be, written whole after."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from imagier.cli.framework import note
from imagier.errors import UsageError
from imagier.files import printable, write_file
from imagier.i18n import t

__all__ = ["check_output", "write_output"]


def check_output(
    path: str, *, kinds: Sequence[str], inputs: Iterable[str] = (), force: bool = False
) -> Path:
    """Refuse a file of an unknown kind, one that is already there, one of the inputs.

    Args:
        path: What the user wrote.
        kinds: The suffixes that the command can write.
        inputs: What the command reads: never replaced, not even with force.
        force: Whether another file already there may be replaced.

    Raises:
        UsageError: `output_kind`, `output_is_input` or `output_exists`.
    """
    out = Path(path)
    if out.suffix.lower() not in kinds:
        raise UsageError("output_kind", path=printable(path), kinds=", ".join(kinds))
    if out.exists() and any(os.path.realpath(word) == os.path.realpath(out) for word in inputs):
        raise UsageError("output_is_input", path=printable(path))
    if os.path.lexists(out) and not force:
        raise UsageError("output_exists", path=printable(path))
    return out


def write_output(path: Path, content: bytes, *, quiet: bool) -> None:
    """Write a file whole and say so on stderr."""
    write_file(path, content)
    note(t("cli.written", path=printable(path)), quiet=quiet)
