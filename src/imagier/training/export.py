"""A network trained with torch exported to ONNX, its probabilities checked against torch."""

import numpy as np
import safetensors.numpy
import torch
from numpy.typing import NDArray

from imagier.networks import Network
from imagier.neurons import Layer
from imagier.onnx_io.graph_writer import onnx_bytes
from imagier.recognizer import ModelCard, Recognizer, check_export, with_golden

__all__ = ["export_network"]

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
        flip_tta=network.flip_tta,
    )
    kept = {
        name: np.ascontiguousarray(value)
        for name, value in sorted(weights.items())
        if not name.endswith("num_batches_tracked")
    }
    recognizer = Recognizer(card=card, onnx=content, weights=safetensors.numpy.save(kept))
    for pictures in (reference_inputs, golden):
        for start in range(0, len(pictures), BATCH):
            batch = pictures[start : start + BATCH]
            check_export(recognizer.probabilities(batch), _probabilities(network, batch))
    return with_golden(recognizer, golden)


def _probabilities(network: Network, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    network.eval()
    with torch.inference_mode():
        logits = network(torch.from_numpy(np.array(pictures)))
        probabilities: NDArray[np.float32] = logits.softmax(dim=-1).numpy()
    return probabilities
