"""A picture as `palette` and `segment` take it: its levels, and which pixels are seen at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imagier.cli.framework import note
from imagier.errors import PictureError, UsageError
from imagier.files import printable
from imagier.i18n import integer, t

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Seen", "read_weights", "see"]

HALF = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A picture that was read.

    Attributes:
        name: Its file, on one line.
        pixels: Levels, (H, W, 3), laid on white.
        seen: Which pixels are at least half opaque, (H, W); None when all are.
    """

    name: str
    pixels: "NDArray[np.uint8]"
    seen: "NDArray[np.bool_] | None"

    @property
    def hides(self) -> bool:
        """Whether some pixels are transparent."""
        return self.seen is not None


def see(path: str | PictureError, *, quiet: bool) -> Seen:
    """Read a picture file, and say what is odd about it.

    Raises:
        PictureError: It cannot be read; see `imagier.images.decode`.
    """
    import numpy as np

    from imagier.images import decode, read_bytes

    if isinstance(path, PictureError):
        raise path
    file = Path(path)
    content = read_bytes(file.resolve() if file.is_symlink() else file)
    picture = decode(content, name=path, opacity=True)
    name = printable(path)
    for code in picture.notes:
        note(f"{name} {t(f'images.note.{code}')}.", quiet=quiet)
    opacity = picture.opacity
    seen = None if opacity is None or (opacity >= HALF).all() else opacity >= HALF
    if opacity is not None:
        between = int(((opacity > 0) & (opacity < 255)).sum())
        if between:
            note(t("cli.seeing.between", path=name, n=between, count=integer(between)), quiet=quiet)
    levels = picture.pixels
    pixels = levels if levels.shape[2] == 3 else np.repeat(levels, 3, axis=2)
    return Seen(name=name, pixels=pixels, seen=seen)


def read_weights(text: str | None, names: Sequence[str]) -> tuple[float, ...]:
    """Read the numbers of the deck's distance, such as `1,1,2`; all 1 when there is no text.

    Raises:
        UsageError: `distance_weights`.
    """
    if text is None:
        return (1.0,) * len(names)
    try:
        weights = tuple(float(word) for word in text.split(","))
    except ValueError:
        weights = ()
    fine = len(weights) == len(names) and all(0 <= weight < float("inf") for weight in weights)
    if not (fine and any(weights)):
        wanted, received = ",".join(names), printable(text[:60])
        raise UsageError("distance_weights", received=received, wanted=wanted, n=len(names))
    return weights
