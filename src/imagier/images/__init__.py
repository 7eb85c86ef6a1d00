"""The one road from bytes to pixels: decode, bring to the input's form, look at as numbers.

A picture is a chequered sheet, each square with its own colour: a table of numbers, a vector, a
point of a space with as many dimensions as there are numbers (deck, chapter 2).
"""

from imagier.images.choosing import choose_prepare, choose_size, is_ink
from imagier.images.decoding import Picture, decode
from imagier.images.decoding_memory import count_file, one_picture
from imagier.images.formats import FORMATS
from imagier.images.headers import PictureHeader, read_header
from imagier.images.ink import Ink
from imagier.images.modes import by_opacity, set_white, to_pixels
from imagier.images.opened_picture import OpenedPicture, open_picture_file
from imagier.images.opening import (
    MAX_BYTES,
    STDIN,
    linked_file,
    read_bytes,
    read_named,
    stream_number,
)
from imagier.images.preparing import ARRAY, Fit, Prepare, as_pixels, prepare, rescale
from imagier.images.streams import ReadableFile, is_stream, read_stream
from imagier.images.tables import from_csv, to_csv, to_png
from imagier.images.vectors import (
    Channel,
    MemorySize,
    add,
    channel,
    distance,
    from_vector,
    mean,
    memory_size,
    multiply,
    norm,
    one_hot,
    squared_distance,
    squared_norm,
    table,
    to_vector,
)

__all__ = [
    "ARRAY",
    "FORMATS",
    "MAX_BYTES",
    "STDIN",
    "Channel",
    "Fit",
    "Ink",
    "MemorySize",
    "OpenedPicture",
    "Picture",
    "PictureHeader",
    "Prepare",
    "ReadableFile",
    "add",
    "as_pixels",
    "by_opacity",
    "channel",
    "choose_prepare",
    "choose_size",
    "count_file",
    "decode",
    "distance",
    "from_csv",
    "from_vector",
    "is_ink",
    "is_stream",
    "linked_file",
    "mean",
    "memory_size",
    "multiply",
    "norm",
    "one_hot",
    "one_picture",
    "open_picture_file",
    "prepare",
    "read_bytes",
    "read_header",
    "read_named",
    "read_stream",
    "rescale",
    "set_white",
    "squared_distance",
    "squared_norm",
    "stream_number",
    "table",
    "to_csv",
    "to_pixels",
    "to_png",
    "to_vector",
]
