"""Mutated pictures: what is spoilt, and how it is opened."""

import contextlib
import importlib.util
import io
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from tests.safety import mutations
from tests.safety.mutated_models import WrongError
from tests.safety.mutations import Mutate, Random
from tests.safety.picture_bytes import bmp

__all__ = ["FORMATS", "JOINTS", "open_picture", "pictures"]

TESTS = Path(__file__).parents[1]
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PNM")
JOINTS: dict[str, tuple[Mutate, ...]] = {
    "JPEG": (mutations.spoil, mutations.spoil_segments),
    "PNG": (mutations.spoil, mutations.spoil_chunks, mutations.spoil_chunks),
    "WEBP": (mutations.spoil, mutations.spoil_chunks),
    "GIF": (mutations.spoil,),
    "BMP": (mutations.spoil,),
    "TIFF": (mutations.spoil, mutations.spoil_tags),
    "PNM": (mutations.spoil,),
}
DRAWN: dict[str, tuple[tuple[str, dict[str, object]], ...]] = {
    "JPEG": (("RGB", {"progressive": True}), ("L", {}), ("CMYK", {}), ("RGB", {"quality": 30})),
    "PNG": tuple((mode, {}) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
    "WEBP": (("RGB", {}), ("RGB", {"lossless": True}), ("RGBA", {}), ("RGBA", {"lossless": True})),
    "GIF": (("P", {}), ("L", {}), ("P", {"transparency": 3}), ("1", {})),
    "BMP": tuple((mode, {}) for mode in ("1", "L", "P", "RGB", "RGBA")),
    "TIFF": (
        *((mode, {"compression": "tiff_deflate"}) for mode in ("L", "P", "RGB", "RGBA", "F", "I")),
        *(("RGB", {"compression": packed}) for packed in ("raw", "tiff_lzw", "jpeg", "packbits")),
        *(("1", {"compression": packed}) for packed in ("group3", "group4")),
        *((mode, {}) for mode in ("CMYK", "LAB", "YCbCr", "I;16")),
    ),
    "PNM": tuple((mode, {}) for mode in ("1", "L", "RGB", "I")),
}


@cache
def pictures(form: str) -> list[bytes]:
    """Give sound pictures of one format: the small ones of the zoo, and one of every kind."""
    from imagier.errors import PictureError
    from imagier.images.formats import recognise

    found = list(_drawn(form))
    with tempfile.TemporaryDirectory() as place:
        for entry in _module("picture_zoo").write_picture_zoo(Path(place)):
            content = (Path(place) / entry.name).read_bytes()
            with contextlib.suppress(PictureError):
                if entry.usable and len(content) < 200_000 and recognise(content, "") == form:
                    found.append(content)
    return found


def open_picture(random: Random, content: bytes) -> str:
    """Decode and prepare a picture: bytes of the size wanted, or an error that was foreseen."""
    from imagier.errors import PictureError
    from imagier.images import Ink, Prepare, decode, prepare

    ink = Ink(box=0.8, centre="mass") if random.random() < 0.2 else None
    settings = Prepare(
        height=int(random.integers(1, 40)),
        width=int(random.integers(1, 40)),
        channels=1 if ink else int(random.choice([1, 3])),
        fit=str(random.choice(["pad", "crop", "crop-pad", "stretch"])),
        ink=ink,
    )
    try:
        wanted = settings.wanted if random.random() < 0.5 else None
        picture = decode(content, name="x.png", wanted=wanted, opacity=bool(random.random() < 0.5))
    except PictureError as error:
        if error.message:
            return error.code
        raise
    pixels = prepare(picture.pixels, settings)
    shape = (settings.height, settings.width, settings.channels)
    if pixels.shape != shape or pixels.dtype != np.uint8:
        message = f"{pixels.dtype} {pixels.shape} instead of {shape}"
        raise WrongError(message)
    return ""


def _drawn(form: str) -> Iterator[bytes]:
    """Draw a picture in every way that a format knows."""
    levels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    levels[5:15, 5:25] = 200
    for mode, settings in DRAWN[form]:
        file = io.BytesIO()
        Image.fromarray(levels).convert("L" if mode == "I;16" else "RGB").convert(mode).save(
            file, {"PNM": "PPM"}.get(form, form), **settings
        )
        yield file.getvalue()
    if form == "PNM":
        yield b"P3\n# typed\n3 2\n15\n" + b"0 7 15\n" * 6
        yield b"P1\n4 2\n0110\n1 0 0 1\n"
        yield b"P5\n4 3\n9\n" + bytes(range(9)) + b"\1\2\3"
    if form == "BMP":
        yield bmp(30, 20, b"\x05\x07\0\3abc\0\0\2\4\1\0\0\0" * 20 + b"\0\1", packed=1)
        yield bmp(30, 20, b"\x1e\x12\0\0" * 20 + b"\0\1", bits=4, packed=2)


def _module(name: str):
    """Import a module of the tests that belongs to no package."""
    spec = importlib.util.spec_from_file_location(name, TESTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
