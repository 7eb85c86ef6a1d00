"""Files that a command writes: refused before any work when they cannot be, written whole after."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from imagier.cli.framework import note
from imagier.errors import UsageError
from imagier.files import printable, write_file
from imagier.i18n import t

if TYPE_CHECKING:
    from imagier.answers import Answer

__all__ = ["check_output", "check_places", "write_figure", "write_output", "write_table"]


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


def check_places(
    names: Sequence[str], out: str, *, option: str, kinds: Sequence[str], force: bool
) -> dict[str, Path]:
    """Decide where a file about each picture goes, before any work: none twice, none of the inputs.

    Args:
        names: The pictures.
        out: What the user wrote: a file for a single picture, else a folder.
        option: That it was given to, such as `--out`.
        kinds: The suffixes that the command can write, that of files in a folder first.
        force: Whether files already there may be replaced.

    Raises:
        UsageError: `output_many`, `output_same_name`, or as `check_output`.
    """
    is_file = bool(Path(out).suffix)
    if is_file and len(set(names)) > 1:
        raise UsageError("output_many", path=printable(out), n=len(names), option=option)
    places: dict[str, Path] = {}
    taken: dict[Path, str] = {}
    for name in names:
        place = Path(out) if is_file else Path(out) / f"{Path(name).stem}{kinds[0]}"
        other = taken.setdefault(place, name)
        if other != name:
            facts = {"path": printable(place), "first": printable(other)}
            raise UsageError("output_same_name", second=printable(name), option=option, **facts)
        places[name] = check_output(str(place), kinds=kinds, inputs=names, force=force)
    return places


def write_figure(answer: "Answer", path: Path, *, name: str = "figure", quiet: bool) -> None:
    """Draw a figure of an answer into a PNG, SVG or GIF file.

    Raises:
        UsageError: `nothing_moves`, for a film of what does not move.
    """
    write_output(path, answer.figures()[name].content(path.suffix.lower()), quiet=quiet)


def write_table(answer: "Answer", path: Path, *, name: str = "table", quiet: bool) -> None:
    """Write a table of an answer into a CSV file, or with tabs where its name ends in .tsv."""
    delimiter = "\t" if path.suffix.lower() == ".tsv" else None
    write_output(path, answer.tables()[name].csv(delimiter=delimiter).encode(), quiet=quiet)


def write_output(path: Path, content: bytes, *, quiet: bool) -> None:
    """Write a file whole and say so on stderr."""
    write_file(path, content)
    note(t("cli.written", path=printable(path)), quiet=quiet)
