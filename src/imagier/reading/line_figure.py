"""A line as it was read, on one sheet: what it says, the line with its characters, what was seen.

    75001   97.3 %          the answer, or the reason why there is none
    7  5  0  0  1           each character with its probability,
    ▭  ▭  ▭  ▭  ▭           the line with a box around each,
    ░▒ ▒░ ▒ ▒  ░            and below how probable each character is in each column

The columns of the network's answers stand under the part of the line that they are about. A long
line is cut between two characters and goes on below, as a text does.
"""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imagier.figures import BLUE, FAINT, INK, ORANGE, RULE, drawing
from imagier.files import printable
from imagier.i18n import integer, percent, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from imagier.reading.line_answer import LineView, ReadLine
    from imagier.reading.line_reading import LineReading

__all__ = ["line_figure"]

LEFT, RIGHT, BOTTOM = 0.62, 0.3, 0.5  # inches beside and below
WIDEST, NARROWEST = 8.2, 4.4  # inches of a strip; of a sheet without its margins, at least
COLUMN_INCHES = (0.075, 0.16)  # of a column of answers, at least and at most
LABELS, GAP, BETWEEN = 0.5, 0.07, 0.34  # inches of the labels, below the line, below a strip
ROW = 0.17  # inches of a row of the heat map
LETTER = 0.074  # inches of a small letter, about
MOST_ROWS, ALL_ROWS = 16, 12  # characters that are shown; an alphabet that is always shown whole
LEAST_SEEN = 0.02  # the probability of a character that is worth a row
WHOLE_PERCENT, BARE_PERCENT = 0.5, 0.2  # inches between characters for "97.3 %", and for "97"
SURE = 0.5

Colours = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strip:
    """A part of the line: from where to where, in columns of answers."""

    first: float
    last: float


def line_figure(line: "ReadLine") -> "Figure":
    """Draw what was read on a line that has a view.

    Args:
        line: What was read.

    Raises:
        ValueError: When there is nothing to draw.
    """
    view, found = line.view, line.reading
    if view is None or found is None:
        raise ValueError("a line without a view cannot be drawn")
    column = float(np.clip(WIDEST / view.width, *COLUMN_INCHES))
    strips = _strips(view, column)
    rows = _rows(view)
    wide = max(max(one.last - one.first for one in strips) * column, NARROWEST)
    width = LEFT + wide + RIGHT
    tall = column * view.width * view.pixels.shape[0] / view.pixels.shape[1]
    head = list(_head(line, found, wide))
    top = 0.25 + sum(height for *_, height in head)
    strip = LABELS + tall + GAP + ROW * len(rows) + BETWEEN
    height = top + strip * len(strips) - BETWEEN + BOTTOM
    with drawing((width, height)) as figure:
        figure.set_layout_engine("none")  # all has its place
        _write_head(figure, head, width, height)
        for number, one in enumerate(strips):
            start = height - top - strip * number - LABELS
            inches = (one.last - one.first) * column
            place = LEFT / width, (start - tall) / height, inches / width, tall / height
            _draw_line(figure.add_axes(place), view, found, one, column, start=(height - start))
            below = start - tall - GAP - ROW * len(rows)
            place = LEFT / width, below / height, inches / width, ROW * len(rows) / height
            _draw_seen(figure.add_axes(place), view, rows, one)
        figure.text(
            LEFT / width,
            0.16 / height,
            t("reading.plot.key"),
            fontsize=7.5,
            color=FAINT,
            va="bottom",
        )
    return figure


def _strips(view: "LineView", column: float) -> list[_Strip]:
    """Cut a long line into parts of about one length, between two characters where it can be."""
    count = max(1, int(np.ceil(view.width * column / WIDEST - 1e-6)))
    edges = view.width * view.boxes[:, [0, 2]]
    between = (edges[:-1, 1] + edges[1:, 0]) / 2
    cuts = [0.0]
    for number in range(1, count):
        ideal = view.width * number / count
        cut = ideal
        if len(between):
            nearest = float(between[np.abs(between - ideal).argmin()])
            cut = nearest if abs(nearest - ideal) < 0.2 * view.width / count else ideal
        cuts.append(cut)
    cuts.append(view.width)
    return [_Strip(first=a, last=b) for a, b in zip(cuts[:-1], cuts[1:], strict=True)]


def _rows(view: "LineView") -> list[int]:
    """Choose the classes that have a row: the characters that were seen, then the blank."""
    count = len(view.classes)
    peaks = view.probabilities[:, 1:].max(axis=0) if len(view.probabilities) else np.zeros(count)
    if count - 1 <= ALL_ROWS:
        return [*range(1, count), 0]
    likely = np.argsort(-peaks, kind="stable")[:MOST_ROWS]
    return [*sorted(1 + int(one) for one in likely if peaks[one] >= LEAST_SEEN), 0]


def _head(
    line: "ReadLine", found: "LineReading", wide: float
) -> Iterator[tuple[str, str, float, str, float]]:
    """Give the lines of the head: text, what stands beside it, size, colour, inches."""
    letters = max(20, int(wide / LETTER))
    text = printable(found.text) or "∅"
    size = float(np.clip(26 * 24 * wide / 8.2 / max(len(text) + 8, 1), 11, 22))
    beside = percent(found.probability)
    if found.value is not None:
        beside += f"   = {found.value} {found.currency or ''}".rstrip()
    yield text, beside, size, FAINT if found.rejected else INK, 0.46
    said = line.sentence if found.reason != "unsure" else t("reading.plot.unsure")
    if found.rejected:
        for part in textwrap.wrap(said, letters):
            yield part, "", 9.5, ORANGE, 0.2
    if found.alternatives:
        others = ", ".join(
            f"{printable(one.text) or '∅'} {percent(one.probability)}" for one in found.alternatives
        )
        for part in textwrap.wrap(t("reading.plot.others", texts=others), letters)[:2]:
            yield part, "", 8.5, FAINT, 0.18
    yield _cut(line.place, letters), "", 8.5, FAINT, 0.26


def _write_head(
    figure: "Figure", head: list[tuple[str, str, float, str, float]], width: float, height: float
) -> None:
    down = 0.18
    for text, beside, size, colour, inches in head:
        y = 1 - (down + inches / 2) / height
        written = figure.text(
            LEFT / width, y, text, fontsize=size, color=colour, va="center_baseline"
        )
        if beside:
            written.set_fontweight("bold")
            figure.canvas.draw()  # else nobody knows how wide the text is
            end = written.get_window_extent().x1 / figure.bbox.width
            shade = BLUE if colour == INK else ORANGE
            figure.text(
                end + 0.18 / width, y, beside, fontsize=12, color=shade, va="center_baseline"
            )
        down += inches


def _draw_line(
    axes: "Axes",
    view: "LineView",
    found: "LineReading",
    strip: _Strip,
    column: float,
    *,
    start: float,
) -> None:
    """Draw a part of the line, a box around each character, and its name above."""
    from matplotlib.patches import Rectangle

    axes.imshow(
        view.pixels if view.pixels.shape[2] == 3 else view.pixels[:, :, 0],
        extent=(0, view.width, 1, 0),
        aspect="auto",
        cmap="gray",
        vmin=0,
        vmax=255,
        interpolation="bilinear",
    )
    _bare(axes, strip)
    axes.set_ylim(1, 0)
    edges = view.boxes * (view.width, 1, view.width, 1)
    pitch = _pitch(edges, view.width) * column
    for one, (left, top, right, bottom) in zip(found.characters, edges.tolist(), strict=True):
        middle = (left + right) / 2
        if not strip.first <= middle < strip.last:
            continue
        is_sure = one.probability >= SURE
        if not one.character.isspace():
            colour = BLUE if is_sure else ORANGE
            size = right - left, bottom - top
            axes.add_patch(
                Rectangle((left, top), *size, fill=False, edgecolor=colour, linewidth=1.3)
            )
        _label(axes, one.character, one.probability, middle, pitch)


def _label(axes: "Axes", character: str, probability: float, middle: float, pitch: float) -> None:
    """Write a character and its probability above its box, as large as there is room."""
    name = "␣" if character.isspace() else printable(character)
    colour = INK if probability >= SURE else ORANGE
    above = {"xycoords": axes.get_xaxis_transform(), "textcoords": "offset points", "ha": "center"}
    size = float(np.clip(60 * pitch, 7, 14))
    is_numbered = pitch >= BARE_PERCENT
    axes.annotate(
        name,
        (middle, 1),
        xytext=(0, 14 if is_numbered else 5),
        fontsize=size,
        color=colour,
        **above,
    )
    if is_numbered:
        shown = (
            percent(probability) if pitch >= WHOLE_PERCENT else integer(round(100 * probability))
        )
        axes.annotate(shown, (middle, 1), xytext=(0, 4), fontsize=7, color=FAINT, **above)


def _pitch(edges: Colours, width: float) -> float:
    """Give how far apart characters stand where they stand closest, in columns."""
    middles = (edges[:, 0] + edges[:, 2]) / 2
    return float(np.percentile(np.diff(middles), 20)) if len(middles) > 1 else width


def _draw_seen(axes: "Axes", view: "LineView", rows: list[int], strip: _Strip) -> None:
    """Draw how probable each character is in each column, the darker the more."""
    shares = np.sqrt(np.clip(view.probabilities[:, rows].T.astype(np.float64), 0, 1))
    cells = np.empty((*shares.shape, 4))
    cells[..., :3] = _channels(BLUE)
    cells[-1, :, :3] = _channels(FAINT)
    cells[..., 3] = shares
    axes.imshow(
        cells,
        extent=(0, len(view.probabilities), len(rows), 0),
        aspect="auto",
        interpolation="none",
    )
    _bare(axes, strip)
    axes.set_ylim(len(rows), 0)
    for left, _, right, _ in (view.boxes * view.width).tolist():
        axes.axvspan(left, right, color=RULE, alpha=0.35, linewidth=0, zorder=0)
    for row in range(1, len(rows)):
        axes.axhline(row, color=RULE, linewidth=0.5, zorder=0)
    names = [_shown(view.classes[row]) for row in rows]
    axes.set_yticks([row + 0.5 for row in range(len(rows))], names, fontsize=8.5, color=INK)
    axes.tick_params(axis="y", length=0, pad=5)


def _bare(axes: "Axes", strip: _Strip) -> None:
    axes.set_xlim(strip.first, strip.last)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(True)


def _shown(name: str) -> str:
    return "␣" if name.isspace() else printable(name)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else "…" + text[1 - most :]


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue
