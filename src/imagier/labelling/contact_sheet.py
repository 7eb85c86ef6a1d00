"""One page that shows the clusters: a row for each, its most typical pictures from the left."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imagier.errors import PictureError
from imagier.figures import drawing
from imagier.i18n import integer, t
from imagier.images import Prepare, decode, linked_file, one_picture, prepare, read_bytes
from imagier.labelling.clustering import PictureClusters

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["MOST_ROWS", "contact_sheet", "thumbnail"]

MOST_ROWS = 16
_COLUMNS = 10
_SIDE = 72
_INCH = 0.62  # of a thumbnail
_LEFT = 0.6  # inches for the number and the size of the cluster


def contact_sheet(found: PictureClusters) -> "Figure":
    """Draw the most typical pictures of each cluster, the largest 16 clusters at most.

    Args:
        found: The clusters.
    """
    sizes = np.bincount(found.labels)
    shown = np.sort(np.argsort(-sizes, kind="stable")[:MOST_ROWS]).tolist()
    columns = int(min(_COLUMNS, sizes.max()))
    height, width = _INCH * len(shown), _LEFT + _INCH * columns
    with drawing((width, height)) as figure:
        figure.set_layout_engine("none")
        for row, number in enumerate(shown):
            top = (len(shown) - 1 - row) * _INCH
            middle = (top + _INCH / 2) / height
            text = t("labelling.row", number=number + 1, count=integer(int(sizes[number])))
            figure.text(0.08 / width, middle, text, va="center", fontsize=8)
            for column, path in enumerate(found.typical(number, columns)):
                left = _LEFT + column * _INCH
                box = (left / width, top / height, 0.94 * _INCH / width, 0.94 * _INCH / height)
                axes = figure.add_axes(box)
                axes.imshow(thumbnail(path), interpolation="none", vmin=0, vmax=255)
                axes.set_axis_off()
    return figure


def thumbnail(path: str, side: int = _SIDE) -> NDArray[np.uint8]:
    """Read a picture again, small; white if it has gone since.

    Args:
        path: Its file.
        side: Of the square that it is brought into.
    """
    settings = Prepare(height=side, width=side, channels=3, fit="pad")
    try:
        with one_picture():
            content = read_bytes(linked_file(path))
            return prepare(decode(content, name=path, wanted=settings.wanted).pixels, settings)
    except PictureError:
        return np.full((side, side, 3), 255, np.uint8)
