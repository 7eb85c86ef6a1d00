"""From a backbone and a head to the saved thing, one graph without torch."""

from collections.abc import Mapping

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from imagier.errors import ModelError
from imagier.features.backbone import Backbone
from imagier.features.engine import run_features
from imagier.features.parts import Head, View
from imagier.recognizer import ModelCard, Recognizer, golden_files, replay_golden

__all__ = ["TOLERANCE", "export_features"]

TOLERANCE = 1e-4  # the largest difference of a probability between the two computations
ROUNDED = 2e-3  # the same where the features were kept as float16
MOST_WITNESSES = 64  # a look at a large picture takes long


def export_features(
    backbone: Backbone,
    views: tuple[View, ...],
    head: Head,
    card: ModelCard,
    *,
    witnesses: NDArray[np.uint8],
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
        witnesses: Prepared pictures to compare on, those of validation, (N, H, W, C); 64 of them
            at most are taken, evenly.
        expected: The probabilities of the witnesses, (N, K), from their known features, which may
            have been rounded to float16, or from torch; None to look at the witnesses again.
        golden: A few prepared pictures to keep in the model, (M, H, W, C); M may be 0.
        learnt: Weights of the part of the backbone that learnt too, by name.

    Raises:
        ModelError: `export_differs`, when a probability differs by more than 1e-4 (2e-3 from
            features that were kept), or the first choice does where it leads by more than that;
            `model_unsafe`, when the whole graph is
            refused.
    """
    prepare = card.prepare
    shape = (prepare.height, prepare.width, prepare.channels)
    content = backbone.graph(shape, full_scale=prepare.full_scale, views=views, head=head)
    kept = {"head.bias": head.bias, "head.weight": head.weights, **(learnt or {})}
    weights = safetensors.numpy.save(
        {name: np.ascontiguousarray(kept[name]) for name in sorted(kept)}
    )
    recognizer = Recognizer(card=card, onnx=content, weights=weights)
    step = max(1, -(-len(witnesses) // MOST_WITNESSES))
    if expected is not None:
        answers = recognizer.probabilities(np.array(witnesses[::step]))
        _compare(answers, expected[::step], ROUNDED)
    else:
        _compare_looks(backbone, views, head, recognizer, np.array(witnesses[::step]))
    _compare_looks(backbone, views, head, recognizer, np.array(golden))
    if len(golden):
        answers = recognizer.probabilities(golden)
        files = golden_files(golden, answers, full_scale=prepare.full_scale)
        recognizer = recognizer.with_companions(files)
        _check(replay_golden(recognizer), TOLERANCE, moved=0)
    return recognizer


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
    _compare(recognizer.probabilities(pictures), expected, TOLERANCE)


def _compare(
    answered: NDArray[np.float32], expected: NDArray[np.float32], tolerance: float
) -> None:
    if not len(answered):
        return
    difference = float(np.abs(answered - expected).max())
    ordered = np.sort(expected, axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > 2 * tolerance
    moved = (answered.argmax(axis=1) != expected.argmax(axis=1)) & clear
    _check(difference, tolerance, moved=int(moved.sum()))


def _check(difference: float, tolerance: float, *, moved: int) -> None:
    if not difference <= tolerance or moved:
        raise ModelError("export_differs", difference=f"{difference:.2g}", n=moved)
