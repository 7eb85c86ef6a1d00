"""The input size of a network: up to which size does it take pictures, or exactly which one?

Most networks take pictures as they come, up to a size above which learning would be slow. LeNet,
AlexNet and GoogLeNet were drawn for one size, and reach their counts at that one only.
"""

from dataclasses import dataclass

from imagier.neurons.classics import CLASSICS

__all__ = ["InputSize", "input_size_of"]

SMALL, PHOTO = 64, 384
LOOK_AT_PHOTOS = ("features", "finetune", "hf")


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSize:
    """The size to which pictures are prepared; one of the two is None.

    Attributes:
        limit: The longest side, in pixels, where pictures may keep their shape.
        exact: Height and width, where the network was drawn for one size.
    """

    limit: int | None = None
    exact: tuple[int, int] | None = None


def input_size_of(spec: str) -> InputSize:
    """Tell the size of the pictures that a network takes.

    LeNet takes 28 x 28, to which it adds a border of two pixels as its paper did; AlexNet and
    GoogLeNet take 224 x 224. A backbone, by name or as an ONNX file, has pictures resized inside.

    >>> input_size_of("cnn:16,32"), input_size_of("lenet").exact, input_size_of("features").limit
    (InputSize(limit=64, exact=None), (28, 28), 384)
    >>> input_size_of("features:512").limit
    512
    """
    name = spec.strip().lower()
    family = name.split(":")[0].strip()
    if family in CLASSICS:
        return InputSize(exact=CLASSICS[family].input[:2])
    path, _, side = name.rpartition(":")
    is_sided = side.isascii() and side.isdigit() and (path in LOOK_AT_PHOTOS or _is_file(path))
    if not (family in LOOK_AT_PHOTOS or _is_file(name) or is_sided):
        return InputSize(limit=SMALL)
    return InputSize(limit=max(PHOTO, int(side)) if is_sided else PHOTO)


def _is_file(name: str) -> bool:
    return name.endswith(".onnx")
