"""Weights of a model put into a network that goes on learning, its classes matched by name.

All layers but the last are taken as they are. Of the last, which has one neuron a class, each class
that is known gets its own neuron back, in whatever order the classes now stand; a class that is new
keeps the neuron that was drawn for it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from imagier.errors import ModelError
from imagier.networks.network import Network
from imagier.neurons import Dense

__all__ = ["take_over"]

COUNTER = "num_batches_tracked"  # of batch norms: no weight


def take_over(
    network: Network,
    weights: Mapping[str, NDArray[Any]],
    rows: Sequence[int | None],
    *,
    path: str,
) -> None:
    """Put the weights of a model into a network of the same layers; it is changed in place.

    Args:
        network: With weights as they were drawn.
        weights: Those of the model, by name.
        rows: For each class of the network, the neuron that it had in the model; None where it
            had none.
        path: The model's name, for messages.

    Raises:
        ModelError: `weights_of_other_network`, naming the first that does not fit.
    """
    last = f"body.{len(network.layers) - 1}."
    own = {name: value for name, value in network.state_dict().items() if COUNTER not in name}
    if set(own) != set(weights) or not isinstance(network.layers[-1], Dense):
        odd = sorted(set(own) ^ set(weights)) or [last]
        raise ModelError("weights_of_other_network", path=path, name=ascii(odd[0])[:80])
    taken = {}
    for name, drawn in own.items():
        given = torch.from_numpy(np.array(weights[name]))
        taken[name] = _matched(drawn, given, rows) if name.startswith(last) else given
        if taken[name].shape != drawn.shape or taken[name].dtype != drawn.dtype:
            raise ModelError("weights_of_other_network", path=path, name=ascii(name)[:80])
    network.load_state_dict(taken, strict=False)  # all but the counters, as was looked at above


def _matched(drawn: torch.Tensor, given: torch.Tensor, rows: Sequence[int | None]) -> torch.Tensor:
    """Give each known class its own neuron, and leave the others as drawn."""
    if given.shape[1:] != drawn.shape[1:] or max((row or 0 for row in rows), default=0) >= len(
        given
    ):
        return given
    matched = drawn.clone()
    for place, row in enumerate(rows):
        if row is not None:
            matched[place] = given[row]
    return matched
