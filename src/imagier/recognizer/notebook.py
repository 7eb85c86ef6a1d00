"""How a recogniser and its answers look in a notebook: what their lines say, and bars.

>>> from imagier.recognizer.prediction import Prediction
>>> "<script>" in prediction_html(Prediction(path="<script>", label="7", probability=0.75))
False
"""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from imagier.answers.html import box, line_html
from imagier.errors import Refused
from imagier.files import printable, read_object
from imagier.i18n import integer, percent, t
from imagier.recognizer.history import MAX_REPORT

if TYPE_CHECKING:
    from imagier.recognizer.prediction import Prediction
    from imagier.recognizer.recognizer import Recognizer

__all__ = ["prediction_html", "recognizer_html", "recognizer_lines"]

MOST_NAMES = 30
MOST_CHOICES = 10
GRID = "display:grid;grid-template-columns:max-content 12rem max-content;gap:2px 12px"
BAR = "height:.7em;border-radius:4px;background:#0072b2;margin-top:.4em"
HEAD = "font-size:1.5em;font-weight:600"


def prediction_html(prediction: "Prediction") -> str:
    """Write an answer about one picture: the name, its choices as bars, or why there is none."""
    line = line_html(prediction.line())
    if prediction.error or prediction.label is None:
        return box([f"<div>{line}</div>"])
    name = "?" if prediction.abstained else prediction.label
    head = f'<div style="{HEAD}">{line_html(name)}</div><div>{line}</div>'
    bars = "".join(_bar(*choice) for choice in prediction.top[:MOST_CHOICES])
    return box([head, f'<div style="{GRID}">{bars}</div>'])


def recognizer_html(recognizer: "Recognizer") -> str:
    """Write what a recogniser recognises, with what network, and how well it did in its test."""
    first, *rest = recognizer_lines(recognizer)
    head = f'<div style="{HEAD}">{line_html(first)}</div>'
    return box([head, *(f"<div>{line_html(line)}</div>" for line in rest)])


def recognizer_lines(recognizer: "Recognizer") -> Iterator[str]:
    """Say the same as lines: its name, its classes, its network, its test."""
    card, names = recognizer.card, recognizer.classes
    yield printable(Path(recognizer.name).name)
    shown = ", ".join(printable(name) for name in names[:MOST_NAMES])
    more = "…" if len(names) > MOST_NAMES else ""
    yield t("recognizer.shown.names", n=len(names), count=integer(len(names)), names=shown + more)
    yield t(
        "recognizer.shown.network",
        n=card.parameters,
        count=integer(card.parameters),
        network=card.network,
        height=card.prepare.height,
        width=card.prepare.width,
        channels=card.prepare.channels,
    )
    yield _test_line(recognizer.artifacts.get("report.json"))


def _test_line(content: bytes | None) -> str:
    """Say the figure that the model folder remembers; its file may be anybody's."""
    try:
        test = read_object(content or b"", most=MAX_REPORT)["test"]
        n, (low, high) = int(test["n"]), map(float, test["interval"])
        share = float(test["accuracy"])
    except (Refused, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return t("recognizer.shown.untested")
    digits = 2 if n >= 2000 else 1
    return t(
        "recognizer.shown.test",
        n=n,
        count=integer(n),
        share=percent(share, digits),
        low=percent(low, digits),
        high=percent(high, digits),
    )


def _bar(name: str, share: float) -> str:
    width = f"{100 * min(max(share, 0.0), 1.0):.1f}%"
    return (
        f"<span>{line_html(name)}</span>"
        f'<span><i style="display:block;width:{width};{BAR}"></i></span>'
        f"<span>{escape(percent(share))}</span>"
    )
