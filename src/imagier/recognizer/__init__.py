"""The saved recogniser: opened safely, it names pictures with neither torch nor its examples.

`load` opens a model folder or a single ONNX file, `Recognizer` predicts and saves, `ModelCard` is
what the model says about itself, `Prediction` is an answer, `History` is how it was learnt.
"""

from imagier.recognizer.card import FORMAT, ModelCard
from imagier.recognizer.folder_contents import FolderChanges, folder_changes
from imagier.recognizer.history import EpochRow, History, Trial
from imagier.recognizer.loading import load, read_card
from imagier.recognizer.prediction import Prediction
from imagier.recognizer.recognizer import Recognizer
from imagier.recognizer.verification import (
    GOLDEN_FOLDER,
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
    "GOLDEN_FOLDER",
    "TOLERANCE",
    "EpochRow",
    "FolderChanges",
    "History",
    "ModelCard",
    "Prediction",
    "Recognizer",
    "Trial",
    "check_export",
    "folder_changes",
    "golden_files",
    "golden_pictures",
    "load",
    "read_card",
    "read_weights",
    "replay_golden",
    "with_golden",
]
