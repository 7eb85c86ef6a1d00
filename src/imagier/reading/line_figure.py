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
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imagier.figures import BLUE, FAINT, INK, ORANGE, RULE, drawing
from imagier.files import printable
from imagier.i18n import integer, percent, t
from imagier.reading.alphabet import BLANK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from imagier.reading.line_answer import LineView, ReadLine
    from imagier.reading.line_reading import LineReading

__all__ = ["line_figure"]

LEFT, RIGHT, BOTTOM = 0.62, 0.3, 0.3  # inches beside and below
WIDEST, NARROWEST = 8.2, 4.8  # inches of a strip; of a sheet without its margins, at least
COLUMN_INCHES = (0.075, 0.16)  # of a column of answers, at least and at most
LABELS, GAP, BETWEEN = 0.5, 0.07, 0.3  # inches of the labels, below the line, below a strip
ABOVE_KEY = 0.1
ROW = 0.17  # inches of a row of the heat map
LETTER, KEY_LETTER, KEY_LINE = 0.074, 0.065, 0.15  # inches of a small letter, about; of the key
LARGEST_TEXT, SMALLEST_TEXT = 22.0, 9.0  # points of the text that was read
BOLD_LETTER, BESIDE = 0.7 / 72, 0.95  # inches of a bold digit a point, about; beside the text
LEAST_SAID = 0.001  # the probability of another text that is named
OF_BLANK = 0.7  # times as strong as the characters, the blank
MOST_ROWS, ALL_ROWS = 16, 12  # characters that are shown; an alphabet that is always shown whole
LEAST_SEEN = 0.02  # the probability of a character that is worth a row
WHOLE_PERCENT, BARE_PERCENT = 0.5, 0.2  # inches between characters for "97.3 %", and for "97"
SURE = 0.5

Colours = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Headline:
    """A line above the picture, `inches` high; what stands beside its text has its own shade."""

    text: str
    beside: str = ""
    size: float
    colour: str
    shade: str = BLUE
    inches: float


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
    strips, rows = _strips(view, column), _rows(view, found.text)
    wide = max(max(one.last - one.first for one in strips) * column, NARROWEST)
    head, key = list(_head(line, found, wide)), _wrapped(t("reading.plot.key"), wide / KEY_LETTER)
    top = 0.25 + sum(one.inches for one in head)
    tall = column * view.width * view.pixels.shape[0] / view.pixels.shape[1]
    strip = LABELS + tall + GAP + ROW * len(rows) + BETWEEN
    width = LEFT + wide + RIGHT
    height = top + strip * len(strips) - BETWEEN + ABOVE_KEY + KEY_LINE * len(key) + BOTTOM
    with drawing((width, height)) as figure:
        figure.set_layout_engine("none")  # all has its place
        _write_head(figure, head, width, height)

        def place(part: _Strip, start: float, inches: float) -> "Axes":
            """Make room for a part of the line, from so many inches below the top."""
            long = (part.last - part.first) * column
            bottom = (height - start - inches) / height
            return figure.add_axes((LEFT / width, bottom, long / width, inches / height))

        for number, part in enumerate(strips):
            start = top + strip * number + LABELS
            _draw_line(place(part, start, tall), view, found, part, column)
            _draw_seen(place(part, start + tall + GAP, ROW * len(rows)), view, rows, found, part)
        for number, text in enumerate(reversed(key)):
            y = (BOTTOM / 2 + KEY_LINE * number) / height
            figure.text(LEFT / width, y, text, fontsize=7.5, color=FAINT, va="bottom")
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
    return [_Strip(first=a, last=b) for a, b in pairwise(cuts)]


def _rows(view: "LineView", text: str) -> list[int]:
    """Choose the classes that have a row: the characters read, others seen, then the blank."""
    count = len(view.classes)
    peaks = view.probabilities[:, 1:].max(axis=0) if len(view.probabilities) else np.zeros(count)
    if count - 1 <= ALL_ROWS:
        return [*range(1, count), 0]
    likely = np.argsort(-peaks, kind="stable")[:MOST_ROWS]
    seen = {1 + int(one) for one in likely if peaks[one] >= LEAST_SEEN}
    return [*sorted(seen | {view.classes.index(one) for one in text}), 0]


def _head(line: "ReadLine", found: "LineReading", wide: float) -> Iterator[_Headline]:
    """Give the lines of the head: the text, why it is not believed, other texts, the picture."""
    text, letters = printable(found.text) or BLANK, wide / LETTER
    room = (wide - BESIDE) / BOLD_LETTER  # points of size, of all its letters together
    text = (
        text if SMALLEST_TEXT * len(text) <= room else text[: int(room / SMALLEST_TEXT) - 1] + "…"
    )
    size = min(LARGEST_TEXT, room / len(text))
    beside = percent(found.probability)
    if found.value is not None:
        beside += f"   = {found.value} {found.currency or ''}".rstrip()
    is_believed = not found.rejected
    yield _Headline(
        text=text,
        beside=beside,
        size=size,
        colour=INK if is_believed else FAINT,
        shade=BLUE if is_believed and found.probability >= SURE else ORANGE,
        inches=0.46,
    )
    if found.rejected:
        said = t("reading.plot.unsure") if found.reason == "unsure" else line.sentence
        for part in _wrapped(said, 0.92 * letters):
            yield _Headline(text=part, size=9.5, colour=ORANGE, inches=0.2)
    others = [one for one in found.alternatives if one.probability >= LEAST_SAID]
    if others:
        texts = ", ".join(
            f"{printable(one.text) or BLANK} {percent(one.probability)}" for one in others
        )
        for part in _wrapped(t("reading.plot.others", texts=texts), letters)[:2]:
            yield _Headline(text=part, size=8.5, colour=FAINT, inches=0.18)
    yield _Headline(text=_cut(line.place, letters), size=8.5, colour=FAINT, inches=0.26)


def _write_head(figure: "Figure", head: list[_Headline], width: float, height: float) -> None:
    down = 0.18
    for one in head:
        y = 1 - (down + one.inches / 2) / height
        written = figure.text(
            LEFT / width,
            y,
            one.text,
            fontsize=one.size,
            color=one.colour,
            va="center_baseline",
            fontweight="bold" if one.beside else "normal",
        )
        if one.beside:
            figure.canvas.draw()  # else nobody knows how wide the text is
            end = written.get_window_extent().x1 / figure.bbox.width + 0.18 / width
            figure.text(end, y, one.beside, fontsize=12, color=one.shade, va="center_baseline")
        down += one.inches


def _draw_line(
    axes: "Axes",
    view: "LineView",
    found: "LineReading",
    strip: _Strip,
    column: float,
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
    is_numbered = pitch >= BARE_PERCENT
    shown = [(14.0 if is_numbered else 5.0, float(np.clip(60 * pitch, 7, 14)), _shown(character))]
    if is_numbered:
        is_whole = pitch >= WHOLE_PERCENT
        number = percent(probability) if is_whole else integer(round(100 * probability))
        shown.append((4.0, 7.0, number))
    colour = INK if probability >= SURE else ORANGE
    for (points, size, text), shade in zip(shown, (colour, FAINT), strict=False):
        axes.annotate(
            text,
            (middle, 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(0, points),
            textcoords="offset points",
            ha="center",
            fontsize=size,
            color=shade,
        )


def _pitch(edges: Colours, width: float) -> float:
    """Give how far apart characters stand where they stand closest, in columns."""
    middles = (edges[:, 0] + edges[:, 2]) / 2
    return float(np.percentile(np.diff(middles), 20)) if len(middles) > 1 else width


def _draw_seen(
    axes: "Axes", view: "LineView", rows: list[int], found: "LineReading", strip: _Strip
) -> None:
    """Draw how probable each character is in each column, the darker the more."""
    shares = np.sqrt(np.clip(view.probabilities[:, rows].T.astype(np.float64), 0, 1))
    cells = np.empty((*shares.shape, 4))
    cells[..., :3] = _channels(BLUE)
    cells[-1, :, :3] = _channels(FAINT)
    cells[..., 3] = shares
    cells[-1, :, 3] *= OF_BLANK
    axes.imshow(
        cells,
        extent=(0, len(view.probabilities), len(rows), 0),
        aspect="auto",
        interpolation="none",
        zorder=2,
    )
    _bare(axes, strip)
    axes.set_ylim(len(rows), 0)
    for left, _, right, _ in (view.boxes * view.width).tolist():
        axes.axvspan(left, right, color=RULE, alpha=0.35, linewidth=0, zorder=0)
    for row in range(1, len(rows)):
        axes.axhline(row, color=RULE, linewidth=0.5, zorder=0)
    names = [view.classes[row] for row in rows]
    ticks = [row + 0.5 for row in range(len(rows))]
    axes.set_yticks(ticks, [_shown(name) for name in names], fontsize=8.5)
    axes.tick_params(axis="y", length=0, pad=5)
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        is_read = name in found.text
        label.set(color=INK if is_read else FAINT, fontweight="bold" if is_read else "normal")


def _bare(axes: "Axes", strip: _Strip) -> None:
    axes.set_xlim(strip.first, strip.last)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(True)


def _shown(name: str) -> str:
    return "␣" if name.isspace() else printable(name)


def _wrapped(text: str, letters: float) -> list[str]:
    return textwrap.wrap(text, max(20, int(letters)))


def _cut(text: str, letters: float) -> str:
    most = max(20, int(letters))
    return text if len(text) <= most else "…" + text[1 - most :]


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue
