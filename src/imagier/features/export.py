"""Backbone and head exported as one ONNX graph, its answers checked against recomputed ones."""

from collections.abc import Mapping

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from imagier.features.backbone import Backbone
from imagier.features.engine import run_features
from imagier.features.parts import Head, View
from imagier.recognizer import ModelCard, Recognizer, check_export, with_golden

__all__ = ["export_features"]

ROUNDED = 2e-3  # the largest difference of a probability where features were kept as float16
MOST_REFERENCES = 64  # a look at a large picture takes long


def export_features(
    backbone: Backbone,
    views: tuple[View, ...],
    head: Head,
    card: ModelCard,
    *,
    reference_inputs: NDArray[np.uint8],
    expected: NDArray[np.float32] | None = None,
    golden: NDArray[np.uint8],
    learnt: Mapping[str, NDArray[np.float32]] | None = None,
) -> Recognizer:
    """Write a backbone with its head as a recogniser and check that it gives the same answers.

    The probabilities are computed a second time outside the graph, from features that are known
    already or from those of each view apart. `weights.safetensors` holds the head, and what else
    was learnt: the backbone stands in the graph.

    Args:
        backbone: What looks at the pictures.
        views: The ways in which each picture is looked at; their features are averaged.
        head: What was learned on top of it.
        card: What `model.json` will say.
        reference_inputs: Prepared pictures to compare on, those of validation, (N, H, W, C); 64 of
            them at most are taken, evenly.
        expected: Their probabilities, (N, K), from their known features, which may have been
            rounded to float16, or from torch; None to look at them again.
        golden: A few prepared pictures to keep in the model, (M, H, W, C); M may be 0.
        learnt: Weights of the part of the backbone that learnt too, by name.

    Raises:
        ModelError: `export_differs`, when a probability differs by more than 1e-4 (2e-3 from
            features that were kept), or the first choice does where it leads by more than twice
            that; `model_unsafe`, when the whole graph is refused.
    """
    prepare = card.prepare
    shape = (prepare.height, prepare.width, prepare.channels)
    content = backbone.graph(shape, full_scale=prepare.full_scale, views=views, head=head)
    kept = {"head.bias": head.bias, "head.weight": head.weights, **(learnt or {})}
    weights = safetensors.numpy.save(
        {name: np.ascontiguousarray(kept[name]) for name in sorted(kept)}
    )
    recognizer = Recognizer(card=card, onnx=content, weights=weights)
    step = max(1, -(-len(reference_inputs) // MOST_REFERENCES))
    if expected is not None:
        answers = recognizer.probabilities(np.array(reference_inputs[::step]))
        check_export(answers, expected[::step], tolerance=ROUNDED)
    else:
        _compare_looks(backbone, views, head, recognizer, np.array(reference_inputs[::step]))
    _compare_looks(backbone, views, head, recognizer, np.array(golden))
    return with_golden(recognizer, golden)


def _compare_looks(
    backbone: Backbone,
    views: tuple[View, ...],
    head: Head,
    recognizer: Recognizer,
    pictures: NDArray[np.uint8],
) -> None:
    """Compare the graph with what each view gives apart."""
    if not len(pictures):
        return
    shape, scale = pictures.shape[1:], recognizer.prepare.full_scale
    looks = [
        run_features(
            backbone.graph((shape[0], shape[1], shape[2]), full_scale=scale, views=(view,)),
            pictures,
            path=backbone.name,
            threads=recognizer.threads,
        )
        for view in views
    ]
    expected = head.probabilities(np.mean(looks, axis=0, dtype=np.float64))
    check_export(recognizer.probabilities(pictures), expected)
