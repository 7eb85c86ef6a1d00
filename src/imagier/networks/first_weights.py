"""First weights for networks so deep that torch's own would leave them deaf.

After each layer with ReLU, torch's first weights leave a sixth of the variance. Three layers do not
mind; after eight, or GoogLeNet's twenty-two, one picture looks like any other and the first layers
hear nothing of the error. Two remedies are known: batch norm, which scales the numbers again after
each layer, and the right standard deviation from the start, which for n inputs and ReLU is the
square root of 2 / n. Deep networks without batch norm get the second one here, with biases of
zero; the last layer starts a hundred times smaller, so that at first all classes are as likely.

Source: K. He and others, "Delving deep into rectifiers", ICCV 2015, section 2.2.
"""

from collections.abc import Iterable, Iterator, Sequence

from torch import nn

from imagier.neurons import Activation, BatchNorm, Branches, Convolution, Dense, Layer

__all__ = ["DEEP", "draw_first_weights"]

DEEP = 6  # layers that learn, on the longest way through the network
LAST_GAIN = 0.01


def draw_first_weights(body: nn.Module, layers: Sequence[Layer]) -> None:
    """Draw the weights again where the network is deep, has ReLU and has no batch norm.

    Args:
        body: The modules, with weights drawn by torch's rules; changed in place.
        layers: What they were made from.
    """
    parts = list(_all(layers))
    has_norm = any(isinstance(part, BatchNorm) for part in parts)
    has_relu = any(isinstance(part, Activation) and part.kind == "relu" for part in parts)
    if has_norm or not has_relu or _depth(layers) < DEEP:
        return
    learnt = [module for module in body.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    for module in learnt:
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    learnt[-1].weight.data.mul_(LAST_GAIN)


def _all(layers: Iterable[Layer]) -> Iterator[Layer]:
    """Go through the layers, those of branches too."""
    for layer in layers:
        yield layer
        for chain in layer.chains if isinstance(layer, Branches) else ():
            yield from _all(chain)


def _depth(layers: Iterable[Layer]) -> int:
    """Count the layers that learn on the longest way through."""
    depth = 0
    for layer in layers:
        if isinstance(layer, Branches):
            depth += max(map(_depth, layer.chains))
        else:
            depth += isinstance(layer, Convolution | Dense)
    return depth
