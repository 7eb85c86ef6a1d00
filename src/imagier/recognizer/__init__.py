"""The saved recogniser: opened safely, it names pictures with neither torch nor its examples.

`load` opens a model folder or a single ONNX file, `Recognizer` predicts and saves, `ModelCard` is
what the model says about itself, `Prediction` is an answer.
"""

from imagier.recognizer.card import FORMAT, ModelCard
from imagier.recognizer.cores import available_cores
from imagier.recognizer.golden import golden_files, replay_golden
from imagier.recognizer.graph import Graph, read_graph
from imagier.recognizer.loading import load
from imagier.recognizer.onnx_fields import OPERATORS
from imagier.recognizer.prediction import Prediction
from imagier.recognizer.recognizer import Recognizer
from imagier.recognizer.weights import read_weights

__all__ = [
    "FORMAT",
    "OPERATORS",
    "Graph",
    "ModelCard",
    "Prediction",
    "Recognizer",
    "available_cores",
    "golden_files",
    "load",
    "read_graph",
    "read_weights",
    "replay_golden",
]
