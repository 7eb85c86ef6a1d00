"""Lines as the learning loop wants them: batches of pictures and texts, and the CTC loss.

The loss of a line is − log p of its text, where p adds up all the ways in which the columns can
spell it: nobody has to say where each character stands.

Source: A. Graves et al., "Connectionist temporal classification", ICML 2006.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from imagier.reading.line_augmentation import CHANGES, changed_lines
from imagier.reading.line_data import PreparedLines
from imagier.training import BatchScore, Plan
from imagier.training.augmentation import draws

__all__ = ["LineExamples", "LineTexts", "best_paths"]

REAL_FIRST: Final = (
    0.3  # of the slots that show a real line at first, where there are composed ones
)
REAL_LAST: Final = 1.0

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineTexts:
    """The texts of a batch: classes of all characters, one after the other, and how many a line."""

    characters: torch.Tensor
    lengths: torch.Tensor

    def lines(self) -> list[list[int]]:
        """Give the classes of each line."""
        return [some.tolist() for some in torch.split(self.characters, self.lengths.tolist())]


@dataclass(frozen=True, kw_only=True, eq=False)
class LineExamples:
    """The lines of a reader, real and composed.

    Attributes:
        lines: What it learns from.
        slots: How many lines one epoch shows.
        judging: How many lines of validation judge an epoch at most.
    """

    lines: PreparedLines
    slots: int
    judging: int

    @property
    def train(self) -> Rows:
        """The slots of an epoch."""
        return np.arange(self.slots)

    @property
    def validation(self) -> Rows:
        """The lines of validation that judge each epoch."""
        return np.arange(min(self.judging, len(self.lines.validation)))

    @cached_property
    def _encoded(self) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        encode = self.lines.alphabet.encode
        parts = (self.lines.train, self.lines.validation)
        train, judged = ([torch.from_numpy(encode(text)) for text in p.texts] for p in parts)
        return train, judged

    def shown(self, rows: Rows, plan: Plan, done: int) -> tuple[torch.Tensor, LineTexts]:
        """Give what these slots show in an epoch."""
        numbers = draws(plan.seed, done, rows, CHANGES + 1)
        is_real = numbers[:, -1] < self.real_share(done / plan.total)
        pixels = np.empty((len(rows), *self.lines.shape), np.float32)
        texts: list[torch.Tensor] = [torch.empty(0)] * len(rows)
        real = self.lines.train
        chosen = (rows[is_real] + done * self.slots) % max(len(real), 1)
        if len(chosen):
            pixels[is_real] = changed_lines(real.pixels[chosen], numbers[is_real, :CHANGES])
        for place, row in zip(np.flatnonzero(is_real), chosen.tolist(), strict=True):
            texts[place] = self._encoded[0][row]
        if self.lines.composer is not None:
            composed, written = self.lines.composer.compose(rows[~is_real].tolist(), done)
            pixels[~is_real] = composed
            for place, text in zip(np.flatnonzero(~is_real), written, strict=True):
                texts[place] = torch.from_numpy(self.lines.alphabet.encode(text))
        return torch.from_numpy(pixels), _together(texts)

    def judged(self, rows: Rows, plan: Plan) -> tuple[torch.Tensor, LineTexts]:  # noqa: ARG002
        """Give lines of validation, as they are."""
        pixels = torch.from_numpy(self.lines.validation.pixels[rows])
        return pixels, _together([self._encoded[1][row] for row in rows.tolist()])

    def score(self, outputs: torch.Tensor, truth: LineTexts, plan: Plan) -> BatchScore:  # noqa: ARG002
        """Compare logits of columns, (B, T, K), with texts."""
        columns = torch.full((len(outputs),), outputs.shape[1], dtype=torch.long)
        losses = functional.ctc_loss(
            outputs.log_softmax(dim=2).transpose(0, 1),
            truth.characters,
            columns,
            truth.lengths,
            reduction="none",
            zero_infinity=True,
        )
        read = best_paths(outputs.detach().argmax(dim=2).numpy())
        right = sum(found == text for found, text in zip(read, truth.lines(), strict=True))
        error = losses.sum() / truth.lengths.sum().clamp(min=1)
        return BatchScore(error=error, loss=float(losses.detach().sum()), right=right)

    def real_share(self, position: float) -> float:
        """Give the share of slots that show a real line, at this share of the learning."""
        if self.lines.composer is None:
            return 1.0
        if not len(self.lines.train):
            return 0.0
        return REAL_FIRST + (REAL_LAST - REAL_FIRST) * position


def best_paths(classes: NDArray[np.int64]) -> list[list[int]]:
    """Read columns, (B, T): equal neighbours are one character, the blank is none.

    >>> best_paths(np.array([[0, 3, 3, 0, 3, 1]]))
    [[3, 3, 1]]
    """
    is_new = np.ones(classes.shape, bool)
    is_new[:, 1:] = classes[:, 1:] != classes[:, :-1]
    is_new &= classes != 0
    return [row[new].tolist() for row, new in zip(classes, is_new, strict=True)]


def _together(texts: list[torch.Tensor]) -> LineTexts:
    lengths = torch.tensor([len(text) for text in texts], dtype=torch.long)
    return LineTexts(characters=torch.cat(texts) if texts else torch.empty(0), lengths=lengths)
