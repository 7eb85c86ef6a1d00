"""Every sentence and every number imagier says, in French and in English.

>>> with use_language("fr"):
...     percent(0.9837)
'98,4\u202f%'
"""

from imagier.i18n.catalogues import LANGUAGES, catalogue, language, t, use_language
from imagier.i18n.characters import BOLD, FAINT, PLAIN, RED, printable, styled_line
from imagier.i18n.numbers import (
    decimal,
    duration,
    integer,
    percent,
    plain_number,
    plain_percent,
    scientific,
    significant,
    storage,
    superscript,
    tick_number,
)

__all__ = [
    "BOLD",
    "FAINT",
    "LANGUAGES",
    "PLAIN",
    "RED",
    "catalogue",
    "decimal",
    "duration",
    "integer",
    "language",
    "percent",
    "plain_number",
    "plain_percent",
    "printable",
    "scientific",
    "significant",
    "storage",
    "styled_line",
    "superscript",
    "t",
    "tick_number",
    "use_language",
]
