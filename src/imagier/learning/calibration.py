"""How sure may a recogniser say that it is? Asked of the pictures that judged it.

The temperature and the thresholds are read off answers to pictures that were not learnt from: those
of validation, or those that the folds left out. The test part has no say.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagier.features.strangers import REFUSED, scaled_score
from imagier.learning.trainers import Trainer
from imagier.onnx_io.strangeness import StrangenessScore
from imagier.recognizer import Recognizer
from imagier.recognizer.abstention import threshold_rows
from imagier.recognizer.calibrated import calibrated
from imagier.recognizer.engine import Answers
from imagier.testing.calibration import fit_temperature, with_temperature
from imagier.testing.conformal import FEWEST, name_limits

__all__ = ["FEWEST", "CalibratedModel", "calibrate", "name_limits"]

BATCH = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CalibratedModel:
    """A recogniser with the answers that calibrated it.

    Attributes:
        recognizer: At its temperature, with its thresholds.
        judged: The pictures that judged it, as rows of the dataset, in rising order, (n,).
        answers: What was said to them at that temperature, by what had not learnt from them.
        score: How strange a picture is, by its features; None where too few judged.
    """

    recognizer: Recognizer
    judged: NDArray[np.int64]
    answers: Answers
    score: StrangenessScore | None

    def known(self, rows: NDArray[np.int64]) -> Answers:
        """Give what was said to some of the pictures that judged."""
        places, strange = np.searchsorted(self.judged, rows), self.answers.strangeness
        return Answers(
            probabilities=self.answers.probabilities[places],
            strangeness=None if strange is None else strange[places],
        )

    def of_trainer(self, trainer: Trainer, rows: NDArray[np.int64]) -> Answers | None:
        """Give what the recogniser says to pictures whose features the trainer knows."""
        probabilities = trainer.known_probabilities(rows)
        features = None if probabilities is None else trainer.known_features(rows)
        if probabilities is None or (features is None and self.score is not None):
            return None
        temperature = self.recognizer.card.temperature
        if temperature != 1:
            probabilities = with_temperature(probabilities, temperature)
        strange = (
            None if self.score is None or features is None else self.score.strangeness(features)
        )
        return Answers(probabilities=probabilities, strangeness=strange)


def calibrate(recognizer: Recognizer, trainer: Trainer) -> CalibratedModel:
    """Choose the temperature, tell strangers, and try the thresholds.

    The thresholds are tried on the pictures that are not taken for strangers: only these are
    answered.

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
    found = scaled_score(trainer.stranger_parts(recognizer))
    score, strange = found or (None, None)
    is_known = np.ones(len(judged), bool) if strange is None else strange <= 1
    is_right = tempered.argmax(axis=1) == labels
    rows = threshold_rows(tempered.max(axis=1)[is_known], is_right[is_known], of=len(judged))
    return CalibratedModel(
        recognizer=calibrated(
            recognizer,
            temperature=temperature,
            rows=rows,
            golden=data.golden(),
            sets=name_limits(tempered, labels),
            strangers=score,
            strangers_card={"refused": REFUSED, "n": len(judged)},
        ),
        judged=judged,
        answers=Answers(probabilities=tempered, strangeness=strange),
        score=score,
    )
