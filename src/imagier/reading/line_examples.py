"""Lines as the learning loop wants them: batches of pictures and texts, and the CTC loss.

The loss of a line is − log p of its text, where p adds up all the ways in which the columns can
spell it: nobody has to say where each character stands.

Source: A. Graves et al., "Connectionist temporal classification", ICML 2006.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from imagier.reading.line_augmentation import CHANGES, changed_lines
from imagier.reading.line_data import PreparedLines
from imagier.reading.line_splices import CharacterPlaces, LineSplices, character_places
from imagier.training import BatchScore, Plan
from imagier.training.augmentation import draws
from imagier.training.hardware import computing_in

__all__ = ["LineExamples", "LineTexts", "best_paths"]

REAL_FIRST: Final = (
    0.3  # of the slots that show a real line at first, where there are composed ones
)
REAL_LAST: Final = 1.0
SPLICED: Final = 0.5  # of the real lines shown that are joined of two
SPLICED_AFTER: Final = 0.1  # of the learning, when the reader knows where characters stand
LOOKS_EVERY: Final = 4  # epochs
LOOKED_AT: Final = 250  # lines at once
LEAST: Final = 1e-9  # probability, so that every text has a path

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineTexts:
    """The texts of a batch: classes of all characters, one after the other, and how many a line."""

    characters: torch.Tensor
    lengths: torch.Tensor

    def lines(self) -> list[list[int]]:
        """Give the classes of each line."""
        return [some.tolist() for some in torch.split(self.characters, self.lengths.tolist())]


class LineExamples:
    """The lines of a reader, real and composed.

    Args:
        lines: What it learns from.
        slots: How many lines one epoch shows.
        judging: How many lines of validation judge an epoch at most.

    Attributes:
        lines: What it learns from.
        slots: How many lines one epoch shows.
    """

    def __init__(self, lines: PreparedLines, *, slots: int, judging: int) -> None:
        self.lines, self.slots = lines, slots
        self._judging = judging
        self._places: CharacterPlaces | None = None

    @property
    def train(self) -> Rows:
        """The slots of an epoch."""
        return np.arange(self.slots)

    @property
    def validation(self) -> Rows:
        """The lines of validation that judge each epoch."""
        return np.arange(min(self._judging, len(self.lines.validation)))

    @cached_property
    def _encoded(self) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        encode = self.lines.alphabet.encode
        parts = (self.lines.train, self.lines.validation)
        train, judged = ([torch.from_numpy(encode(text)) for text in p.texts] for p in parts)
        return train, judged

    def look(self, network: nn.Module, plan: Plan, done: int) -> None:
        """Find anew where the characters of real lines stand, in every fourth epoch."""
        if done == 0:
            self._places = None
        begun = done >= SPLICED_AFTER * plan.total_at(done)
        if begun and len(self.lines.train) and (self._places is None or done % LOOKS_EVERY == 0):
            network.eval()
            width = self.lines.shape[1]
            known = [text.numpy() for text in self._encoded[0]]
            self._places = character_places(self._answers(network, plan), known, width)

    def state(self) -> dict[str, torch.Tensor]:
        """Give where the characters stood at the last look."""
        if self._places is None:
            return {}
        found = self._places
        return {
            "middles": torch.from_numpy(found.middles),
            "is_sure": torch.from_numpy(found.is_sure),
        }

    def load_state(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Go back to what was known of them."""
        self._places = None
        if tensors:
            middles, is_sure = tensors["middles"].numpy(), tensors["is_sure"].numpy()
            self._places = CharacterPlaces(middles=middles, is_sure=is_sure)

    def shown(self, rows: Rows, plan: Plan, done: int) -> tuple[torch.Tensor, LineTexts]:
        """Give what these slots show in an epoch."""
        numbers = draws(plan.seed, done, rows, CHANGES + 2)
        is_real = numbers[:, -1] < self.real_share(done / plan.total_at(done))
        pixels = np.empty((len(rows), *self.lines.shape), np.float32)
        texts: list[torch.Tensor] = [torch.empty(0)] * len(rows)
        chosen = (rows[is_real] + done * self.slots) % max(len(self.lines.train), 1)
        if len(chosen):
            real, written = self._real(chosen, numbers[is_real, -2])
            pixels[is_real] = changed_lines(real, numbers[is_real, :CHANGES])
            for place, text in zip(np.flatnonzero(is_real), written, strict=True):
                texts[place] = text
        if self.lines.composer is not None:
            composed, spelt = self.lines.composer.compose(rows[~is_real].tolist(), done)
            pixels[~is_real] = composed
            for place, line in zip(np.flatnonzero(~is_real), spelt, strict=True):
                texts[place] = torch.from_numpy(self.lines.alphabet.encode(line))
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

    def _real(
        self, rows: Rows, numbers: NDArray[np.float64]
    ) -> tuple[NDArray[np.uint8], list[torch.Tensor]]:
        """Give real lines and their classes, some of them joined anew as their numbers decide."""
        real = self.lines.train
        pixels = real.pixels[rows]
        texts = [self._encoded[0][row] for row in rows.tolist()]
        if self._places is None:
            return pixels, texts
        splices = LineSplices(pixels=real.pixels, texts=real.texts, places=self._places)
        for place, (row, number) in enumerate(zip(rows.tolist(), numbers.tolist(), strict=True)):
            if number < SPLICED:
                generator = np.random.default_rng(int(number * 2**53))
                if joined := splices.draw(row, generator):
                    pixels[place] = joined.pixels
                    texts[place] = torch.from_numpy(self.lines.alphabet.encode(joined.text))
        return pixels, texts

    def _answers(self, network: nn.Module, plan: Plan) -> NDArray[np.float32]:
        """Give the probabilities of each class in each column of the real lines."""
        found, pixels = [], self.lines.train.pixels
        with torch.inference_mode():
            for start in range(0, len(pixels), LOOKED_AT):
                with computing_in(plan):
                    outputs = network(torch.from_numpy(pixels[start : start + LOOKED_AT])).float()
                found.append(outputs.softmax(dim=2).clamp_(min=LEAST).numpy())
        return np.concatenate(found)

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
