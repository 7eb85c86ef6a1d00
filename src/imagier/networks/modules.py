"""Each layer of a tuple as a torch module."""

from collections.abc import Iterable

import torch
from torch import nn

from imagier.neurons import (
    Activation,
    AveragePool,
    BatchNorm,
    Branches,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool,
    Layer,
    LocalResponseNorm,
    MaxPool,
    Pad,
    Resize,
    ShufflePixels,
    Softmax,
    pixel_order,
)

__all__ = ["chain"]

ACTIVATIONS = {"relu": nn.ReLU, "relu6": nn.ReLU6, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


def chain(layers: Iterable[Layer]) -> nn.Sequential:
    """Make modules that follow one another, their weights drawn by torch's usual rules."""
    return nn.Sequential(*(_module(layer) for layer in layers))


class _Branches(nn.Module):
    def __init__(self, layer: Branches) -> None:
        super().__init__()
        self.chains = nn.ModuleList(chain(layers) for layers in layer.chains)
        self.join = layer.join

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        given = [chain(numbers) for chain in self.chains]
        return torch.cat(given, dim=1) if self.join == "concatenate" else sum(given[1:], given[0])


class _ShufflePixels(nn.Module):
    order: torch.Tensor

    def __init__(self, layer: ShufflePixels) -> None:
        super().__init__()
        order = torch.from_numpy(pixel_order(layer))
        self.register_buffer("order", order, persistent=False)  # the seed tells it again

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        return numbers.flatten(2)[:, :, self.order].reshape(numbers.shape)


def _module(layer: Layer) -> nn.Module:
    match layer:
        case Dense():
            return nn.Linear(layer.inputs, layer.outputs, bias=layer.bias)
        case Convolution():
            return _convolution(layer)
        case BatchNorm():
            return nn.BatchNorm2d(layer.channels, eps=layer.epsilon)
        case Activation():
            return ACTIVATIONS[layer.kind]()
        case Branches():
            return _Branches(layer)
        case Softmax():
            return nn.Softmax(dim=1)
        case Flatten():
            return nn.Flatten()
        case Dropout():
            return nn.Dropout(layer.share)
        case _:
            return _of_pictures(layer)


def _of_pictures(
    layer: MaxPool
    | AveragePool
    | GlobalAveragePool
    | LocalResponseNorm
    | Pad
    | Resize
    | ShufflePixels,
) -> nn.Module:
    match layer:
        case MaxPool():
            return nn.MaxPool2d(layer.size, stride=layer.stride, padding=layer.padding)
        case AveragePool():
            return nn.AvgPool2d(layer.size, stride=layer.stride, padding=layer.padding)
        case GlobalAveragePool():
            return nn.AdaptiveAvgPool2d(1)
        case LocalResponseNorm():
            return nn.LocalResponseNorm(layer.size, layer.alpha, layer.beta, layer.bias)
        case Pad(edges=(top, left, bottom, right)):
            return nn.ZeroPad2d((left, right, top, bottom))
        case Resize():
            return nn.Upsample(size=layer.size, mode="bilinear", align_corners=False)
        case ShufflePixels():
            return _ShufflePixels(layer)


def _convolution(layer: Convolution) -> nn.Conv2d:
    module = nn.Conv2d(
        layer.inputs,
        layer.outputs,
        layer.kernel,
        stride=layer.stride,
        padding=layer.padding,
        groups=layer.groups,
        bias=layer.bias,
    )
    return module.requires_grad_(not layer.frozen)
