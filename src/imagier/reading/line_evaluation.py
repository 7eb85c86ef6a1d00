"""What a reader answered to lines whose texts are known.

Texts are compared letter by letter, accents composed (NFC), and otherwise as they are: a blank, a
capital letter, a comma in place of a point each make a line wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imagier.reading.line_metrics import normal_form

__all__ = ["LineEvaluation"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineEvaluation:
    """What a reader answered to n lines.

    Attributes:
        true: What is written on each line.
        read: What was read, also where the reader would rather not say.
        probability: Probability of each text that was read, 0..1, (n,).
        is_rejected: Whether the reader would rather not say, or a rule refused it, (n,).
        paths: The file of each line, or its place in the source.
        documents: The document that each line stands in, empty where none is named; `()` where
            nothing is known of documents.
        pictures: The lines as the reader saw them, grey levels, (n, height, width, 1); None where
            pictures may not be kept.
    """

    true: Sequence[str]
    read: Sequence[str]
    probability: NDArray[np.floating]
    is_rejected: NDArray[np.bool_]
    paths: Sequence[str]
    documents: Sequence[str] = ()
    pictures: NDArray[np.uint8] | None = None

    @property
    def is_right(self) -> NDArray[np.bool_]:
        """Whether each line was read right from end to end, (n,)."""
        return np.array([a == b for a, b in zip(self.true, self.read, strict=True)], np.bool_)

    def normal(self) -> "LineEvaluation":
        """Give it with composed letters, and as arrays, all as long as the texts.

        Raises:
            ValueError: There are not as many of all of them.
        """
        true, read = (tuple(map(normal_form, texts)) for texts in (self.true, self.read))
        probability = np.asarray(self.probability, np.float32)
        is_rejected = np.asarray(self.is_rejected, np.bool_)
        several = [read, probability, is_rejected, self.paths, self.documents or true]
        several += [] if self.pictures is None else [self.pictures]
        if any(len(one) != len(true) for one in several):
            raise ValueError("texts, answers and pictures of lines are not as many")
        return replace(self, true=true, read=read, probability=probability, is_rejected=is_rejected)
