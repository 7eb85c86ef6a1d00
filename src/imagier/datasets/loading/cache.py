"""Prepared pictures kept on disk, so that a second run decodes nothing twice.

A picture is found again by the content of its file, never by its name or date. What it became
depends on the settings of `prepare` and on the versions of imagier and Pillow: each combination has
its own folder of packs below the cache's `pixels` folder. Adding ten pictures to a hundred thousand
decodes ten and adds one small pack. Pictures that could not be decoded are remembered too.

The cache is a help, never a condition: where it cannot be written to, a note says so and the run
goes on; a damaged pack is removed, named in a note and made again. Beyond `LIMIT` bytes the packs
that were used longest ago give way.
"""

import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL
from numpy.typing import NDArray

from imagier.datasets.loading.cache_upkeep import LIMIT, trim
from imagier.datasets.loading.packs import (
    DamagedPackError,
    Failure,
    Pack,
    describe_pack,
    pack_name,
    read_pack,
    remove_pack,
    write_pack,
)
from imagier.datasets.tensor import exceeds_memory, map_rows
from imagier.errors import MachineError
from imagier.files import cache_folder, content_hash, printable, version
from imagier.i18n import t
from imagier.images import Prepare

__all__ = ["PIXELS_VERSION", "Found", "PixelCache", "settings_key"]

PIXELS_VERSION = 1  # raised whenever decoding or preparing gives other pixels than before


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """Where known pictures stand: rows of a pack, and the places of the caller they belong to."""

    pack: Pack
    pixels: NDArray[np.uint8]
    rows: NDArray[np.int64]
    places: NDArray[np.int64]


class PixelCache:
    """The packs of one combination of settings.

    Attributes:
        notes: What went wrong with the cache, as sentences.
        failures: The contents known not to be decodable, and why.
    """

    def __init__(self, settings: Prepare, scale: int) -> None:
        """Open the packs for these settings; `scale` is the full scale of the source's pixels."""
        self.notes: list[str] = []
        self.failures: dict[str, Failure] = {}
        self._shape = (settings.height, settings.width, settings.channels)
        self._folder: Path | None = None
        self._packs: list[Pack] = []
        self._used: set[Path] = set()
        self._has_new = False
        try:
            key = settings_key(prepare=settings.to_json(), scale=scale)
            self._folder = cache_folder("pixels", key)
        except MachineError as error:
            self._give_up(error)
        self._read_packs()

    def find(self, contents: Sequence[str]) -> list[Found]:
        """Find known pictures by their content hashes; each place is found at most once."""
        places = _places(contents)
        found = []
        for pack in self._packs:
            rows = {content: row for row, content in enumerate(pack.contents) if content in places}
            if not rows or (pixels := self._pixels(pack)) is None:
                continue
            pairs = [(row, place) for content, row in rows.items() for place in places.pop(content)]
            table = np.array(pairs, dtype=np.int64)
            found.append(Found(pack=pack, pixels=pixels, rows=table[:, 0], places=table[:, 1]))
        return found

    def new_rows(self, count: int) -> NDArray[np.uint8]:
        """Make room for `count` pictures: in memory, or in a file that `keep_all` makes a pack."""
        shape = (count, *self._shape)
        if self._folder is not None and exceeds_memory(shape):
            path = self._folder / f".{os.getpid()}-{time.time_ns()}.npy"
            try:
                return map_rows(path, shape)
            except MachineError as error:
                with suppress(OSError):
                    path.unlink()
                self._give_up(error)
        return np.empty(shape, dtype=np.uint8)

    def keep(self, pack: Pack, rows: NDArray[np.uint8]) -> None:
        """Write a pack of new pictures, unless the cache has given up."""
        if self._folder is None:
            return
        try:
            self._note_new(write_pack(self._folder, pack, rows))
        except MachineError as error:
            self._give_up(error)

    def keep_all(self, pack: Pack, rows: np.memmap) -> None:
        """Make a pack of the whole mapped set, whose file stands in the cache already.

        A set larger than the whole cache may be is not kept: its file loses its name, and its
        space is free again when the run ends.
        """
        assert rows.filename is not None  # noqa: S101 - `new_rows` maps named files only
        file = Path(rows.filename)
        try:
            if self._folder is None or rows.nbytes > LIMIT:
                file.unlink()
                return
            path = self._folder / pack_name(pack)
            rows.flush()
            file.replace(path.with_suffix(".npy"))
            self._note_new(describe_pack(path, pack, rows))
        except (MachineError, OSError) as error:
            self._give_up(error)

    def close(self) -> None:
        """Mark the packs that were used, and let old ones go where something was written."""
        for path in self._used:
            with suppress(OSError):
                os.utime(path)
        if self._has_new and self._folder is not None:
            trim(self._folder.parent, spare=self._used)

    def _read_packs(self) -> None:
        for path in sorted(self._folder.glob("*.json")) if self._folder else ():
            try:
                pack = read_pack(path)
            except FileNotFoundError:
                continue  # another process let it go
            except DamagedPackError:
                self._remove(path)
                continue
            self._packs.append(pack)
            self.failures |= pack.failures

    def _pixels(self, pack: Pack) -> NDArray[np.uint8] | None:
        try:
            pixels = pack.pixels(self._shape)
        except FileNotFoundError:
            return None
        except DamagedPackError:
            self._remove(pack.path)
            return None
        self._used.add(pack.path)
        return pixels

    def _remove(self, damaged: Path) -> None:
        remove_pack(damaged)
        self.notes.append(t("datasets.cache_damaged", path=printable(damaged)))

    def _note_new(self, pack: Pack) -> None:
        self._used.add(pack.path)
        self._has_new = True

    def _give_up(self, error: MachineError | OSError) -> None:
        reason = error.message if isinstance(error, MachineError) else str(error)
        self._folder = None
        self.notes.append(t("datasets.cache_not_kept", reason=reason))


def settings_key(**settings: object) -> str:
    """Name a combination of settings with the versions of everything that shapes the pixels."""
    versions = {"pixels": PIXELS_VERSION, "imagier": version(), "pillow": PIL.__version__}
    text = json.dumps(settings | versions, sort_keys=True)
    return content_hash(text.encode("ascii"))


def _places(contents: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, content in enumerate(contents):
        places.setdefault(content, []).append(place)
    return places
