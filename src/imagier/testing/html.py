"""The report as one page that needs nothing else: no script, no font, no picture from elsewhere.

It can be mailed, printed, kept for years and opened without a network. Every name is escaped, and
the page itself forbids the browser to fetch anything.
"""

import base64
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from imagier.answers.html import with_code
from imagier.errors import UsageError
from imagier.files import open_regular, printable, storage_errors, version
from imagier.i18n import decimal, duration, integer, language, percent, plain_percent, t
from imagier.recognizer.folder_contents import CARD_FILE
from imagier.testing import sentences
from imagier.testing.advice import advice
from imagier.testing.findings import Findings
from imagier.testing.gallery import ShownPicture
from imagier.testing.sections import SECTIONS
from imagier.testing.set_cautions import overlap_sentence

if TYPE_CHECKING:
    from jinja2 import Environment, Template

__all__ = ["check_replaceable", "page_template", "report_html"]

GENERATOR = '<meta name="generator" content="imagier'
HEAD = 4096  # bytes in which a report names its maker
PNG = b"\x89PNG"
FIRST_PAGE = 12  # names on the first screen


def report_html(report: Findings) -> str:
    """Write the report as a self-contained page in the user's language.

    Args:
        report: What a test found.
    """
    examples = _examples(report)
    sections = [(one.name, facts) for one in SECTIONS if (facts := one.facts(report)) is not None]
    return page_template("report.html.j2").render(
        report=report,
        advice=advice(report),
        sections=sections,
        language=language(),
        version=version(),
        examples=examples,
        columns=_columns(len(examples)),
        overlap=overlap_sentence(report),
    )


def check_replaceable(path: Path) -> None:
    """Make sure that writing a report to `path` destroys nothing but an older report.

    Raises:
        UsageError: `report_exists`, or `report_in_model`: the files of a model have their hashes.
    """
    if (path.parent / CARD_FILE).exists():
        raise UsageError("report_in_model", path=printable(path))
    if not os.path.lexists(path):
        return
    if not (path.is_file() and _is_report(path)):
        raise UsageError("report_exists", path=printable(path))


def _is_report(path: Path) -> bool:
    with storage_errors(path), open_regular(path) as file:
        return GENERATOR.encode() in file.read(HEAD)


def page_template(name: str, *, room: str = "imagier.testing") -> "Template":
    """Give a page of `templates/` with what all of them may say: every value is escaped.

    Args:
        name: Its file.
        room: The package whose templates are looked at first, and then those that stand here.
    """
    return _environment(room).get_template(name)


@cache
def _environment(room: str) -> "Environment":
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader([PackageLoader(room), PackageLoader("imagier.testing")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "say": sentences,
        "t": t,
        "integer": integer,
        "decimal": decimal,
        "percent": percent,
        "plain_percent": plain_percent,
        "duration": duration,
        "printable": printable,
        "data_uri": _data_uri,
        "with_code": with_code,
    }
    return environment


def _data_uri(content: bytes) -> str:
    kind = "png" if content.startswith(PNG) else "jpeg"
    return f"data:image/{kind};base64," + base64.b64encode(content).decode("ascii")


def _examples(report: Findings) -> list[tuple[str, ShownPicture]]:
    """Pick one picture of each class that was named right, as in a picture book."""
    found = []
    for style in report.contact_sheet:
        right = [shown for shown in style.pictures if shown.answered == style.name]
        found += [(style.name, shown) for shown in right[:1]]
    return found[:FIRST_PAGE]


def _columns(count: int) -> int:
    """Choose how many pictures stand side by side, so that the last row is nearly full."""
    return next((columns for columns in (5, 4, 3) if count % columns == 0), min(count, 4))
