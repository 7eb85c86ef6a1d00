"""A made set on the disk: pictures, tables of the truth, and the recipe; a folder or a zip.

    digits/0/0000.png ...     a folder for each class, where there are classes
    digits/labels.csv         path, label, font: what is known of each picture
    digits/recipe.json        what was asked, to make the same set again

The whole set is written beside its place and put there when it is complete. The same recipe gives
the same bytes, in a zip too: no time stands in it.
"""

import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.datasets.synthetic.recipes import LABELS, SetRecipe
from imagier.errors import DataError, Refused, UsageError
from imagier.files import new_folder, printable, read_object, read_regular, storage_errors, version
from imagier.tables import csv_text, original_cell, read_records

__all__ = ["Progress", "check_made_output", "png_bytes", "recipe_file", "write_files", "write_made"]

RECIPE: Final = "recipe.json"
MADE_BY: Final = "imagier make"
MOST_RECIPE = 1 << 20  # bytes
LEAST_DIGITS = 4  # of a picture's number
_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip can tell

Files = Iterable[tuple[str, bytes]]
Progress = Callable[[int, int], None]


def check_made_output(out: Path, *, force: bool) -> None:
    """Refuse a place that is taken, unless a made set stands there and force was given.

    Raises:
        UsageError: `output_exists`; `make_not_made`, for anything but a made set.
    """
    if os.path.lexists(out) and not force:
        raise UsageError("output_exists", path=printable(out))
    if os.path.lexists(out) and not _is_made(out):
        raise UsageError("make_not_made", path=printable(out))


def write_made(
    recipe: SetRecipe, out: Path, *, force: bool = False, progress: Progress | None = None
) -> tuple[Mapping[str, int], int]:
    """Make all pictures of a recipe and write them, with their tables.

    Args:
        recipe: What is made.
        out: A folder, or a zip where its name ends so.
        force: Whether a made set that is already there gives way.
        progress: Told after each picture.

    Returns:
        How many pictures each folder got, and the bytes of all files.

    Raises:
        UsageError: `make_count`; what `check_made_output` refuses.
        MachineError: `disk_full` or `cannot_write`; then nothing is left behind.
    """
    if recipe.count < 1:
        raise UsageError("make_count", received=recipe.count)
    counts: dict[str, int] = {}
    size = write_files(_files(recipe, counts, progress), out, force=force)
    return counts, size


def write_files(files: Files, out: Path, *, force: bool) -> int:
    """Write named files into a new folder or zip, whole or not at all; give their bytes.

    Raises:
        UsageError: What `check_made_output` refuses.
        MachineError: `disk_full` or `cannot_write`.
    """
    check_made_output(out, force=force)
    return _write_zip(files, out) if out.suffix.lower() == ".zip" else _write_folder(files, out)


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """Give a picture as a PNG file."""
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def recipe_file(facts: Mapping[str, object]) -> tuple[str, bytes]:
    """Give the recipe of a set, by which it is known as a made one."""
    said = {"made_by": MADE_BY, "version": version(), **facts}
    return RECIPE, (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def _files(recipe: SetRecipe, counts: dict[str, int], progress: Progress | None) -> Files:
    rows: dict[str, list[list[object]]] = {name: [] for name in recipe.columns}
    digits = max(LEAST_DIGITS, len(str(recipe.count - 1)))
    for index in range(recipe.count):
        made = recipe.make(index)
        path = f"{made.folder}/{index:0{digits}d}.png"
        counts[made.folder] = counts.get(made.folder, 0) + 1
        for table, some in made.rows.items():
            rows[table] += [[path, *row] for row in some]
        yield path, png_bytes(made.pixels)
        if progress is not None:
            progress(index + 1, recipe.count)
    for table, columns in recipe.columns.items():
        yield table, csv_text(("path", *columns), rows[table]).encode()
    facts = {"kind": recipe.kind, "count": recipe.count, "seed": recipe.seed}
    yield recipe_file({**facts, "tables": list(recipe.columns), **recipe.facts})


def _write_folder(files: Files, out: Path) -> int:
    size = 0
    replaces = _made_files(out) if out.exists() else None
    with new_folder(out, replaces=replaces) as temporary:
        made: set[str] = set()
        for name, content in files:
            folder = name.rpartition("/")[0]
            if folder not in made:
                (temporary / folder).mkdir(parents=True, exist_ok=True)
                made.add(folder)
            (temporary / name).write_bytes(content)
            size += len(content)
    return size


def _write_zip(files: Files, out: Path) -> int:
    with storage_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name[:40]}.")
        place = Path(temporary)
        try:
            with os.fdopen(handle, "wb") as file:
                _pack(files, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED))
                file.flush()
                os.fsync(file.fileno())
            place.chmod(0o666 & ~_umask())
            size = place.stat().st_size
            place.replace(out)
        except BaseException:
            with suppress(OSError):
                place.unlink()
            raise
    return size


def _pack(files: Files, archive: zipfile.ZipFile) -> None:
    with archive:
        for name, content in files:
            info = zipfile.ZipInfo(name, _NO_TIME)
            info.create_system, info.external_attr = 3, 0o644 << 16  # as Unix writes it, everywhere
            is_picture = name.endswith(".png")
            info.compress_type = zipfile.ZIP_STORED if is_picture else zipfile.ZIP_DEFLATED
            archive.writestr(info, content)


def _is_made(out: Path) -> bool:
    """Tell whether a made set stands there: one with a recipe of ours."""
    if out.is_symlink():
        return False
    try:
        if out.is_dir():
            content = read_regular(out / RECIPE, limit=MOST_RECIPE)
        else:
            with zipfile.ZipFile(out) as archive, archive.open(RECIPE) as file:
                content = file.read(MOST_RECIPE)
        return read_object(content, most=MOST_RECIPE).get("made_by") == MADE_BY
    except (OSError, Refused, KeyError, RuntimeError, zipfile.BadZipFile):
        return False


def _made_files(folder: Path) -> list[str]:
    """Name the files of a made set: its recipe, its tables and the pictures that these name."""
    recipe = read_object(read_regular(folder / RECIPE, limit=MOST_RECIPE), most=MOST_RECIPE)
    tables = [one for one in recipe.get("tables", ()) if isinstance(one, str) and _is_inside(one)]
    return [RECIPE, *tables, *_pictures(folder / LABELS)]


def _pictures(table: Path) -> Iterator[str]:
    with suppress(DataError):
        for record in read_records(table).rows:
            path = original_cell((record.cells or {}).get("path", ""))
            if path.endswith(".png") and _is_inside(path):
                yield path


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
