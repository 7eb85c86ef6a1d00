"""Prepared pictures kept on disk, so that a second run decodes nothing twice.

A picture is found again by the content of its file, never by its name or date. What it became
depends on the settings of `prepare` and on the versions of imagier and Pillow: each combination has
its own store of packs (see `pack_store`) below the cache's `pixels` folder. Adding ten pictures to
a hundred thousand decodes ten and adds one small pack. Pictures that could not be decoded are
remembered too.
"""

import json
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL
from numpy.typing import NDArray

from imagier.datasets.loading.pack_store import (
    Failure,
    Pack,
    PackStore,
    describe_pack,
    pack_name,
)
from imagier.datasets.tensor import exceeds_memory, map_rows
from imagier.datasets.thumbnails import SIDE
from imagier.errors import MachineError
from imagier.files import content_hash, version
from imagier.images import Prepare

__all__ = [
    "LIMIT",
    "PIXELS_VERSION",
    "KnownPack",
    "PixelCache",
    "settings_key",
]

PIXELS_VERSION = 4  # raised whenever decoding or preparing gives other pixels than before
LIMIT = 10_000_000_000  # bytes of prepared pictures; beyond, those used longest ago give way

Rows = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KnownPack:
    """A pack that was opened and is sound.

    Attributes:
        pack: What its rows are.
        pixels: The prepared pictures, (n, H, W, C).
        thumbnails: Their thumbnails, (n, 64, 64, 3); None where all are too small to have one.
    """

    pack: Pack
    pixels: Rows
    thumbnails: Rows | None


class PixelCache:
    """The packs of one combination of settings; threads may look for pictures side by side.

    Attributes:
        failures: The contents known not to be decodable, and why.
    """

    def __init__(self, settings: Prepare, scale: int) -> None:
        """Open the packs for these settings; `scale` is the full scale of the source's pixels."""
        self.failures: dict[str, Failure] = {}
        self._shape = (settings.height, settings.width, settings.channels)
        key = settings_key(prepare=settings.to_json(), scale=scale)
        self._store = PackStore("pixels", key, limit=lambda: LIMIT, words="datasets")
        self._places: dict[str, tuple[Pack, int]] = {}
        self._opened: dict[Path, KnownPack | None] = {}
        self._lock = threading.Lock()
        for pack in self._store.packs():
            self.failures |= pack.failures
            for row, content in enumerate(pack.contents):
                self._places.setdefault(content, (pack, row))
        self._places.pop("", None)  # the gaps of a mapped set

    @property
    def notes(self) -> list[str]:
        """What went wrong with the cache, as sentences."""
        return self._store.notes

    def find(self, content: str) -> tuple[KnownPack, int] | None:
        """Find a known picture by its content hash: the pack, and its row there."""
        place = self._places.get(content)
        if place is None:
            return None
        pack, row = place
        with self._lock:
            if pack.path not in self._opened:
                self._opened[pack.path] = self._open(pack)
            known = self._opened[pack.path]
        return None if known is None else (known, row)

    def new_rows(self, count: int) -> Rows:
        """Make room for `count` pictures: in memory, or in a file that `keep_all` makes a pack."""
        shape = (count, *self._shape)
        if self._store.folder is not None and exceeds_memory(shape):
            path = self._store.folder / f".{os.getpid()}-{time.time_ns()}.npy"
            try:
                return map_rows(path, shape)
            except MachineError as error:
                with suppress(OSError):
                    path.unlink()
                self._store.give_up(error)
        return np.empty(shape, dtype=np.uint8)

    def keep(self, pack: Pack, rows: Rows, thumbnails: Rows | None) -> None:
        """Write a pack of new pictures, unless the cache has given up."""
        self._store.keep(pack, rows, thumbnails)

    def keep_all(self, file: Path, pack: Pack, rows: Rows, thumbnails: Rows | None) -> None:
        """Make a pack of the mapped `rows`, which stand in a `file` of the cache already.

        A set larger than the whole cache may be is not kept: its file loses its name, and its
        space is free again when the run ends.
        """
        folder = self._store.folder
        try:
            if folder is None or rows.nbytes > LIMIT:
                file.unlink()
                return
            path = folder / pack_name(pack)
            file.replace(path.with_suffix(".npy"))
            self._store.note_new(describe_pack(path, pack, rows, thumbnails))
        except (MachineError, OSError) as error:
            self._store.give_up(error)

    def close(self) -> None:
        """Mark the packs that were used, and let old ones go where something was written."""
        self._store.close()

    def _open(self, pack: Pack) -> KnownPack | None:
        pixels = self._store.rows(pack, self._shape)
        if pixels is None:
            return None
        thumbnails = self._store.thumbnails(pack, (SIDE, SIDE, 3))
        if thumbnails is None and pack.thumbnails_checksum is not None:
            return None
        return KnownPack(pack=pack, pixels=pixels, thumbnails=thumbnails)


def settings_key(**settings: object) -> str:
    """Name a combination of settings with the versions of everything that shapes the pixels."""
    versions = {"pixels": PIXELS_VERSION, "imagier": version(), "pillow": PIL.__version__}
    text = json.dumps(settings | versions, sort_keys=True)
    return content_hash(text.encode("ascii"))
