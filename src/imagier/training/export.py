"""From learnt weights to the saved thing, checked against torch before anyone relies on it."""

import numpy as np
import safetensors.numpy
import torch
from numpy.typing import NDArray

from imagier.errors import ModelError
from imagier.networks import Network
from imagier.neurons import Layer
from imagier.onnx_io.graph_writer import onnx_bytes
from imagier.recognizer import ModelCard, Recognizer, golden_files, replay_golden

__all__ = ["export_network"]

TOLERANCE = 1e-4  # the largest difference of a probability between torch and the exported graph
BATCH = 500


def export_network(
    network: Network,
    layers: tuple[Layer, ...],
    card: ModelCard,
    *,
    reference_inputs: NDArray[np.uint8],
    golden: NDArray[np.uint8],
) -> Recognizer:
    """Write a network as a recogniser and check that it gives the same answers.

    Args:
        network: With its learnt weights.
        layers: The tuple it was built from, ending in Softmax.
        card: What `model.json` will say.
        reference_inputs: Prepared pictures to compare on, those of validation, (N, H, W, C).
        golden: A few prepared pictures to keep in the model, (M, H, W, C); M may be 0.

    Raises:
        ModelError: `export_differs`, when a probability differs by more than 1e-4, or the first
            choice does where it leads by more than twice that: as much as two allowed differences
            can turn round.
    """
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    prepare = card.prepare
    content = onnx_bytes(
        layers,
        weights,
        input_shape=(prepare.height, prepare.width, prepare.channels),
        both_ways=network.flip_tta,
    )
    kept = {
        name: np.ascontiguousarray(value)
        for name, value in sorted(weights.items())
        if not name.endswith("num_batches_tracked")
    }
    recognizer = Recognizer(card=card, onnx=content, weights=safetensors.numpy.save(kept))
    for pictures in (reference_inputs, golden):
        for start in range(0, len(pictures), BATCH):
            _compare(network, recognizer, pictures[start : start + BATCH])
    if len(golden):
        files = golden_files(
            golden, recognizer.probabilities(golden), full_scale=prepare.full_scale
        )
        recognizer = recognizer.with_companions(files)
        _check_difference(replay_golden(recognizer), moved=0)
    return recognizer


def _compare(network: Network, recognizer: Recognizer, pictures: NDArray[np.uint8]) -> None:
    network.eval()
    with torch.inference_mode():
        logits = network(torch.from_numpy(np.array(pictures)))
        expected = logits.softmax(dim=1).numpy()
    answered = recognizer.probabilities(pictures)
    difference = float(np.abs(answered - expected).max())
    ordered = np.sort(expected, axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > 2 * TOLERANCE
    moved = (answered.argmax(axis=1) != expected.argmax(axis=1)) & clear
    _check_difference(difference, moved=int(moved.sum()))


def _check_difference(difference: float, *, moved: int) -> None:
    if not difference <= TOLERANCE or moved:
        raise ModelError("export_differs", difference=f"{difference:.2g}", n=moved)
