"""Every sentence and every number imagier says, in French and in English.

>>> with use_language("fr"):
...     percent(0.9837)
'98,4\u202f%'
"""

from imagier.i18n.catalogues import LANGUAGES, catalogue, language, t, use_language
from imagier.i18n.characters import (
    BOLD,
    FAINT,
    PLAIN,
    RED,
    cell_width,
    padded,
    printable,
    styled_line,
)
from imagier.i18n.numbers import (
    decimal,
    decimal_mark,
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
from imagier.i18n.shell_words import shell_path, shell_word

__all__ = [
    "BOLD",
    "FAINT",
    "LANGUAGES",
    "PLAIN",
    "RED",
    "catalogue",
    "cell_width",
    "decimal",
    "decimal_mark",
    "duration",
    "integer",
    "language",
    "padded",
    "percent",
    "plain_number",
    "plain_percent",
    "printable",
    "scientific",
    "shell_path",
    "shell_word",
    "significant",
    "storage",
    "styled_line",
    "superscript",
    "t",
    "tick_number",
    "use_language",
]
