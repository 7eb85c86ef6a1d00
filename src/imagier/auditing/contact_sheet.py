"""The pictures to look at first, side by side with the names they bear."""

import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imagier.auditing.audit import Audit
from imagier.datasets import Dataset
from imagier.figures import drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["small_picture", "worst_pictures"]

SHOWN, COLUMNS = 24, 6
QUALITY = 80
_TINY = 40  # pixels; smaller pictures are kept without loss
_INCH, _TEXT = 1.1, 0.35  # of a picture, of the line below it
_LONGEST = 18  # letters of a name


def worst_pictures(audit: Audit) -> "Figure":
    """Draw the 24 pictures with the worst scores.

    Args:
        audit: What was found.
    """
    shown = [one for one in audit.ranking() if one.row is not None][:SHOWN]
    rows = -(-len(shown) // COLUMNS)
    width, height = COLUMNS * _INCH, rows * (_INCH + _TEXT)
    with drawing((width, height)) as figure:
        figure.set_layout_engine("none")
        for place, one in enumerate(shown):
            row, column = divmod(place, COLUMNS)
            left, bottom = column * _INCH, height - (row + 1) * (_INCH + _TEXT) + _TEXT
            box = (left / width, bottom / height, 0.94 * _INCH / width, 0.94 * _INCH / height)
            axes = figure.add_axes(box)
            axes.imshow(
                _levels(audit.dataset, one.row or 0), interpolation="none", vmin=0, vmax=255
            )
            axes.set_axis_off()
            name = one.label if one.suggested is None else f"{one.label} → {one.suggested}"
            text = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
            middle = (left + 0.47 * _INCH) / width
            figure.text(
                middle,
                (bottom - 0.1) / height,
                text.replace("$", r"\$"),
                ha="center",
                va="top",
                fontsize=7,
            )
    return figure


def small_picture(dataset: Dataset, row: int, *, largest: int) -> tuple[str, bytes]:
    """Write a prepared picture small, as its media type and its file; nothing of the file is kept.

    Args:
        dataset: The pictures.
        row: Which of them.
        largest: Its longer side at most.
    """
    picture = Image.fromarray(_levels(dataset, row))
    is_tiny = max(picture.size) <= _TINY
    picture.thumbnail((largest, largest), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    if is_tiny:
        picture.save(buffer, format="PNG", optimize=True)
    else:
        picture.save(buffer, format="JPEG", quality=QUALITY)
    return "image/png" if is_tiny else "image/jpeg", buffer.getvalue()


def _levels(dataset: Dataset, row: int) -> NDArray[np.uint8]:
    """Give a prepared picture with levels up to 255, in colours."""
    scale = 255 / dataset.prepare.full_scale
    white = np.rint(np.arange(256) * scale).clip(0, 255).astype(np.uint8)
    levels: NDArray[np.uint8] = white[dataset.pixels[row]]
    return np.repeat(levels, 3, axis=2) if levels.shape[2] == 1 else levels
