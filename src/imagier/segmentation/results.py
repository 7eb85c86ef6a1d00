"""What `imagier segment` answers: each segment with its place and colour, pictures of them all.

>>> from imagier.images import OpenedPicture
>>> half = np.zeros((4, 6, 1), np.uint8)
>>> half[:, 3:] = 250
>>> answer = segment_picture(OpenedPicture(name="half.png", levels=half), 2)
>>> [region.box for region in answer.regions]
[(0, 0, 3, 4), (3, 0, 6, 4)]
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from imagier.answers import AnswerFigure, AnswerTable, Shown, text_table
from imagier.i18n import decimal, integer, percent, t
from imagier.images import OpenedPicture, to_png
from imagier.segmentation.regions import Region, describe, flat, mask_of, outlined
from imagier.segmentation.segments import Segments, Weights, segment, warm_up

__all__ = ["SegmentResult", "segment_picture"]

NAMES = ("l", "a", "b", "c")
PLACES = ("left", "top", "right", "bottom")
COLUMNS = ("segment", "pixels", "share", "x", "y", "r", "g", "b", *PLACES, "pieces")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SegmentResult(Shown):
    """A picture cut into segments.

    Attributes:
        picture: As it was opened.
        segments: Of its pixels.
        regions: What each segment looks like from outside.
        k: How many segments were asked for.
    """

    picture: OpenedPicture
    segments: Segments
    regions: tuple[Region, ...]
    k: int

    @property
    def notes(self) -> tuple[str, ...]:
        """What is odd about the picture, and whether segments are fewer than asked for."""
        n, name = len(self.regions), self.picture.name
        fewer = t("segmentation.fewer", path=name, n=n, k=self.k)
        return (*self.picture.notes, fewer) if n < self.k else self.picture.notes

    def lines(self) -> Iterator[str]:
        """Give the segments with their colours, pixels and places."""
        height, width = self.segments.labels.shape
        sides = {"height": integer(height), "width": integer(width)}
        yield t("segmentation.title", path=self.picture.name, n=len(self.regions), **sides)
        weights = zip(NAMES, self.segments.weights, strict=True)
        shown = ", ".join(f"{name} = {decimal(weight, 3)}" for name, weight in weights)
        yield t("segmentation.distance", weights=shown)
        yield ""
        yield from text_table([self._row(region) for region in self.regions], left=(1, -1))
        yield ""
        yield t("segmentation.seconds", seconds=decimal(self.segments.seconds, 3))

    def to_json(self) -> dict[str, Any]:
        """Give the segments, with the weights and the inertia."""
        return {
            "path": self.picture.name,
            "k": len(self.regions),
            "weights": list(self.segments.weights),
            "inertia": self.segments.inertia,
            "segments": [
                {
                    "n": region.number,
                    "pixels": region.pixels,
                    "share": self._share(region),
                    "centre": list(region.centre),
                    "colour": list(region.colour),
                    "box": list(region.box),
                    "pieces": region.pieces,
                }
                for region in self.regions
            ],
            "seconds": self.segments.seconds,
        }

    def figures(self) -> Mapping[str, AnswerFigure]:
        """Give no figure: the pictures of the segments are files, see `flat_png` and others."""
        return {}

    def tables(self) -> Mapping[str, AnswerTable]:
        """Give the segments, one a row."""
        rows = []
        for region in self.regions:
            x, y = region.centre
            measures = (f"{self._share(region):.6f}", f"{x:.2f}", f"{y:.2f}")
            places = (*region.colour, *region.box, region.pieces)
            rows.append((region.number, region.pixels, *measures, *places))
        return {"table": AnswerTable(columns=COLUMNS, rows=rows)}

    def flat_png(self) -> bytes:
        """Give a PNG file with each segment in its mean colour."""
        return to_png(flat(self.segments))

    def outlines_png(self) -> bytes:
        """Give a PNG file of the picture with the outlines of the segments."""
        return to_png(outlined(self.picture.in_colour, self.segments))

    def mask_pngs(self) -> Iterator[bytes]:
        """Give a PNG file for each segment, white where it is."""
        for index in range(len(self.regions)):
            mask = mask_of(self.segments, index)[:, :, np.newaxis]
            yield to_png(np.where(mask, 255, 0).astype(np.uint8))

    def _share(self, region: Region) -> float:
        return region.pixels / int(self.segments.sizes.sum())

    def _row(self, region: Region) -> list[str]:
        red, green, blue = region.colour
        x, y = region.centre
        place, pieces = f"({decimal(x, 0)}, {decimal(y, 0)})", integer(region.pieces)
        where = t("segmentation.row", place=place, n=region.pieces, pieces=pieces)
        code = f"#{red:02x}{green:02x}{blue:02x}"
        share = percent(self._share(region))
        return [f"{region.number:>3}", code, integer(region.pixels), share, where]


def segment_picture(
    picture: OpenedPicture,
    k: int,
    *,
    weights: Weights | None = None,
) -> SegmentResult:
    """Cut a picture into segments and describe them.

    Args:
        picture: As `open_picture_file` gives it.
        k: How many segments, 1 to 256.
        weights: l, a, b and c: what place, red, green and blue count; `balanced` unless given.

    Raises:
        UsageError, DataError: What `segment` refuses.
    """
    warm_up()
    segments = segment(picture.in_colour, k, weights=weights, mask=picture.mask)
    return SegmentResult(
        picture=picture,
        segments=segments,
        regions=tuple(describe(segments)),
        k=k,
    )
