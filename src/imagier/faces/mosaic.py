"""Copies of pictures on which the faces that were found cannot be recognised.

Each box, and a margin around it, becomes a mosaic of 6 × 6 means, smoothed: of a face of ten
thousand pixels 36 levels a channel are left, fewer than any eye or program needs to tell one person
from another. A blur alone could be undone in part. The rest of the picture stays as it is, as far
as saving it once more allows (JPEG at 95); where no face was found nothing is saved anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from imagier.errors import PictureError
from imagier.faces.detection import Face, FaceDetector
from imagier.files import printable
from imagier.images import decode
from imagier.privacy import strip

__all__ = ["Blurred", "blur_faces", "with_mosaics"]

TILES = 6  # along each side of a face
MARGIN = 0.2  # of its sides, added all around: hair, ears, chin
QUALITY = 95
MOVING = "several_frames"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blurred:
    """A copy without the faces that were found.

    Attributes:
        content: The file, in the format of the original, without notes.
        faces: Where they were found.
        removed: What `strip` takes out of such a file, beside the faces.
    """

    content: bytes
    faces: tuple[Face, ...]
    removed: tuple[str, ...]


def blur_faces(content: bytes, *, name: str, detector: FaceDetector) -> Blurred:
    """Make the faces of a picture file unrecognisable, and take out what it tells besides.

    Args:
        content: The whole file.
        name: Its name, for errors.
        detector: Who finds them.

    Raises:
        PictureError: As `privacy.strip`; `blur_moving` for a picture of several frames, of which
            only one would be looked at.
    """
    stripped = strip(content, name=name)
    picture = decode(content, name=name, opacity=True)
    if MOVING in picture.notes:
        raise PictureError("blur_moving", path=printable(name))
    faces = detector.find(picture.pixels)
    made = stripped.content
    if faces:
        pixels = with_mosaics(picture.pixels, faces)
        made = _written(pixels, picture.opacity, picture.format)
    return Blurred(content=made, faces=faces, removed=stripped.removed)


def with_mosaics(pixels: NDArray[np.uint8], faces: Sequence[Face]) -> NDArray[np.uint8]:
    """Give the pixels, (H, W, C), with a mosaic over each box and its margin."""
    changed = pixels.copy()
    height, width = pixels.shape[:2]
    for face in faces:
        across = int(np.ceil(MARGIN * (face.right - face.left)))
        down = int(np.ceil(MARGIN * (face.bottom - face.top)))
        top, bottom = max(0, face.top - down), min(height, face.bottom + down)
        left, right = max(0, face.left - across), min(width, face.right + across)
        if top < bottom and left < right:
            changed[top:bottom, left:right] = _mosaic(pixels[top:bottom, left:right])
    return changed


def _mosaic(part: NDArray[np.uint8]) -> NDArray[np.uint8]:
    image = Image.fromarray(part[:, :, 0] if part.shape[2] == 1 else part)
    tiles = image.resize((TILES, TILES), Image.Resampling.BOX)
    large = tiles.resize(image.size, Image.Resampling.NEAREST)
    smooth = large.filter(ImageFilter.GaussianBlur(max(image.size) / TILES / 3))
    return np.asarray(smooth).reshape(part.shape)


def _written(pixels: NDArray[np.uint8], opacity: NDArray[np.uint8] | None, kind: str) -> bytes:
    """Write pixels in a format, without any note."""
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    if opacity is not None and kind in {"PNG", "WEBP"}:
        image.putalpha(Image.fromarray(opacity))
    file = BytesIO()
    if kind == "JPEG":
        image.save(file, kind, quality=QUALITY, subsampling=0)
    elif kind == "WEBP":
        image.save(file, kind, lossless=True)
    else:
        image.save(file, kind)
    return file.getvalue()
