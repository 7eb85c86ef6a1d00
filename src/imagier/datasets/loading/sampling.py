"""A sample of at most 256 pictures, read to choose the input: size, channels, ink or photo.

The sample is taken by the hashes of the pictures' names: it mixes the classes and does not depend
on the order of the files. Pictures of a test part that the source brings are not looked at, since
nothing about a model may be decided on them. The pictures are decoded once, small; whatever inputs
are then weighed, no picture is decoded again.
"""

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.datasets.listing import Listing
from imagier.errors import DataError, PictureError
from imagier.files import printable
from imagier.i18n import integer
from imagier.images import Fit, Prepare, choose_prepare, choose_size, one_picture
from imagier.machine import parallel_map

__all__ = ["SAMPLE", "Sample", "sample"]

SAMPLE = 256
_SIDE = 128  # the short side that a picture of the sample keeps at least


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Some pictures of a listing, looked at once.

    Attributes:
        pictures: The pictures, made smaller where they are large, each (H, W, C).
        sizes: The height and width that each has in its file, (n, 2).
        full_scale: The level that is white in them.
    """

    pictures: Sequence[NDArray[np.uint8]]
    sizes: NDArray[np.int64]
    full_scale: int
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
        return dataclasses.replace(kind, height=height, width=width, fit=fit)


def sample(listing: Listing) -> Sample:
    """Look at 256 pictures of a listing at most, test pictures of the source excepted.

    Raises:
        DataError: `no_picture_usable`.

    >>> from imagier.datasets import open_source
    >>> digits = sample(open_source("digits"))
    >>> len(digits), digits.sizes[0].tolist(), digits.choose(limit=64).full_scale
    (256, [8, 8], 16)
    """
    reason = ""
    rows = _chosen_rows(listing)
    for start in range(0, len(rows), SAMPLE):
        some = listing.take(rows[start : start + SAMPLE])
        answers = list(parallel_map(partial(_look, some), range(len(some))))
        seen = [answer for answer in answers if not isinstance(answer, PictureError)]
        if seen:
            return Sample(
                pictures=tuple(pixels for pixels, _ in seen),
                sizes=np.array([size for _, size in seen], dtype=np.int64),
                full_scale=listing.full_scale,
            )
        reason = reason or str(answers[0])
    facts = {"name": printable(listing.name), "n": len(rows), "count": integer(len(rows))}
    raise DataError("no_picture_usable", reason=reason, **facts)


def _chosen_rows(listing: Listing) -> list[int]:
    """Order the pictures by the hashes of their names, without the source's own test part."""
    learnt = [row for row, part in enumerate(listing.parts) if part != "test"]
    return sorted(learnt or range(len(listing)), key=lambda row: _name_hash(listing.names[row]))


def _name_hash(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()


@one_picture()
def _look(some: Listing, row: int) -> tuple[NDArray[np.uint8], tuple[int, int]] | PictureError:
    """Decode one picture small, and give the size it has; or why it cannot be used."""
    try:
        content = some.pictures.read(row)
        picture = some.pictures.decode(row, content, (_SIDE, _SIDE))
    except PictureError as error:
        return error.released()
    factor = min(picture.pixels.shape[:2]) // _SIDE
    return _smaller(picture.pixels, factor), picture.size


def _smaller(pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Average squares of pixels, so that 256 large pictures fit into memory."""
    if factor < 2:
        return pixels
    channels = pixels.shape[2]
    image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels).reduce(factor)
    return np.asarray(image).reshape(image.height, image.width, channels)
