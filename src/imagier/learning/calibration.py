"""How sure may a recogniser say that it is? Asked of the pictures that judged it.

The temperature and the thresholds are read off answers to pictures that were not learnt from: those
of validation, or those that the folds left out. The test part has no say.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.learning.trainers import Trainer
from imagier.recognizer import Recognizer
from imagier.recognizer.abstention import threshold_rows
from imagier.recognizer.calibrated import calibrated
from imagier.testing.calibration import fit_temperature, with_temperature

__all__ = ["FEWEST", "CalibratedModel", "calibrate"]

FEWEST = 50  # pictures; fewer say too little about how sure to be
BATCH = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CalibratedModel:
    """A recogniser with the answers that calibrated it.

    Attributes:
        recognizer: At its temperature, with its thresholds.
        judged: The pictures that judged it, as rows of the dataset, in rising order, (n,).
        answers: Their probabilities at that temperature, (n, K).
    """

    recognizer: Recognizer
    judged: NDArray[np.int64]
    answers: NDArray[np.float32]

    def known(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Give the probabilities of some of the pictures that judged."""
        found: NDArray[np.float32] = self.answers[np.searchsorted(self.judged, rows)]
        return found

    def at_temperature(
        self, probabilities: NDArray[np.float32] | None
    ) -> NDArray[np.float32] | None:
        """Bring what the trainer knows to the temperature of the recogniser."""
        temperature = self.recognizer.card.temperature
        if probabilities is None or temperature == 1:
            return probabilities
        return with_temperature(probabilities, temperature)


def calibrate(recognizer: Recognizer, trainer: Trainer) -> CalibratedModel:
    """Choose the temperature and try the thresholds.

    Args:
        recognizer: As it was exported.
        trainer: Who learnt it, and knows which pictures it has not learnt from.
    """
    data = trainer.data
    judged, answers = trainer.held_out()
    if answers is None:
        answers = np.concatenate(
            [np.empty((0, len(recognizer.classes)), np.float32)]
            + [
                recognizer.probabilities(data.dataset.pixels[judged[start : start + BATCH]])
                for start in range(0, len(judged), BATCH)
            ]
        )
    labels = np.asarray(data.dataset.labels)[judged]
    temperature = fit_temperature(answers, labels) if len(judged) >= FEWEST else 1.0
    tempered = with_temperature(answers, temperature) if temperature != 1 else answers
    rows = threshold_rows(tempered.max(axis=1), tempered.argmax(axis=1) == labels)
    return CalibratedModel(
        recognizer=calibrated(recognizer, temperature=temperature, rows=rows, golden=data.golden()),
        judged=judged,
        answers=tempered,
    )
