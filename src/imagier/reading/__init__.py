"""Lines of characters: post codes, amounts, captchas, read column by column.

A reader gives each column of a line the probabilities of its characters and of the blank ∅.
`decode_lines` and `beam_search` make a text of them, with a box and a probability for each
character. What is found here needs NumPy alone.
"""

from imagier.reading.alphabet import BLANK, Alphabet
from imagier.reading.ctc import log_probability
from imagier.reading.decoding import (
    CharacterSpan,
    DecodedLine,
    TextRule,
    beam_search,
    best_path,
    decode_lines,
)

__all__ = [
    "BLANK",
    "Alphabet",
    "CharacterSpan",
    "DecodedLine",
    "TextRule",
    "beam_search",
    "best_path",
    "decode_lines",
    "log_probability",
]
