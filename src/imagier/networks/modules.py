"""Each layer of a tuple as a torch module."""

from collections.abc import Iterable
from typing import final

import torch
from torch import nn
from torch.nn import functional

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
    MapToSequence,
    MaxPool,
    Pad,
    Resize,
    ShufflePixels,
    Softmax,
    pixel_order,
)

__all__ = ["chain"]

ACTIVATIONS = {"relu": nn.ReLU, "relu6": nn.ReLU6, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


def chain(layers: Iterable[Layer], *, fixed_statistics: bool = False) -> nn.Sequential:
    """Make modules that follow one another, their weights drawn by torch's usual rules.

    Args:
        layers: The layers.
        fixed_statistics: Whether batch norms keep the means and variances they are given, also
            while the network learns.
    """
    return nn.Sequential(*(_module(layer, fixed_statistics) for layer in layers))


@final
class _Branches(nn.Module):
    def __init__(self, layer: Branches, fixed_statistics: bool) -> None:
        super().__init__()
        self.chains = nn.ModuleList(
            chain(layers, fixed_statistics=fixed_statistics) for layers in layer.chains
        )
        self.join = layer.join

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        given = [chain(numbers) for chain in self.chains]
        return torch.cat(given, dim=1) if self.join == "concatenate" else sum(given[1:], given[0])


@final
class _FixedBatchNorm(nn.Module):
    """Batch norm whose scale and shift learn, but whose means and variances stay as given."""

    running_mean: torch.Tensor
    running_var: torch.Tensor

    def __init__(self, layer: BatchNorm) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(layer.channels))
        self.bias = nn.Parameter(torch.zeros(layer.channels))
        self.register_buffer("running_mean", torch.zeros(layer.channels))
        self.register_buffer("running_var", torch.ones(layer.channels))
        self.eps = layer.epsilon

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        mean, variance = self.running_mean, self.running_var
        return functional.batch_norm(
            numbers, mean, variance, self.weight, self.bias, training=False, eps=self.eps
        )


@final
class _MapToSequence(nn.Module):
    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        return numbers.squeeze(2).transpose(1, 2)


@final
class _ShufflePixels(nn.Module):
    order: torch.Tensor

    def __init__(self, layer: ShufflePixels) -> None:
        super().__init__()
        order = torch.from_numpy(pixel_order(layer))
        self.register_buffer("order", order, persistent=False)  # the seed tells it again

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        return numbers.flatten(2)[:, :, self.order].reshape(numbers.shape)


def _module(layer: Layer, fixed_statistics: bool) -> nn.Module:
    match layer:
        case Dense():
            return nn.Linear(layer.inputs, layer.outputs, bias=layer.bias)
        case Convolution():
            return _convolution(layer)
        case BatchNorm() if fixed_statistics:
            return _FixedBatchNorm(layer)
        case BatchNorm():
            return nn.BatchNorm2d(layer.channels, eps=layer.epsilon)
        case Activation():
            return ACTIVATIONS[layer.kind]()
        case Branches():
            return _Branches(layer, fixed_statistics)
        case Softmax():
            return nn.Softmax(dim=-1)
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
    | ShufflePixels
    | Flatten
    | MapToSequence,
) -> nn.Module:
    match layer:
        case Flatten():
            return nn.Flatten()
        case MapToSequence():
            return _MapToSequence()
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
