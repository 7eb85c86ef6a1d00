"""Fill the tensor: what the cache knows is copied, the rest is decoded, and what fails is named.

A picture is read twice: once to name its content, once to decode it when the cache does not know
that content. In between a file may be replaced; it is named again after decoding, and one that is
no longer the same is left out, since nobody could say which of the two pictures was learnt.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.listing import Listing, Skipped
from imagier.datasets.loading.cache import Found, PixelCache
from imagier.datasets.loading.contents import as_failure, known_failures, name_contents
from imagier.datasets.loading.fingerprints import pixel_hash
from imagier.datasets.loading.packs import Failure, Pack
from imagier.datasets.tensor import exceeds_memory
from imagier.errors import PictureError
from imagier.files import printable
from imagier.i18n import t
from imagier.images import Prepare, prepare
from imagier.machine import parallel_map

__all__ = ["Filled", "Progress", "fill"]

Progress = Callable[[int, int], None]

_PACK_BYTES = 32 << 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Filled:
    """The pictures that could be used, in the order of the listing.

    Attributes:
        indices: Their positions in the listing, (n,).
        pixels: What `prepare` made of them, (n, H, W, C).
        hashes: The pixel hash of each, (n,).
        skipped: The others, and why.
        notes: What was odd, as sentences.
    """

    indices: NDArray[np.int64]
    pixels: NDArray[np.uint8]
    hashes: NDArray[np.str_]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Decoded:
    """One picture after decoding: its input with its pixel hash, or the error."""

    pixels: NDArray[np.uint8] | None = None
    hash: str = ""
    notes: tuple[str, ...] = ()
    error: PictureError | None = None
    is_lasting: bool = False  # whether the error belongs to the content, not to the moment


def fill(listing: Listing, settings: Prepare, progress: Progress | None = None) -> Filled:
    """Prepare all pictures of a listing, through the cache.

    Args:
        listing: The pictures.
        settings: How they become the input.
        progress: Called with the number of pictures done and of all pictures.
    """
    filling = _Filling(listing, settings, progress or _no_progress)
    filling.recall()
    filling.decode()
    return filling.finish()


class _Filling:
    """The tensor while it is being filled; a *place* is a row of it."""

    def __init__(self, listing: Listing, settings: Prepare, progress: Progress) -> None:
        self.listing = listing
        self.settings = settings
        self.progress = progress
        self.cache = PixelCache(settings, listing.full_scale)
        contents, self.errors = name_contents(listing)
        self.errors |= known_failures(listing, contents, self.cache.failures)
        self.indices = [index for index in range(len(listing)) if index not in self.errors]
        self.contents = [contents[index] for index in self.indices]
        self.hashes = [""] * len(self.indices)  # empty where the place is not filled
        self.odd: dict[int, tuple[str, ...]] = {}
        self.rows = np.empty((0, settings.height, settings.width, settings.channels), np.uint8)
        self.is_mapped = False  # whether `rows` is a new file that is to become a pack
        self.fresh: list[int] = []  # places decoded and not yet kept
        self.failures: dict[str, Failure] = {}  # not yet kept

    def recall(self) -> None:
        """Take what the cache knows; a large set that stands there whole is not even copied."""
        found = self.cache.find(self.contents)
        if len(found) == 1 and self._is_whole(found[0]):
            self.rows = found[0].pixels
        else:
            self.rows = self.cache.new_rows(len(self.contents))
            self.is_mapped = isinstance(self.rows, np.memmap)
        for one in found:
            if self.rows is not one.pixels:
                _copy(one, self.rows)
            for row, place in zip(one.rows.tolist(), one.places.tolist(), strict=True):
                self.hashes[place] = one.pack.hashes[row]
                if row in one.pack.notes:
                    self.odd[place] = one.pack.notes[row]

    def decode(self) -> None:
        """Decode what is missing, each content once, and keep it in the cache as it comes."""
        first: dict[str, int] = {}
        for place, content in enumerate(self.contents):
            if not self.hashes[place]:
                first.setdefault(content, place)
        total = len(self.listing)
        self.progress(total - len(first), total)
        try:
            answers = parallel_map(self._decode_one, first.values())
            for done, (place, answer) in enumerate(zip(first.values(), answers, strict=True), 1):
                self._take(place, answer)
                self.progress(total - len(first) + done, total)
        except BaseException:
            self._keep_all() if self.is_mapped else self._keep()
            raise
        self._repeat(first)
        self._keep()

    def finish(self) -> Filled:
        """Close the gaps of the pictures that failed."""
        places = [place for place, hash_ in enumerate(self.hashes) if hash_]
        for target, place in enumerate(places):
            if target != place:
                self.rows[target] = self.rows[place]
        self.contents = [self.contents[place] for place in places]
        self.hashes = [self.hashes[place] for place in places]
        self.odd = {target: self.odd[p] for target, p in enumerate(places) if p in self.odd}
        self.indices = [self.indices[place] for place in places]
        self.rows = self.rows[: len(places)]
        if self.is_mapped:
            self._keep_all()
        self.cache.close()
        return Filled(
            indices=np.array(self.indices, dtype=np.int64),
            pixels=self.rows,
            hashes=np.array(self.hashes, dtype="U32"),
            skipped=tuple(
                Skipped(path=self.listing.names[index], code=error.code, message=error.message)
                for index, error in sorted(self.errors.items())
            ),
            notes=(*self._odd_notes(), *self.cache.notes),
        )

    def _is_whole(self, found: Found) -> bool:
        """Tell whether a set beyond memory stands in one pack, row by row as it is wanted."""
        order = np.arange(len(self.contents))
        return (
            exceeds_memory(found.pixels.shape)
            and np.array_equal(found.rows, order)
            and np.array_equal(found.places, order)
            and len(found.pixels) == len(order)
        )

    def _decode_one(self, place: int) -> _Decoded:
        index = self.indices[place]
        decoded = self._try(index)
        try:
            content = self.listing.pictures.content_hash(index)
        except PictureError as error:
            return _Decoded(error=error)
        if content != self.contents[place]:
            path = printable(self.listing.names[index])
            return _Decoded(error=PictureError("changed", path=path))
        return decoded

    def _try(self, index: int) -> _Decoded:
        settings, scale = self.settings, self.listing.full_scale
        try:
            picture = self.listing.pictures.picture(index, settings.wanted)
            pixels = prepare(picture.pixels, settings, scale=scale)
        except PictureError as error:
            return _Decoded(error=error, is_lasting=True)
        return _Decoded(pixels=pixels, hash=pixel_hash(picture.pixels), notes=picture.notes)

    def _take(self, place: int, answer: _Decoded) -> None:
        if answer.error:
            self.errors[self.indices[place]] = answer.error
            if answer.is_lasting:
                self.failures[self.contents[place]] = as_failure(answer.error)
            return
        assert answer.pixels is not None  # noqa: S101 - one of the two is there
        self.rows[place] = answer.pixels
        self.hashes[place] = answer.hash
        if answer.notes:
            self.odd[place] = answer.notes
        self.fresh.append(place)
        if len(self.fresh) * math.prod(self.rows.shape[1:]) >= _PACK_BYTES:
            self._keep()

    def _keep(self) -> None:
        """Write a pack of what is new; a mapped set becomes a pack as a whole, at the end."""
        if self.is_mapped or not (self.fresh or self.failures):
            return
        places, self.fresh = self.fresh, []
        self.cache.keep(self._pack(places), self.rows[places])
        self.failures = {}

    def _keep_all(self) -> None:
        assert isinstance(self.rows, np.memmap)  # noqa: S101 - so `is_mapped` says
        self.cache.keep_all(self._pack(range(len(self.contents))), self.rows)

    def _pack(self, places: Sequence[int]) -> Pack:
        return Pack(
            contents=[self.contents[place] if self.hashes[place] else "" for place in places],
            hashes=[self.hashes[place] for place in places],
            notes={row: self.odd[place] for row, place in enumerate(places) if place in self.odd},
            failures=self.failures,
        )

    def _repeat(self, first: Mapping[str, int]) -> None:
        """Give files of the same content what the first of them became."""
        for place, content in enumerate(self.contents):
            source = first.get(content, place)
            if source == place:
                continue
            if self.hashes[source]:
                self.rows[place] = self.rows[source]
                self.hashes[place] = self.hashes[source]
            else:
                self._take(place, self._decode_one(place))  # it has its own name, and its own luck

    def _odd_notes(self) -> Iterator[str]:
        first: dict[str, list[int]] = {}
        for place in sorted(self.odd):
            for code in self.odd[place]:
                first.setdefault(code, []).append(place)
        for code, places in first.items():
            path = printable(self.listing.names[self.indices[places[0]]])
            what = t(f"images.note.{code}")
            yield t("datasets.odd_pictures", n=len(places), path=path, what=what)


def _copy(found: Found, rows: NDArray[np.uint8]) -> None:
    step = max(1, _PACK_BYTES // math.prod(rows.shape[1:]))
    for start in range(0, len(found.rows), step):
        part = slice(start, start + step)
        rows[found.places[part]] = found.pixels[found.rows[part]]


def _no_progress(done: int, total: int) -> None:
    """Say nothing."""
