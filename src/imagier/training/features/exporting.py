"""From a backbone and a head to the saved thing, one graph without torch."""

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from imagier.errors import ModelError
from imagier.networks.backbones import Backbone, FeatureEngine, Head, View
from imagier.recognizer import ModelCard, Recognizer, golden_files, replay_golden

__all__ = ["TOLERANCE", "export_features"]

TOLERANCE = 1e-4  # the largest difference of a probability between the two computations
MOST_WITNESSES = 64  # a look at a large picture takes long, and each is looked at twice here


def export_features(
    backbone: Backbone,
    head: Head,
    card: ModelCard,
    *,
    views: tuple[View, ...],
    witnesses: NDArray[np.uint8],
    golden: NDArray[np.uint8],
) -> Recognizer:
    """Write a backbone with its head as a recogniser and check that it gives the same answers.

    The probabilities are computed a second time from the features of each view apart, outside the
    graph. `weights.safetensors` holds the head alone: the backbone stands in the graph.

    Args:
        backbone: What looks at the pictures.
        head: What was learned on top of it.
        card: What `model.json` will say.
        views: The ways in which each picture is looked at; their features are averaged.
        witnesses: Prepared pictures to compare on, those of validation, (N, H, W, C); 64 of them
            at most are taken, evenly.
        golden: A few prepared pictures to keep in the model, (M, H, W, C); M may be 0.

    Raises:
        ModelError: `export_differs`, when a probability differs by more than 1e-4, or the first
            choice does where it leads by more than that; `model_unsafe`, when the whole graph is
            refused.
    """
    prepare = card.prepare
    shape = (prepare.height, prepare.width, prepare.channels)
    content = backbone.graph(shape, full_scale=prepare.full_scale, views=views, head=head)
    kept = {"head.bias": head.bias, "head.weight": head.weights}
    weights = safetensors.numpy.save({name: np.ascontiguousarray(kept[name]) for name in kept})
    recognizer = Recognizer(card=card, onnx=content, weights=weights)
    engines = [
        FeatureEngine(
            backbone.graph(shape, full_scale=prepare.full_scale, views=(view,)),
            path=backbone.name,
        )
        for view in views
    ]
    for pictures in (witnesses[:: -(-len(witnesses) // MOST_WITNESSES) or 1], golden):
        if len(pictures):
            some = np.array(pictures)
            _compare(recognizer.probabilities(some), _expected(engines, head, some))
    if len(golden):
        answers = recognizer.probabilities(golden)
        files = golden_files(golden, answers, full_scale=prepare.full_scale)
        recognizer = recognizer.with_companions(files)
        _check(replay_golden(recognizer), moved=0)
    return recognizer


def _expected(
    engines: list[FeatureEngine], head: Head, pictures: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """Compute the probabilities of pictures outside the graph, (N, K)."""
    features = np.mean([engine.run(pictures) for engine in engines], axis=0, dtype=np.float64)
    logits = features @ head.weights.T.astype(np.float64) + head.bias
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
    return probabilities


def _compare(answered: NDArray[np.float32], expected: NDArray[np.float64]) -> None:
    difference = float(np.abs(answered - expected).max())
    ordered = np.sort(expected, axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > TOLERANCE
    moved = (answered.argmax(axis=1) != expected.argmax(axis=1)) & clear
    _check(difference, moved=int(moved.sum()))


def _check(difference: float, *, moved: int) -> None:
    if not difference <= TOLERANCE or moved:
        raise ModelError("export_differs", difference=f"{difference:.2g}", n=moved)
