"""Features kept on disk, so that no picture is looked at twice by the same backbone.

A picture is found again by the hash of its pixels. What a backbone makes of it depends on the
backbone's numbers, the view, the settings of `prepare` and the versions of everything on the way:
each combination has its own folder of packs below the cache's `features` folder. They are the packs
of prepared pictures, their rows holding features as bytes, written whole or not at all: whatever
kills a run, the next one looks only at the pictures that are missing.

As with pixels the cache is a help, never a condition: where it cannot be written to, a note says
so and the run goes on; a damaged pack is removed, named in a note and made again.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.loading.cache_upkeep import trim
from imagier.datasets.loading.packs import (
    DamagedPackError,
    Pack,
    read_pack,
    remove_pack,
    write_pack,
)
from imagier.errors import MachineError
from imagier.files import cache_folder, printable
from imagier.i18n import t

__all__ = ["LIMIT", "FeatureCache", "Table"]

LIMIT = 4_000_000_000  # bytes of features; beyond, those used longest ago give way
Table = NDArray[np.float16] | NDArray[np.float32]


class FeatureCache:
    """The packs of one backbone, one view and one way of preparing.

    Args:
        key: Names the combination.
        outputs: How many features a picture has.
        kind: Kind of number they are kept as.

    Attributes:
        notes: What went wrong with the cache, as sentences.
    """

    def __init__(self, key: str, *, outputs: int, kind: "np.dtype[np.floating]") -> None:
        self.notes: list[str] = []
        self._outputs = outputs
        self._kind = kind
        self._folder: Path | None = None
        self._used: set[Path] = set()
        self._has_new = False
        try:
            self._folder = cache_folder("features", key)
        except MachineError as error:
            self._give_up(error)

    def find(self, hashes: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], Table]]:
        """Find known pictures by their hashes: places in `hashes`, and their features.

        A place is found at most once, and only one place of a hash that stands there twice.
        """
        places = {name: place for place, name in reversed(list(enumerate(hashes)))}
        for path in sorted(self._folder.glob("*.json")) if self._folder else ():
            if not places:
                return
            if (read := self._read(path)) is None:
                continue
            pack, table = read
            pairs = [
                (places.pop(name), row) for row, name in enumerate(pack.contents) if name in places
            ]
            if pairs:
                self._used.add(path)
                found = np.array(pairs, dtype=np.int64)
                yield found[:, 0], table[found[:, 1]]

    def keep(self, hashes: Sequence[str], table: Table) -> None:
        """Write a pack of new features, unless the cache has given up."""
        if self._folder is None or not hashes:
            return
        rows = np.ascontiguousarray(table, self._kind).view(np.uint8)
        try:
            pack = write_pack(self._folder, Pack(contents=hashes, hashes=hashes), rows)
        except MachineError as error:
            self._give_up(error)
            return
        self._used.add(pack.path)
        self._has_new = True

    def close(self) -> None:
        """Mark the packs that were used, and let old ones go where something was written."""
        for path in self._used:
            with suppress(OSError):
                os.utime(path)
        if self._has_new and self._folder is not None:
            trim(self._folder.parent, limit=LIMIT, spare=self._used)

    def _read(self, path: Path) -> tuple[Pack, Table] | None:
        try:
            pack = read_pack(path)
            rows = pack.pixels((self._outputs * self._kind.itemsize,))
        except FileNotFoundError:
            return None  # another process let it go
        except DamagedPackError:
            remove_pack(path)
            self.notes.append(t("features.cache_damaged", path=printable(path)))
            return None
        table: Table = np.asarray(rows).view(self._kind)
        return pack, table

    def _give_up(self, error: MachineError) -> None:
        self._folder = None
        self.notes.append(t("features.cache_not_kept", reason=error.message))
