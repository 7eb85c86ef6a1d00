"""What a recogniser learnt here takes for a stranger, by the features inside its own graph."""

import numpy as np
from numpy.typing import NDArray

from imagier.features import run_features
from imagier.features.strangers import StrangerParts, parts_apart
from imagier.learning.data import PreparedData
from imagier.onnx_io.strangeness import features_graph
from imagier.recognizer import Recognizer

__all__ = ["MOST_SHOWN", "parts_of_graph"]

MOST_SHOWN = 2_000  # pictures learnt from that are shown once more, evenly


def parts_of_graph(
    recognizer: Recognizer, data: PreparedData, learnt: NDArray[np.int64]
) -> StrangerParts:
    """Fit on pictures learnt from, and judge by those of validation.

    Args:
        recognizer: As it was exported.
        data: Its pictures.
        learnt: Those it learnt from, (n,).
    """
    graph = features_graph(recognizer.onnx, path=recognizer.name)
    shown, judged = learnt[:: -(-len(learnt) // MOST_SHOWN)], data.split.validation
    features = run_features(
        graph,
        np.array(data.dataset.pixels[np.concatenate([shown, judged])]),
        path=recognizer.name,
        threads=recognizer.threads,
    )
    labels = data.dataset.labels[shown]
    return parts_apart(features[: len(shown)], labels, features[len(shown) :])
