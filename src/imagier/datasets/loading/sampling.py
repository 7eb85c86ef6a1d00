"""How pictures become the input, chosen by looking at some of them.

The sample is taken by the hashes of the pictures' names: it mixes the classes and does not depend
on the order of the files. Pictures of a test part that the source brings are not looked at, since
nothing about a model may be decided on them. The choice is kept in the cache under the contents it
was made from, so that the second run does not decode the sample again.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.datasets.listing import Listing
from imagier.datasets.loading.cache import settings_key
from imagier.datasets.loading.contents import name_contents
from imagier.errors import DataError, ImagierError, MachineError, PictureError
from imagier.files import cache_folder, printable, write_file
from imagier.i18n import integer
from imagier.images import Fit, Prepare, choose_prepare
from imagier.machine import parallel_map

__all__ = ["SAMPLE", "sample_prepare"]

SAMPLE = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """One picture of the sample, made smaller if it is large, and the size it had."""

    pixels: NDArray[np.uint8]
    size: tuple[int, int]


def sample_prepare(
    listing: Listing, *, limit: int = 64, ink: bool | None = None, fit: Fit = "pad"
) -> Prepare:
    """Choose the settings of `prepare` from at most 256 pictures of a listing.

    Args:
        listing: The pictures.
        limit: The longest side that the input may have.
        ink: Whether the pictures are ink on paper; None to find out.
        fit: What happens to pictures of another shape than the input's.

    Raises:
        DataError: `no_picture_usable`.
    """
    reason = ""
    rows = _chosen_rows(listing)
    for start in range(0, len(rows), SAMPLE):
        sample = listing.take(rows[start : start + SAMPLE])
        wishes = {"limit": limit, "ink": ink, "fit": fit, "scale": listing.full_scale}
        key = settings_key(contents=name_contents(sample)[0], **wishes)
        if settings := _recall(key):
            return settings
        seen, refused = _look_at(sample, limit)
        if seen:
            return _remember(key, _choose(seen, listing.full_scale, limit, ink, fit))
        reason = reason or str(refused[0])
    facts = {"name": printable(listing.name), "n": len(rows), "count": integer(len(rows))}
    raise DataError("no_picture_usable", reason=reason, **facts)


def _chosen_rows(listing: Listing) -> list[int]:
    """Order the pictures by the hashes of their names, without the source's own test part."""
    learnt = [row for row, part in enumerate(listing.parts) if part != "test"]
    return sorted(learnt or range(len(listing)), key=lambda row: _lot(listing.names[row]))


def _lot(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()


def _look_at(sample: Listing, limit: int) -> tuple[list[_Seen], list[PictureError]]:
    def look(row: int) -> _Seen | PictureError:
        try:
            pixels = sample.pictures.picture(row, (limit, limit)).pixels
        except PictureError as error:
            return error
        height, width = pixels.shape[:2]
        smaller = _smaller(pixels, min(height, width) // (2 * limit))
        return _Seen(pixels=smaller, size=(height, width))

    answers = list(parallel_map(look, range(len(sample))))
    return (
        [answer for answer in answers if isinstance(answer, _Seen)],
        [answer for answer in answers if isinstance(answer, PictureError)],
    )


def _smaller(pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Average squares of pixels, so that 256 large pictures fit into memory."""
    if factor < 2:
        return pixels
    channels = pixels.shape[2]
    image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels).reduce(factor)
    return np.asarray(image).reshape(image.height, image.width, channels)


def _choose(seen: list[_Seen], full_scale: int, limit: int, ink: bool | None, fit: Fit) -> Prepare:
    return choose_prepare(
        [one.pixels for one in seen],
        [one.size for one in seen],
        limit=limit,
        full_scale=full_scale,
        scale=full_scale,
        ink=ink,
        fit=fit,
    )


def _recall(key: str) -> Prepare | None:
    with suppress(OSError, ValueError, RecursionError, ImagierError):
        return Prepare.from_json(json.loads(_file(key).read_bytes()))
    return None


def _remember(key: str, settings: Prepare) -> Prepare:
    with suppress(MachineError):  # `load` meets the same disk, and says so
        write_file(_file(key), json.dumps(settings.to_json()).encode("ascii"))
    return settings


def _file(key: str) -> Path:
    return cache_folder("prepare") / f"{key}.json"
