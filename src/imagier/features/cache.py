"""Features kept on disk, so that no picture is looked at twice by the same backbone.

A picture is found again by the hash of its pixels. What a backbone makes of it depends on the
backbone's numbers, the view, the settings of `prepare` and the versions of everything on the way:
each combination has its own folder of packs below the cache's `features` folder. They are the packs
of prepared pictures, their rows holding features as bytes, written whole or not at all: whatever
kills a run, the next one looks only at the pictures that are missing.

As with pixels the cache is a help, never a condition: where it cannot be written to, a note says
so and the run goes on; a damaged pack is removed, named in a note and made again.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.loading.pack_store import Pack, PackStore

__all__ = ["LIMIT", "FeatureCache", "Table"]

LIMIT = 4_000_000_000  # bytes of features; beyond, those used longest ago give way
Table = NDArray[np.float16] | NDArray[np.float32]


class FeatureCache:
    """The packs of one backbone, one view and one way of preparing.

    Args:
        key: Names the combination.
        outputs: How many features a picture has.
        kind: Kind of number they are kept as.
    """

    def __init__(self, key: str, *, outputs: int, kind: "np.dtype[np.floating]") -> None:
        self._store = PackStore("features", key, limit=lambda: LIMIT, words="features")
        self._row = (outputs * kind.itemsize,)
        self._kind = kind

    @property
    def notes(self) -> list[str]:
        """What went wrong with the cache, as sentences."""
        return self._store.notes

    def find(self, hashes: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], Table]]:
        """Find known pictures by their hashes: places in `hashes`, and their features.

        A place is found at most once, and only one place of a hash that stands there twice.
        """
        places = {name: place for place, name in reversed(list(enumerate(hashes)))}
        for pack in self._store.packs():
            if not places:
                return
            wanted = [(name, row) for row, name in enumerate(pack.contents) if name in places]
            if not wanted or (rows := self._store.rows(pack, self._row)) is None:
                continue
            pairs = [(places.pop(name), row) for name, row in wanted if name in places]
            table: Table = np.asarray(rows).view(self._kind)
            found = np.array(pairs, dtype=np.int64)
            yield found[:, 0], table[found[:, 1]]

    def keep(self, hashes: Sequence[str], table: Table) -> None:
        """Write a pack of new features, unless the cache has given up."""
        if hashes:
            rows = np.ascontiguousarray(table, self._kind).view(np.uint8)
            self._store.keep(Pack(contents=hashes, hashes=hashes), rows)

    def close(self) -> None:
        """Mark the packs that were used, and let old ones go where something was written."""
        self._store.close()
