"""Lines of characters: post codes, amounts, captchas, read column by column.

A reader gives each column of a line the probabilities of its characters and of the blank ∅.
`decode_lines` and `beam_search` make texts of them, with a box and a probability for each
character; `format_rule` says what a line must be, and `read_lines` gives the most probable text
that it may be, or the reason why there is none. Decoding needs NumPy alone.
"""

from imagier.reading.alphabet import BLANK, Alphabet
from imagier.reading.amounts import Amount, read_amount
from imagier.reading.check_digits import CHECKS
from imagier.reading.code_list import CodeList
from imagier.reading.ctc import log_probability
from imagier.reading.decoding import (
    CharacterSpan,
    DecodedLine,
    TextRule,
    beam_search,
    best_path,
    decode_lines,
)
from imagier.reading.format_pattern import FormatPattern
from imagier.reading.formats import NAMED_FORMATS, FormatRule, format_rule
from imagier.reading.line_answer import LineView, ReadLine
from imagier.reading.line_reader import LineReader
from imagier.reading.line_reading import LineReading, read_line, read_lines, refusal_sentence
from imagier.reading.opening import load_reader

__all__ = [
    "BLANK",
    "CHECKS",
    "NAMED_FORMATS",
    "Alphabet",
    "Amount",
    "CharacterSpan",
    "CodeList",
    "DecodedLine",
    "FormatPattern",
    "FormatRule",
    "LineReader",
    "LineReading",
    "LineView",
    "ReadLine",
    "TextRule",
    "beam_search",
    "best_path",
    "decode_lines",
    "format_rule",
    "load_reader",
    "log_probability",
    "read_amount",
    "read_line",
    "read_lines",
    "refusal_sentence",
]
