"""A sample of at most 256 pictures, read to choose the input: size, channels, ink or photo.

The sample is taken by the hashes of the pictures' names: it mixes the classes and does not depend
on the order of the files. Pictures of a test part that the source brings are not looked at, since
nothing about a model may be decided on them. The pictures are decoded once, small; whatever inputs
are then weighed, no picture is decoded again.
"""

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.datasets.arrays import ArrayPictures
from imagier.datasets.listing import Listing, Skipped
from imagier.errors import DataError, PictureError
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.images import Fit, Prepare, choose_prepare, choose_size, one_picture, set_white
from imagier.machine import parallel_map

__all__ = ["SAMPLE", "Sample", "no_picture_usable", "sample"]

SAMPLE = 256
NEARLY_BLACK = 16  # of 255
_SIDE = 128  # the short side that a picture of the sample keeps at least


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Some pictures of a listing, looked at once.

    Attributes:
        pictures: The pictures, made smaller where they are large, each (H, W, C).
        sizes: The height and width that each has in its file, (n, 2).
        full_scale: The level that is white in them.
        deep_white: The number that is white in grey files of more than 8 bits; None where there
            are none.
        notes: What was seen and the user should know, as sentences.
    """

    pictures: Sequence[NDArray[np.uint8]]
    sizes: NDArray[np.int64]
    full_scale: int
    deep_white: int | None = None
    notes: tuple[str, ...] = ()
    _kinds: dict[bool | None, Prepare] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.pictures)

    def choose(self, *, limit: int = 64, ink: bool | None = None, fit: Fit = "pad") -> Prepare:
        """Choose how pictures like these become the input; nothing is decoded for it.

        Photos that are cropped become squares of `limit` pixels, or of their own short side where
        that is shorter; see `images.choosing` for the rule.

        Args:
            limit: The longest side that the input may have.
            ink: Whether the pictures are ink on paper; None to find out.
            fit: What happens to pictures of another shape than the input's.
        """
        if ink not in self._kinds:  # whether they are ink, grey or coloured costs the most
            sizes = [(int(height), int(width)) for height, width in self.sizes]
            white = self.full_scale
            self._kinds[ink] = choose_prepare(
                self.pictures, sizes, ink=ink, full_scale=white, scale=white
            )
        kind = self._kinds[ink]
        is_cropped = fit.startswith("crop") and kind.ink is None
        height, width = choose_size(self.sizes, limit, is_cropped=is_cropped)
        return dataclasses.replace(
            kind, height=height, width=width, fit=fit, deep_white=self.deep_white
        )


def sample(listing: Listing) -> Sample:
    """Look at 256 pictures of a listing at most, test pictures of the source excepted.

    Raises:
        DataError: `no_picture_usable`.

    >>> from imagier.datasets import open_source
    >>> digits = sample(open_source("digits"))
    >>> len(digits), digits.sizes[0].tolist(), digits.choose(limit=64).full_scale
    (256, [8, 8], 16)
    """
    first: PictureError | None = None
    rows = _chosen_rows(listing)
    for start in range(0, len(rows), SAMPLE):
        some = listing.take(rows[start : start + SAMPLE])
        answers = list(parallel_map(partial(_look, some), range(len(some))))
        seen = [answer for answer in answers if not isinstance(answer, PictureError)]
        white = set_white(one.peak for one in seen if one.peak is not None)
        if white is not None:
            deep = [
                row for row, one in enumerate(answers) if getattr(one, "peak", None) is not None
            ]
            for row, one in zip(
                deep, parallel_map(partial(_look, some, white=white), deep), strict=True
            ):
                answers[row] = one
            seen = [answer for answer in answers if not isinstance(answer, PictureError)]
        if seen:
            return Sample(
                pictures=tuple(one.pixels for one in seen),
                sizes=np.array([one.size for one in seen], dtype=np.int64),
                full_scale=listing.full_scale,
                deep_white=white,
                notes=tuple(_notes(listing, seen, white)),
            )
        first = first or next(one for one in answers if isinstance(one, PictureError))
    raise no_picture_usable(listing, first, n=len(rows))


def no_picture_usable(
    listing: Listing, first: PictureError | Skipped | None, *, n: int
) -> DataError:
    """Give the error of a source none of whose pictures can be used.

    Args:
        listing: The pictures.
        first: Why the first of them cannot.
        n: How many there are.
    """
    facts = {"name": printable(listing.name), "n": n, "count": integer(n)}
    reason = first.message if first else ""
    if first and first.code == "format_not_allowed":
        return DataError("pictures_to_convert", reason=reason, **facts)
    return DataError("no_picture_usable", reason=reason, **facts)


def _notes(listing: Listing, seen: "Sequence[_Look]", white: int | None) -> Iterator[str]:
    """Say which number is taken for white, and that a set is nearly black throughout."""
    if white is not None:
        yield t("datasets.deep_white", white=integer(white))
    if isinstance(listing.pictures, ArrayPictures):  # whose reader has said it
        return
    highest = max(int(one.pixels.max()) for one in seen)
    if highest <= NEARLY_BLACK:
        yield t("datasets.dark_set", level=highest)


def _chosen_rows(listing: Listing) -> list[int]:
    """Order the pictures by the hashes of their names, without the source's own test part."""
    learnt = [row for row, part in enumerate(listing.parts) if part != "test"]
    return sorted(learnt or range(len(listing)), key=lambda row: _name_hash(listing.names[row]))


def _name_hash(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Look:
    """A picture seen small: its pixels, the size of its file, the highest of its deep numbers."""

    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    peak: float | None


@one_picture()
def _look(some: Listing, row: int, *, white: int | None = None) -> _Look | PictureError:
    """Decode one picture small, and give the size it has; or why it cannot be used."""
    try:
        content = some.pictures.read(row)
        picture = some.pictures.decode(row, content, (_SIDE, _SIDE), white)
    except PictureError as error:
        return error.released()
    factor = min(picture.pixels.shape[:2]) // _SIDE
    pixels = _smaller(picture.pixels, factor)
    return _Look(pixels=pixels, size=picture.size, peak=picture.peak)


def _smaller(pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Average squares of pixels, so that 256 large pictures fit into memory."""
    if factor < 2:
        return pixels
    channels = pixels.shape[2]
    image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels).reduce(factor)
    return np.asarray(image).reshape(image.height, image.width, channels)
