"""The saved recogniser: opened safely, it names pictures with neither torch nor its examples.

`load` opens a model folder or a single ONNX file, `Recognizer` predicts and saves, `ModelCard` is
what the model says about itself, `Prediction` is an answer, `History` is how it was learnt.
"""

from imagier.recognizer.card import FORMAT, ModelCard
from imagier.recognizer.history import EpochRow, History, Trial
from imagier.recognizer.loading import load
from imagier.recognizer.prediction import Prediction
from imagier.recognizer.recognizer import Recognizer
from imagier.recognizer.verification import (
    TOLERANCE,
    check_export,
    golden_files,
    golden_pictures,
    replay_golden,
    with_golden,
)
from imagier.recognizer.weights import read_weights

__all__ = [
    "FORMAT",
    "TOLERANCE",
    "EpochRow",
    "History",
    "ModelCard",
    "Prediction",
    "Recognizer",
    "Trial",
    "check_export",
    "golden_files",
    "golden_pictures",
    "load",
    "read_weights",
    "replay_golden",
    "with_golden",
]
