"""Pictures made to measure: characters, lines, captchas and scenes whose truth is known.

Nothing here comes from anywhere but fonts, numbers and pictures that the user has: what is made is
a function of its seed.
"""

from imagier.datasets.synthetic.fonts import Font, find_fonts, installed_fonts, standard_fonts
from imagier.datasets.synthetic.glyphs import Glyph, Glyphs
from imagier.datasets.synthetic.line_style import STYLES, LineStyle
from imagier.datasets.synthetic.lines import compose_line, compose_lines, line_generator
from imagier.datasets.synthetic.texts import (
    TextSampler,
    amount_texts,
    listed_texts,
    uniform_texts,
)

__all__ = [
    "STYLES",
    "Font",
    "Glyph",
    "Glyphs",
    "LineStyle",
    "TextSampler",
    "amount_texts",
    "compose_line",
    "compose_lines",
    "find_fonts",
    "installed_fonts",
    "line_generator",
    "listed_texts",
    "standard_fonts",
    "uniform_texts",
]
