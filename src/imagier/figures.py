"""Figures of one family: the same letters, lines and colours in reports, files and pages.

Blue is what is right or learnt from, orange what is wrong or checked on: a pair that colour-blind
readers tell apart, and no line is known by its colour alone. The same figure gives the same bytes
each time: fonts are matplotlib's own, names inside the SVG come from a fixed salt, and no date is
written. In an SVG the ink, the lines and the colours are CSS variables with a plain colour behind,
so that a page can show the figure on light or on dark ground.

matplotlib is imported when a figure is drawn, here and not before: so that it finds no settings in
the current folder.

>>> figure = line_chart([Line(label="loss", values=[2.3, 0.9, 0.4])], x_label="epoch", y_label="")
>>> svg(figure, label="The loss falls").startswith('<svg role="img" aria-label="The loss falls"')
True
"""

import io
import logging
import re
import threading
import warnings
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagier.i18n import decimal, tick_number
from imagier.working_folder import without_settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "COLOURS",
    "Line",
    "drawing",
    "gif",
    "heat_map",
    "line_chart",
    "png",
    "svg",
    "write_ticks",
]

INK, FAINT, RULE, BLUE, ORANGE = "#1f2430", "#5c6470", "#d9d5cb", "#0072b2", "#c4500c"
COLOURS = (BLUE, ORANGE, "#009e73", "#9b5a8e", "#8a6d00", "#3b8fc4", "#5c6470")
_VARIABLES = {INK: "ink", FAINT: "faint", RULE: "rule", BLUE: "right", ORANGE: "wrong"}
_DASHES = ("solid", (0, (4, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
_MARKERS = ("o", "s", "^", "D")
_LETTERS = "DejaVu Sans"  # comes with matplotlib: the same on every machine
_SETTINGS: dict[Any, Any] = {
    "axes.edgecolor": RULE,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.labelcolor": FAINT,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "figure.constrained_layout.use": True,
    "font.family": [_LETTERS],
    "font.size": 9.0,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "imagier",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
}
_MOST_TICKS = 40
_one_at_a_time = threading.Lock()  # matplotlib's settings are shared by all threads


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a chart.

    Attributes:
        label: Its name in the legend.
        values: Its heights at x = 1, 2, 3...; NaN where there is none.
        style: Which colour, dashes and marks it has in every chart; None for those of its place.
    """

    label: str
    values: Sequence[float]
    style: int | None = None


def line_chart(
    lines: Sequence[Line],
    *,
    x_label: str,
    y_label: str,
    mark: tuple[int, str] | None = None,
    inches: tuple[float, float] = (4.6, 3.0),
) -> "Figure":
    """Draw lines over x = 1, 2, 3..., each with its own colour, dashes and marks.

    Args:
        lines: What to draw.
        x_label: What x counts.
        y_label: What the heights are.
        mark: An x worth a look, and what to write there.
        inches: Width and height.
    """
    with drawing(inches) as figure:
        from matplotlib.ticker import MaxNLocator

        axes = figure.add_subplot()
        for index, line in enumerate(lines):
            _draw_line(axes, line, index if line.style is None else line.style)
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        axes.set_ylim(bottom=0)
        _mark(axes, mark)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        _write_heights(axes)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0)
    return figure


def heat_map(
    shares: NDArray[np.float64],
    *,
    names: Sequence[str],
    x_label: str,
    y_label: str,
    inches: tuple[float, float] = (6.6, 6.4),
) -> "Figure":
    """Draw a square table of shares: the diagonal blue, all else orange, darker for more.

    Args:
        shares: Each row's shares, 0..1, (K, K).
        names: What row i and column i stand for; only some are written beyond 40.
        x_label: What the columns are.
        y_label: What the rows are.
        inches: Width and height.
    """
    with drawing(inches) as figure:
        axes = figure.add_subplot()
        axes.imshow(_tints(shares), interpolation="none")
        step = -(-len(names) // _MOST_TICKS)
        ticks = range(0, len(names), step)
        shown = [_short(names[tick]) for tick in ticks]
        axes.set_xticks(ticks, shown, rotation=90, fontsize=6.5)
        axes.set_yticks(ticks, shown, fontsize=6.5)
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        axes.grid(visible=False)
    return figure


def write_ticks(axes: "Axes") -> None:
    """Write the numbers of both axes with the language's decimal mark, and no more decimals."""
    from matplotlib.ticker import FuncFormatter

    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(tick_number))


def svg(figure: "Figure", *, label: str) -> str:
    """Give a figure as SVG text to put into a page.

    Args:
        figure: What to write.
        label: What a reader who cannot see it should know.
    """
    buffer = io.StringIO()
    with _settings(), warnings.catch_warnings():
        # letters stay letters: the reader's own fonts draw those that matplotlib's font lacks
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(buffer, format="svg", transparent=True, metadata=_no_metadata())
    return _for_a_page(buffer.getvalue(), label)


def png(figure: "Figure", *, dots_per_inch: int = 144) -> bytes:
    """Give a figure as the bytes of a PNG file."""
    buffer = io.BytesIO()
    with _settings():
        figure.savefig(buffer, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return buffer.getvalue()


def gif(figures: Iterable["Figure"], *, seconds: float, last: float = 2.0) -> bytes:
    """Give figures of one size as the bytes of a moving picture, which starts again at its end.

    Args:
        figures: What is seen, one after the other; only one of them is held as a figure.
        seconds: How long each is seen.
        last: How long the last one is seen.
    """
    from PIL import Image

    frames = [Image.open(io.BytesIO(png(figure, dots_per_inch=100))) for figure in figures]
    drawn = [frame.convert("RGB").quantize(64, dither=Image.Dither.NONE) for frame in frames]
    durations = [round(1000 * seconds)] * (len(drawn) - 1) + [round(1000 * last)]
    buffer = io.BytesIO()
    drawn[0].save(buffer, "GIF", save_all=True, append_images=drawn[1:], duration=durations, loop=0)
    return buffer.getvalue()


@contextmanager
def drawing(inches: tuple[float, float]) -> Iterator["Figure"]:
    """Give an empty figure to draw on, in our style while the block lasts.

    Args:
        inches: Width and height.
    """
    with _settings():
        from matplotlib.figure import Figure

        yield Figure(figsize=inches)


@contextmanager
def _settings() -> Iterator[None]:
    """Draw with our settings, whatever the user's own matplotlib settings are."""
    log = logging.getLogger("matplotlib")
    level = log.level
    log.setLevel(logging.ERROR)  # that it has no folder of its own is none of the user's business
    try:
        with without_settings("matplotlibrc"):
            import matplotlib as mpl
    finally:
        log.setLevel(level)

    with _one_at_a_time, mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def _draw_line(axes: "Axes", line: Line, index: int) -> None:
    values = np.asarray(line.values, dtype=np.float64)
    axes.plot(
        np.arange(1, len(values) + 1),
        values,
        label=line.label,
        color=COLOURS[index % len(COLOURS)],
        linestyle=_DASHES[index % len(_DASHES)],
        marker=_MARKERS[index % len(_MARKERS)] if len(values) <= _MOST_TICKS else None,
        markersize=3.5,
        linewidth=1.8,
    )


def _write_heights(axes: "Axes") -> None:
    """Write the numbers of the vertical axis with the language's decimal mark."""
    ticks = [float(tick) for tick in axes.get_yticks()]
    step = min((b - a for a, b in pairwise(ticks)), default=1.0)
    digits = next((n for n in range(7) if abs(round(step, n) - step) < step / 1000), 7)
    axes.set_yticks(ticks, [decimal(tick, digits) for tick in ticks])


def _mark(axes: "Axes", mark: tuple[int, str] | None) -> None:
    if mark is None:
        return
    place, text = mark
    axes.set_ylim(top=1.08 * axes.get_ylim()[1])  # lines stay below what is written
    axes.axvline(place, color=FAINT, linewidth=0.9, linestyle=(0, (2, 2)), zorder=0)
    axes.annotate(
        text,
        (place, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-4, -2),
        textcoords="offset points",
        horizontalalignment="right",
        verticalalignment="top",
        color=FAINT,
        fontsize=8,
    )


def _tints(shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Colour each cell; a square root lets one mistake in a hundred be seen."""
    tints = np.zeros((*shares.shape, 4), dtype=np.uint8)
    tints[..., :3] = _channels(ORANGE)
    tints[np.diag_indices(len(shares))] = (*_channels(BLUE), 0)
    tints[..., 3] = np.rint(255 * np.sqrt(shares))
    return tints


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _short(name: str) -> str:
    return name if len(name) <= 16 else name[:15] + "…"


def _no_metadata() -> dict[str, None]:
    return dict.fromkeys(("Creator", "Date", "Format", "Type"))


def _for_a_page(text: str, label: str) -> str:
    """Make matplotlib's file a piece of a page: no prologue, own names, colours as variables."""
    text = text[text.index("<svg") :].rstrip("\n")
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>\s*", "", text, flags=re.DOTALL)
    for colour, name in _VARIABLES.items():
        text = text.replace(colour, f"var(--{name}, {colour})")
    text = text.replace(f"'{_LETTERS}'", f"var(--letters, '{_LETTERS}', sans-serif)")
    opening = f'<svg role="img" aria-label="{escape(label)}" stroke-linejoin="round" '
    return _own_names(text).replace("<svg ", opening, 1)


def _own_names(text: str) -> str:
    """Keep the ids that are referred to, under names that no other figure of the page has."""
    used = dict.fromkeys(re.findall(r"(?:url\(|href=\")#([^)\"]+)", text))
    prefix = f"f{zlib.crc32(text.encode()):08x}"
    names = {name: f"{prefix}-{index}" for index, name in enumerate(used)}

    def renamed(match: re.Match[str]) -> str:
        return f' id="{names[match[1]]}"' if match[1] in names else ""

    text = re.sub(r' id="([^"]*)"', renamed, text)
    for old, new in names.items():
        text = text.replace(f"#{old})", f"#{new})").replace(f'"#{old}"', f'"#{new}"')
    return text
