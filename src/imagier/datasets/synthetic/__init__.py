"""Pictures made to measure: characters, lines, captchas and scenes whose truth is known.

Nothing here comes from anywhere but fonts, numbers and pictures that the user has: what is made is
a function of its seed.
"""

from imagier.datasets.synthetic.captchas import (
    SUM_CHARACTERS,
    captcha_recipe,
    draw_captcha,
    grid_recipe,
    sum_recipe,
)
from imagier.datasets.synthetic.fonts import (
    Font,
    find_fonts,
    fonts_for,
    installed_fonts,
    standard_fonts,
)
from imagier.datasets.synthetic.glyphs import Glyph, Glyphs
from imagier.datasets.synthetic.line_style import STYLES, LineStyle
from imagier.datasets.synthetic.lines import compose_line, compose_lines, line_generator
from imagier.datasets.synthetic.made_set import check_made_output
from imagier.datasets.synthetic.package_captchas import package_captcha_recipe
from imagier.datasets.synthetic.recipes import (
    MadePicture,
    SetRecipe,
    character_recipe,
    line_recipe,
)
from imagier.datasets.synthetic.results import MadeSet, make_set
from imagier.datasets.synthetic.shapes import COLOURS, SHAPES, Shape, draw_scene, shape_recipe
from imagier.datasets.synthetic.source_glyphs import source_glyphs
from imagier.datasets.synthetic.texts import (
    TextSampler,
    amount_texts,
    listed_texts,
    uniform_texts,
)

__all__ = [
    "COLOURS",
    "SHAPES",
    "STYLES",
    "SUM_CHARACTERS",
    "Font",
    "Glyph",
    "Glyphs",
    "LineStyle",
    "MadePicture",
    "MadeSet",
    "SetRecipe",
    "Shape",
    "TextSampler",
    "amount_texts",
    "captcha_recipe",
    "character_recipe",
    "check_made_output",
    "compose_line",
    "compose_lines",
    "draw_captcha",
    "draw_scene",
    "find_fonts",
    "fonts_for",
    "grid_recipe",
    "installed_fonts",
    "line_generator",
    "line_recipe",
    "listed_texts",
    "make_set",
    "package_captcha_recipe",
    "shape_recipe",
    "source_glyphs",
    "standard_fonts",
    "sum_recipe",
    "uniform_texts",
]
