"""The one road from bytes to pixels: decode, bring to the input's form, look at as numbers.

A picture is a chequered sheet, each square with its own colour: a table of numbers, a vector, a
point of a space with as many dimensions as there are numbers (deck, chapter 2).
"""

from imagier.images.choosing import choose_prepare, is_ink
from imagier.images.decoding import MAX_PIXELS, Picture, decode
from imagier.images.formats import FORMATS
from imagier.images.ink import Ink
from imagier.images.modes import to_pixels
from imagier.images.opening import MAX_BYTES, read_bytes
from imagier.images.preparing import Fit, Prepare, as_pixels, prepare

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "Fit",
    "Ink",
    "Picture",
    "Prepare",
    "as_pixels",
    "choose_prepare",
    "decode",
    "is_ink",
    "prepare",
    "read_bytes",
    "to_pixels",
]
