"""The saved recogniser: opened safely, it names pictures with neither torch nor its examples.

`load` opens a model folder or a single ONNX file, `Recognizer` predicts and saves, `ModelCard` is
what the model says about itself, `Prediction` is an answer.
"""

from imagier.onnx_io.fields import OPERATORS
from imagier.onnx_io.graph import Graph, read_graph
from imagier.recognizer.card import FORMAT, ModelCard
from imagier.recognizer.golden import golden_files, replay_golden
from imagier.recognizer.loading import load
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
    "golden_files",
    "load",
    "read_graph",
    "read_weights",
    "replay_golden",
]
