"""All pictures in one pass: read, hash, then take from the cache or decode and resize.

Each picture's bytes are read once. They give its name; where the cache knows that name its prepared
pixels are taken from there, else the same bytes are decoded, prepared, hashed and shrunk to a
thumbnail. All that happens in threads, picture by picture, while the answers are put into one
tensor in the order of the listing and what is new is written to the cache beside.
"""

import math
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagier.datasets.listing import Listing, Skipped
from imagier.datasets.loading.cache import KnownPack, PixelCache
from imagier.datasets.loading.fingerprints import pixel_hash
from imagier.datasets.loading.pack_store import Failure, Pack
from imagier.datasets.tensor import exceeds_memory, new_rows
from imagier.datasets.thumbnails import MOST_IN_MEMORY, SIDE, make_thumbnail
from imagier.errors import MachineError, PictureError
from imagier.files import content_hash, printable
from imagier.i18n import t
from imagier.images import Prepare, one_picture, prepare
from imagier.machine import parallel_map

__all__ = ["Progress", "ReadPictures", "read_pictures"]

Progress = Callable[[int, int], None]
Bytes = NDArray[np.uint8]

_PACK_BYTES = 32 << 20
_WAITING_PACKS = 2  # written while the next are decoded; more wait for the disk


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadPictures:
    """The pictures that could be used, in the order of the listing.

    Attributes:
        indices: Their positions in the listing, (n,).
        pixels: What `prepare` made of them, (n, H, W, C).
        hashes: The pixel hash of each, (n,).
        thumbnails: Their thumbnails, (n, 64, 64, 3); None where all are too small to have one.
        skipped: The others, and why.
        notes: What was odd, as sentences.
    """

    indices: NDArray[np.int64]
    pixels: Bytes
    hashes: NDArray[np.str_]
    thumbnails: Bytes | None
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Answer:
    """What became of one picture.

    Attributes:
        content: The content hash, empty where it could not be read.
        error: Why it cannot be used.
        known: The pack and the row where the cache has it.
        pixels: What was made of it now; None also where another picture has the same content.
        hash: Its pixel hash.
        thumbnail: Its thumbnail.
        notes: Codes of what was odd.
    """

    content: str = ""
    error: PictureError | None = None
    known: tuple[KnownPack, int] | None = None
    pixels: Bytes | None = None
    hash: str = ""
    thumbnail: Bytes | None = None
    notes: tuple[str, ...] = ()


def read_pictures(
    listing: Listing, settings: Prepare, progress: Progress | None = None
) -> ReadPictures:
    """Prepare all pictures of a listing, through the cache.

    Args:
        listing: The pictures.
        settings: How they become the input.
        progress: Called with the number of pictures done and of all pictures.
    """
    tell = progress or _no_progress
    cache = PixelCache(settings, listing.full_scale)
    reader, tensor = _Reader(listing, settings, cache), _Tensor(listing, settings, cache)
    tell(0, len(listing))
    with ThreadPoolExecutor(1) as writer:
        try:
            answers = parallel_map(reader.answer, range(len(listing)))
            for index, answer in enumerate(answers):
                tensor.take(index, answer, writer)
                tell(index + 1, len(listing))
            tensor.keep(writer)
        except BaseException:
            tensor.keep_what_is_there(writer)
            raise
    return tensor.finish()


class _Reader:
    """Reads and decodes single pictures, in any thread, each content once."""

    def __init__(self, listing: Listing, settings: Prepare, cache: PixelCache) -> None:
        self._listing = listing
        self._settings = settings
        self._cache = cache
        self._decoders: dict[str, int] = {}  # who decodes a content
        self._lock = threading.Lock()

    @one_picture()
    def answer(self, index: int) -> _Answer:
        pictures = self._listing.pictures
        try:
            content = pictures.read(index)
        except PictureError as error:
            return _Answer(error=error.released())
        name = content_hash(content)
        if failure := self._cache.failures.get(name):
            return _Answer(content=name, error=_as_error(failure, self._listing.names[index]))
        if known := self._cache.find(name):
            pack, row = known[0].pack, known[1]
            hash_, notes = pack.hashes[row], pack.notes.get(row, ())
            return _Answer(content=name, known=known, hash=hash_, notes=notes)
        with self._lock:
            if self._decoders.setdefault(name, index) != index:
                return _Answer(content=name)
        return self._decode(index, content, name)

    def _decode(self, index: int, content: bytes, name: str) -> _Answer:
        settings, scale = self._settings, self._listing.full_scale
        try:
            decode, white = self._listing.pictures.decode, settings.deep_white
            picture = decode(index, content, settings.wanted, white)
            pixels = prepare(picture.pixels, settings, scale=scale)
        except PictureError as error:
            return _Answer(content=name, error=error.released())
        return _Answer(
            content=name,
            pixels=pixels,
            hash=pixel_hash(picture.pixels),
            thumbnail=make_thumbnail(picture.pixels, scale=scale),
            notes=picture.notes,
        )


class _Tensor:
    """The tensor while it is being filled; a *place* is a row of it, in the order of the answers.

    Rows of the cache are copied at the end, pack by pack, and a large set that stands there whole
    is not even copied. A tensor too large for the memory is a mapped file of the cache, which
    becomes a pack as a whole.
    """

    def __init__(self, listing: Listing, settings: Prepare, cache: PixelCache) -> None:
        self._listing = listing
        self._cache = cache
        self._shape = (settings.height, settings.width, settings.channels)
        self._indices: list[int] = []  # positions in the listing
        self._contents: list[str] = []
        self._hashes: list[str] = []  # empty where the place is not filled
        self._odd: dict[int, tuple[str, ...]] = {}
        self._errors: dict[int, PictureError] = {}  # by position in the listing
        self._rows: Bytes | None = None
        self._thumbnails: Bytes | None = None
        self._known: dict[KnownPack, list[tuple[int, int]]] = {}  # rows of a pack with their places
        self._first: dict[str, int] = {}  # where each decoded content stands
        self._failed: dict[str, Failure] = {}  # contents that could not be decoded now
        self._fresh: list[int] = []  # places decoded and not yet kept
        self._fresh_failures: dict[str, Failure] = {}  # not yet kept
        self._writing: deque[Future[None]] = deque()

    @property
    def _is_mapped(self) -> bool:
        """Tell whether the rows are a new file that is to become a pack."""
        return isinstance(self._rows, np.memmap)

    def take(self, index: int, answer: _Answer, writer: ThreadPoolExecutor) -> None:
        """Take what became of one picture; packs that are full are written meanwhile."""
        if answer.error:
            self._errors[index] = answer.error
            if answer.content and answer.content not in self._cache.failures:
                self._failed[answer.content] = failure = _as_failure(answer.error)
                if failure.code != "too_slow":  # another machine may be faster
                    self._fresh_failures[answer.content] = failure
            return
        place = len(self._indices)
        self._indices.append(index)
        self._contents.append(answer.content)
        self._hashes.append(answer.hash)
        if answer.notes:
            self._odd[place] = answer.notes
        if answer.known:
            known, row = answer.known
            self._known.setdefault(known, []).append((row, place))
        elif answer.pixels is not None:
            self._put(place, answer.pixels, answer.thumbnail)
            self._first[answer.content] = place
            self._fresh.append(place)
            if len(self._fresh) * math.prod(self._shape) >= _PACK_BYTES:
                self.keep(writer)

    def keep(self, writer: ThreadPoolExecutor) -> None:
        """Let a pack of what is new be written; a mapped set becomes a pack at the end."""
        if self._is_mapped or not (self._fresh or self._fresh_failures):
            return
        places, self._fresh = self._fresh, []
        failures, self._fresh_failures = self._fresh_failures, {}
        rows, thumbnails = np.empty((0, *self._shape), dtype=np.uint8), None
        if places and self._rows is not None:
            span = _span(places)
            rows = self._rows[span]
            some = None if self._thumbnails is None else self._thumbnails[span]
            thumbnails = some if some is not None and some.any() else None
        while len(self._writing) >= _WAITING_PACKS:
            self._writing.popleft().result()
        pack = self._pack(places, failures)
        self._writing.append(writer.submit(self._cache.keep, pack, rows, thumbnails))

    def keep_what_is_there(self, writer: ThreadPoolExecutor) -> None:
        """Keep what was decoded before the run was stopped."""
        if self._is_mapped:
            decoded = set(self._first.values())
            places = range(len(self._contents))
            self._hashes = [self._hashes[p] if p in decoded else "" for p in places]
            self._keep_all()
        else:
            self.keep(writer)

    def finish(self) -> ReadPictures:
        """Fill in what the cache and equal pictures have, and close the gaps of those that fail."""
        for written in self._writing:
            written.result()
        rows = self._rows_with_known()
        self._repeat(rows)
        places = [place for place, hash_ in enumerate(self._hashes) if hash_]
        for target, place in enumerate(places):
            if target != place:
                rows[target] = rows[place]
                if self._thumbnails is not None:
                    self._thumbnails[target] = self._thumbnails[place]
        self._contents = [self._contents[place] for place in places]
        self._hashes = [self._hashes[place] for place in places]
        self._odd = {target: self._odd[p] for target, p in enumerate(places) if p in self._odd}
        self._indices = [self._indices[place] for place in places]
        self._rows = rows = rows[: len(places)]
        if self._thumbnails is not None:
            self._thumbnails = self._thumbnails[: len(places)]
        if self._is_mapped and rows.flags.writeable:
            self._keep_all()
        self._cache.close()
        return ReadPictures(
            indices=np.array(self._indices, dtype=np.int64),
            pixels=rows,
            hashes=np.array(self._hashes, dtype="U32"),
            thumbnails=self._thumbnails,
            skipped=tuple(
                Skipped(path=self._listing.names[index], code=error.code, message=error.message)
                for index, error in sorted(self._errors.items())
            ),
            notes=(*self._odd_notes(), *self._cache.notes),
        )

    def _put(self, place: int, pixels: Bytes, thumbnail: Bytes | None) -> None:
        if self._rows is None:
            self._rows = self._cache.new_rows(len(self._listing))
        self._rows[place] = pixels
        if thumbnail is not None:
            self._thumbnail_rows()[place] = thumbnail

    def _thumbnail_rows(self) -> Bytes:
        """Give the tensor of thumbnails, black where there is none."""
        if self._thumbnails is None:
            shape = (len(self._listing), SIDE, SIDE, 3)
            self._thumbnails = (
                _large_zeros(shape) if exceeds_memory(shape, most=MOST_IN_MEMORY) else _zeros(shape)
            )
        return self._thumbnails

    def _rows_with_known(self) -> Bytes:
        """Copy what the cache knows, or take its pack as it is where that is the whole set."""
        if self._rows is None:
            if len(self._known) == 1:
                [(known, pairs)] = self._known.items()
                if self._is_whole(known, pairs):
                    self._thumbnails = known.thumbnails
                    return known.pixels
            self._rows = self._cache.new_rows(len(self._indices))
        for known, pairs in self._known.items():
            sources, places = np.array(pairs, dtype=np.int64).T
            _copy(known.pixels, sources, self._rows, places)
            if known.thumbnails is not None:
                _copy(known.thumbnails, sources, self._thumbnail_rows(), places)
        return self._rows

    def _is_whole(self, known: KnownPack, pairs: list[tuple[int, int]]) -> bool:
        """Tell whether a set beyond memory stands in one pack, row by row as it is wanted."""
        return (
            exceeds_memory(known.pixels.shape)
            and len(pairs) == len(known.pixels) == len(self._indices)
            and all(row == place for row, place in pairs)
        )

    def _repeat(self, rows: Bytes) -> None:
        """Give pictures of the same content what the one that was decoded became."""
        for place, content in enumerate(self._contents):
            if self._hashes[place]:
                continue
            source = self._first.get(content)
            if source is None:  # it has its own name, so it gets its own message
                index = self._indices[place]
                self._errors[index] = _as_error(self._failed[content], self._listing.names[index])
                continue
            rows[place] = rows[source]
            if self._thumbnails is not None:
                self._thumbnails[place] = self._thumbnails[source]
            self._hashes[place] = self._hashes[source]
            if source in self._odd:
                self._odd[place] = self._odd[source]

    def _keep_all(self) -> None:
        if not isinstance(self._rows, np.memmap) or self._rows.filename is None:
            return
        count = len(self._contents)
        thumbnails = None if self._thumbnails is None else self._thumbnails[:count]
        pack = self._pack(range(count), self._fresh_failures)
        self._cache.keep_all(Path(self._rows.filename), pack, self._rows[:count], thumbnails)

    def _pack(self, places: Sequence[int], failures: dict[str, Failure]) -> Pack:
        return Pack(
            contents=[self._contents[place] if self._hashes[place] else "" for place in places],
            hashes=[self._hashes[place] for place in places],
            notes={row: self._odd[place] for row, place in enumerate(places) if place in self._odd},
            failures=failures,
        )

    def _odd_notes(self) -> Iterator[str]:
        first: dict[str, list[int]] = {}
        for place in sorted(self._odd):
            for code in self._odd[place]:
                first.setdefault(code, []).append(place)
        for code, places in first.items():
            path = printable(self._listing.names[self._indices[places[0]]])
            what = t(f"images.note.{code}")
            yield t("datasets.odd_pictures", n=len(places), path=path, what=what)


def _zeros(shape: tuple[int, ...]) -> Bytes:
    return np.zeros(shape, dtype=np.uint8)


def _large_zeros(shape: tuple[int, ...]) -> Bytes:
    """Make room in a file of the cache, whose bytes are 0 at first; without disk, in memory."""
    try:
        return new_rows(shape, most=0)
    except MachineError:
        return _zeros(shape)


def _copy(source: Bytes, rows: NDArray[np.int64], target: Bytes, places: NDArray[np.int64]) -> None:
    step = max(1, _PACK_BYTES // math.prod(source.shape[1:]))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        target[places[part]] = source[rows[part]]


def _span(places: Sequence[int]) -> slice | list[int]:
    """Give places as a slice where they follow one another: nothing is copied then."""
    if places[-1] - places[0] == len(places) - 1:
        return slice(places[0], places[-1] + 1)
    return list(places)


def _as_failure(error: PictureError) -> Failure:
    """Keep of an error what belongs to the content, whatever its file is called."""
    facts = {
        name: value if isinstance(value, str | int | float) else str(value)
        for name, value in error.facts.items()
        if name != "path"
    }
    return Failure(code=error.code, facts=facts)


def _as_error(failure: Failure, name: str) -> PictureError:
    return PictureError(failure.code, **{**failure.facts, "path": printable(name)})


def _no_progress(done: int, total: int) -> None:
    """Say nothing."""
