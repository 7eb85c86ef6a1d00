r"""An answer as HTML, for a notebook: the same lines, figures and tables as elsewhere.

What comes out is complete in itself, loads nothing, runs nothing, and is bounded: a notebook is
saved with all that it shows. Every text is escaped; figures are pictures, so that two of them in
one page do not disturb each other.

>>> line_html("\x1b[1m98%\x1b[0m <b>")
'<b>98%</b> &lt;b&gt;'
"""

import base64
import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from imagier.i18n import BOLD, FAINT, PLAIN, integer, plain_number, styled_line, t

if TYPE_CHECKING:
    from markupsafe import Markup

    from imagier.answers.answer import Answer, AnswerFigure, AnswerTable

__all__ = ["answer_html", "box", "figure_html", "line_html", "table_html", "with_code"]

MOST_LINES = 200
MOST_FIGURES, MOST_BYTES = 6, 400_000  # bytes of one figure
MOST_ROWS, MOST_COLUMNS = 20, 12
LONGEST = 1_000  # letters of a line or a cell

BOX = "max-width:62rem;font:14px/1.5 system-ui,sans-serif;color:inherit"
PRE = "white-space:pre-wrap;font:13px/1.45 ui-monospace,Menlo,Consolas,monospace;margin:0 0 .6em"
ROW = "display:flex;flex-wrap:wrap;gap:12px;align-items:flex-start"
CELL = "padding:2px 10px;border-bottom:1px solid #8884"
STYLES = {BOLD: "b", FAINT: "small"}
_STYLE = re.compile("|".join(map(re.escape, (BOLD, FAINT, PLAIN))))


def answer_html(answer: "Answer") -> str:
    """Write an answer as a piece of HTML.

    Args:
        answer: What was found.
    """
    lines = list(islice(answer.lines(), MOST_LINES + 1))
    more = ["…"] if len(lines) > MOST_LINES else []
    text = "\n".join(map(line_html, [*lines[:MOST_LINES], *more]))
    notes = "".join(f"<p>{line_html(note)}</p>" for note in answer.notes)
    drawn = "".join(map(figure_html, islice(answer.figures().values(), MOST_FIGURES)))
    figures = f'<div style="{ROW}">{drawn}</div>' if drawn else ""
    tables = (_folded(name, table) for name, table in answer.tables().items())
    return box([f'<pre style="{PRE}">{text}</pre>', notes, figures, *tables])


def box(pieces: Iterable[str]) -> str:
    """Put pieces of HTML into one box, without what is empty."""
    return f'<div class="imagier" style="{BOX}">{"".join(filter(None, pieces))}</div>'


def line_html(line: str) -> str:
    """Write a line as it stands on a terminal: escaped, our own styles kept, nothing else."""
    shown = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
    return "".join(_styled_pieces(styled_line(shown)))


def figure_html(figure: "AnswerFigure") -> str:
    """Draw a figure as a picture in HTML; one that is too large is only named."""
    label = escape(figure.label)
    for kind, media in ((".svg", "image/svg+xml"), (".png", "image/png")):
        content = figure.content(kind)
        if len(content) <= MOST_BYTES:
            data = base64.b64encode(content).decode("ascii")
            style = "max-width:min(100%,480px);background:#fff;display:block"
            return f'<img src="data:{media};base64,{data}" alt="{label}" style="{style}">'
    return f"<p>{label}</p>"


def table_html(table: "AnswerTable") -> str:
    """Write the beginning of a table as HTML."""
    columns = list(table.columns)[:MOST_COLUMNS]
    rows = [list(row) for row in islice(table.rows, MOST_ROWS + 1)]
    head = "".join(f'<th scope="col" style="{CELL}">{_cell(one)}</th>' for one in columns)
    body = "".join(map(_row, rows[:MOST_ROWS]))
    more = f'<tr><td style="{CELL}">…</td></tr>' if len(rows) > MOST_ROWS else ""
    return (
        '<table style="border-collapse:collapse;font-variant-numeric:tabular-nums">'
        + (f"<thead><tr>{head}</tr></thead>" if head else "")
        + f"<tbody>{body}{more}</tbody></table>"
    )


def _folded(name: str, table: "AnswerTable") -> str:
    label = escape(t("answers.table", name=name))
    return f"<details><summary>{label}</summary>{table_html(table)}</details>"


def _row(cells: list[object]) -> str:
    more = ["…"] if len(cells) > MOST_COLUMNS else []
    shown = [*cells[:MOST_COLUMNS], *more]
    inner = "".join(f'<td style="{CELL}">{_cell(one)}</td>' for one in shown)
    return f"<tr>{inner}</tr>"


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return escape(str(value))
    if isinstance(value, int):
        return integer(value)
    return plain_number(value, 4) if isinstance(value, float) else line_html(str(value))


def _styled_pieces(line: str) -> Iterator[str]:
    """Give the escaped pieces of a line; a style ends where another begins, or the line."""
    place, tag = 0, ""
    for found in _STYLE.finditer(line):
        yield escape(line[place : found.start()])
        yield f"</{tag}>" if tag else ""
        place, tag = found.end(), STYLES.get(found.group(), "")
        yield f"<{tag}>" if tag else ""
    yield escape(line[place:]) + (f"</{tag}>" if tag else "")


def with_code(sentence: str) -> "Markup":
    """Escape a sentence for a page's template; what stands between backticks is typed, as code.

    >>> print(with_code("<b> & `imagier check`"))
    &lt;b&gt; &amp; <code>imagier check</code>
    """
    import markupsafe

    parts = sentence.split("`")
    if len(parts) % 2 == 0:
        return markupsafe.escape(sentence)
    code = markupsafe.Markup("<code>{}</code>")
    said = [code.format(one) if k % 2 else markupsafe.escape(one) for k, one in enumerate(parts)]
    return markupsafe.Markup("").join(said)
