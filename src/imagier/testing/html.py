"""The report as one page that needs nothing else: no script, no font, no picture from elsewhere.

It can be mailed, printed, kept for years and opened without a network. Every name is escaped, and
the page itself forbids the browser to fetch anything.
"""

import base64
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from imagier.answers import AnswerFigure
from imagier.errors import UsageError
from imagier.files import open_regular, printable, storage_errors, version
from imagier.i18n import decimal, duration, integer, language, percent, t
from imagier.recognizer.folder_contents import CARD_FILE
from imagier.testing import sentences
from imagier.testing.class_report import precision_cell, recall_cell
from imagier.testing.confidence_report import (
    abstention_cells,
    abstention_sentence,
    calibration_sentence,
)
from imagier.testing.cost_report import cost_facts, cost_sentences
from imagier.testing.findings import PARTS, Findings
from imagier.testing.gallery import ShownPicture
from imagier.testing.membership import membership_sentence
from imagier.testing.metrics import FEW
from imagier.testing.plots import CURVES, report_figures
from imagier.testing.robustness_report import condition_name, robustness_sentence
from imagier.testing.set_cautions import overlap_sentence
from imagier.testing.strangers import others_sentence, stranger_sentence

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["check_replaceable", "report_html"]

WHOLE_MATRIX = 10  # up to so many classes the confusion matrix is shown with its counts
MOST_SKIPPED = 200
GENERATOR = '<meta name="generator" content="imagier'
HEAD = 4096  # bytes in which a report names its maker
FIRST_PAGE = 12  # names on the first screen


def report_html(report: Findings) -> str:
    """Write the report as a self-contained page in the user's language.

    Args:
        report: What a test found.
    """
    examples, drawn = _examples(report), report_figures(report)
    is_large = len(report.classes) > WHOLE_MATRIX
    return _template().render(
        report=report,
        say=sentences,
        t=t,
        integer=integer,
        decimal=decimal,
        percent=percent,
        duration=duration,
        data_uri=_data_uri,
        plain=_plain,
        language=language(),
        version=version(),
        parts=[(part, score) for part in PARTS if (score := report.scores.get(part))],
        reach=_reach(report),
        examples=examples,
        columns=_columns(len(examples)),
        curves=_curves(drawn),
        abstention_sentence=abstention_sentence,
        abstention_cells=abstention_cells,
        calibration_sentence=calibration_sentence,
        stranger_sentence=stranger_sentence,
        others_sentence=others_sentence,
        membership_sentence=membership_sentence,
        reliability=_svg(drawn["reliability"]) if "reliability" in drawn else None,
        condition_name=condition_name,
        robustness_sentence=robustness_sentence,
        robustness_bars=_svg(drawn["robustness"]) if "robustness" in drawn else None,
        heat_map=_svg(drawn["confusion"]) if is_large else None,
        whole_matrix=WHOLE_MATRIX,
        most_skipped=MOST_SKIPPED,
        overlap=overlap_sentence(report),
        cost_sentences=list(cost_sentences(report)),
        cost_facts=list(cost_facts(report)),
        recall_cell=recall_cell,
        precision_cell=precision_cell,
        few=FEW,
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


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("imagier.testing"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _data_uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _plain(value: object) -> str:
    """Write a value of the plan as people would: 1.0 × 10 for ten equal weights."""
    if value is None or value in ([], ()):
        return "–"
    if not isinstance(value, list | tuple):
        return printable(str(value))
    if len(value) > 2 and len(set(map(str, value))) == 1:
        return printable(f"{value[0]} × {len(value)}")
    return printable(", ".join(map(str, value)))


def _reach(report: Findings) -> float:
    """Find the error at the right end of the bars: the largest that any interval allows."""
    scores = [score for score in report.scores.values() if score]
    return max(1 - score.interval[0] for score in scores) or 1.0


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


def _curves(drawn: Mapping[str, AnswerFigure]) -> list[tuple[str, str]]:
    """Give title and drawing of loss and error, epoch after epoch, as far as they are known."""
    return [(t(f"testing.curve_{name}"), _svg(drawn[name])) for name in CURVES if name in drawn]


def _svg(figure: AnswerFigure) -> str:
    return figure.content(".svg").decode()
