"""Where a line stands on a page, and how it is cut out: a rectangle that may climb a little.

A sheet that is laid crooked on the scanner has lines that climb or fall. A line keeps its own
straight rectangle; what other programs get is the upright box around it.

>>> line = PageLine(left=10, top=20, width=100, height=30, climb=0.0)
>>> line.box(), line.box(50, 0, 60, 30)
((10, 20, 110, 50), (60, 20, 70, 50))
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["Box", "PageLine"]

Box: TypeAlias = tuple[int, int, int, int]  # left, top, right, bottom, in pixels of the picture
STRAIGHT = 0.3  # pixels that a line climbs over its length, and is cut out without turning


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLine:
    """A line of a page.

    Attributes:
        left: Of its upper left corner, in pixels of the picture.
        top: Of its upper left corner.
        width: Along the line, in pixels.
        height: Across it, in pixels.
        climb: The angle by which it climbs to the right, in radians.
    """

    left: float
    top: float
    width: int
    height: int
    climb: float = 0.0

    def corners(
        self,
        left: float = 0,
        top: float = 0,
        right: float | None = None,
        bottom: float | None = None,
    ) -> NDArray[np.float64]:
        """Give the corners of a part of it on the picture, (4, 2) as x and y.

        Args:
            left: Of the part, in pixels from the line's left end.
            top: Of the part, in pixels from the line's upper edge.
            right: Of the part; None for the line's right end.
            bottom: Of the part; None for the line's lower edge.
        """
        right = self.width if right is None else right
        bottom = self.height if bottom is None else bottom
        along = np.array([left, right, right, left], np.float64)
        down = np.array([top, top, bottom, bottom], np.float64)
        cosine, sine = math.cos(self.climb), math.sin(self.climb)
        x = self.left + along * cosine + down * sine
        y = self.top - along * sine + down * cosine
        return np.stack([x, y], axis=1)

    def box(
        self,
        left: float = 0,
        top: float = 0,
        right: float | None = None,
        bottom: float | None = None,
    ) -> Box:
        """Give the upright box around a part of it, as `corners` takes it."""
        corners = self.corners(left, top, right, bottom)
        (x0, y0), (x1, y1) = np.rint(corners.min(axis=0)), np.rint(corners.max(axis=0))
        return int(x0), int(y0), int(x1), int(y1)

    def cut(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Cut the line out of its page, and lay it straight.

        Args:
            pixels: The page, (H, W, C).

        Returns:
            The line, (height, width, C).
        """
        x, y = round(self.left), round(self.top)
        inside = x >= 0 and y >= 0
        inside &= x + self.width <= pixels.shape[1] and y + self.height <= pixels.shape[0]
        if inside and abs(math.sin(self.climb)) * self.width <= STRAIGHT:
            return np.ascontiguousarray(pixels[y : y + self.height, x : x + self.width])
        return self._turned(pixels)

    def _turned(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        left, top, right, bottom = self.box()
        left, top = max(0, left - 1), max(0, top - 1)
        part = np.ascontiguousarray(pixels[top : bottom + 1, left : right + 1])
        cosine, sine = math.cos(self.climb), math.sin(self.climb)
        paper = tuple(np.median(part.reshape(-1, part.shape[2]), axis=0).astype(int).tolist())
        image = Image.fromarray(part[:, :, 0] if part.shape[2] == 1 else part)
        turned = image.transform(
            (self.width, self.height),
            Image.Transform.AFFINE,
            (cosine, sine, self.left - left, -sine, cosine, self.top - top),
            Image.Resampling.BILINEAR,
            fillcolor=paper if len(paper) == 3 else paper[0],
        )
        return np.asarray(turned).reshape(self.height, self.width, -1)
