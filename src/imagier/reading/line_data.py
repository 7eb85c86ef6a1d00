"""The lines of a reader: real ones with their texts, and composed ones without end.

Real lines are few and right; composed ones are as many as are wanted and only look somewhat like
them. A reader learns from both: a slot of an epoch shows a composed line early in the learning and
a real one late, as the draw of that slot decides. Line i of epoch e is a function of (seed, e, i).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from imagier.datasets import Skipped
from imagier.datasets.synthetic import Glyphs, LineStyle, TextSampler, compose_line, line_generator
from imagier.images import Prepare
from imagier.images.line_fit import fit_line
from imagier.reading.alphabet import Alphabet

__all__ = ["LineComposer", "LineSet", "PreparedLines", "used_columns"]

COMPOSED = "composed"  # what a composed line is called before its number

Rows: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineSet:
    """Prepared lines with their texts.

    Attributes:
        pixels: The lines, (n, H, W, 1).
        texts: What stands on each.
        names: What each is called: its path below the source.
        documents: The document of each; empty where none is known.
    """

    pixels: NDArray[np.uint8]
    texts: tuple[str, ...]
    names: tuple[str, ...]
    documents: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def character_width(self) -> float:
        """The columns that a character has to itself, half of the lines having fewer."""
        lengths = np.array([max(len(text), 1) for text in self.texts])
        return float(np.median(used_columns(self.pixels) / lengths))

    def take(self, rows: Rows) -> "LineSet":
        """Keep the lines at `rows`, in that order."""
        places = rows.tolist()
        return LineSet(
            pixels=self.pixels[rows],
            texts=tuple(self.texts[row] for row in places),
            names=tuple(self.names[row] for row in places),
            documents=tuple(self.documents[row] for row in places),
        )


def used_columns(pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count the columns that each line, (B, H, W, 1), fills: what is right of it is all alike.

    A line without anything on it fills them all.
    """
    is_alike = (pixels == pixels[:, :, -1:]).all(axis=(1, 3))
    used: NDArray[np.int64] = pixels.shape[2] - is_alike[:, ::-1].argmin(axis=1)
    return used


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineComposer:
    """Composes lines of single characters.

    Attributes:
        glyphs: The characters.
        style: How the lines look.
        draw: Draws their texts.
        settings: How a line becomes the input.
        seed: Another seed composes other lines.
    """

    glyphs: Glyphs
    style: LineStyle
    draw: TextSampler
    settings: Prepare
    seed: int

    def compose(self, rows: Sequence[int], epoch: int) -> tuple[NDArray[np.uint8], list[str]]:
        """Compose the lines of these numbers, prepared, (B, H, W, 1), and give their texts."""
        height, width = self.settings.height, self.settings.width
        pixels, texts = [], []
        for row in rows:
            generator = line_generator(self.seed, epoch, row)
            texts.append(self.draw(generator))
            line = compose_line(texts[-1], self.glyphs, self.style, generator, height=height)
            levels = line[:, :, np.newaxis]
            pixels.append(fit_line(levels, height, width, name=COMPOSED, longest=math.inf))
        shape = (0, height, width, 1)
        return np.stack(pixels) if pixels else np.empty(shape, np.uint8), texts

    def line_set(self, count: int) -> LineSet:
        """Compose so many lines, the first of this composer."""
        pixels, texts = self.compose(range(count), 0)
        names = tuple(f"{COMPOSED}/{number}" for number in range(count))
        return LineSet(pixels=pixels, texts=tuple(texts), names=names, documents=("",) * count)

    def of(self, glyphs: Glyphs, *, seed: int) -> "LineComposer":
        """Give a composer that writes likewise, in other hands."""
        return replace(self, glyphs=glyphs, seed=seed)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PreparedLines:
    """What one reader learns from, is chosen on, and is tested on.

    Attributes:
        name: Short name of the source.
        alphabet: Its characters.
        settings: How a line becomes the input.
        train: The real lines to learn from; none where all are composed.
        validation: The lines that judge.
        test: The lines of the test.
        composer: Composes lines to learn from; None where only real ones are.
        fingerprint: Names all lines with their texts.
        tested: Hashes of what the test stands on.
        split_csv: The parts, as the text of `split.csv`.
        key: The key of the hashes in it; empty where they are plain.
        skipped: The files that were left out, and why.
        notes: What the user should know about them, as sentences.
    """

    name: str
    alphabet: Alphabet
    settings: Prepare
    train: LineSet
    validation: LineSet
    test: LineSet
    composer: LineComposer | None
    fingerprint: str
    tested: NDArray[np.str_]
    split_csv: str
    key: str = ""
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the input."""
        return self.settings.height, self.settings.width, self.settings.channels
