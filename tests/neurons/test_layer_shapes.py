"""Shapes and counts are compared with torch, on its "meta" device that holds no numbers."""

import math

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from imagier.errors import UsageError
from imagier.neurons import (
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Flatten,
    GlobalAveragePool,
    Layer,
    MaxPool,
    Softmax,
    describe,
    output_shape,
    total,
)

WITHOUT_SETTINGS = {
    GlobalAveragePool(): nn.AdaptiveAvgPool2d(1),
    Activation(kind="relu"): nn.ReLU(),
    Activation(kind="sigmoid"): nn.Sigmoid(),
    Softmax(): nn.Softmax(dim=1),
    Flatten(): nn.Flatten(),
}


def as_torch(layer: Layer) -> nn.Module:
    match layer:
        case Dense():
            return nn.Linear(layer.inputs, layer.outputs, bias=layer.bias)
        case Convolution():
            sliding = {"stride": layer.stride, "padding": layer.padding, "groups": layer.groups}
            return nn.Conv2d(layer.inputs, layer.outputs, layer.kernel, bias=layer.bias, **sliding)
        case BatchNorm():
            return nn.BatchNorm2d(layer.channels)
        case MaxPool():
            return nn.MaxPool2d(layer.size, stride=layer.stride, padding=layer.padding)
        case _:
            return WITHOUT_SETTINGS[layer]


def torch_shape(values: torch.Tensor) -> tuple[int, ...]:
    shape = tuple(values.shape[1:])
    return (*shape[1:], shape[0]) if len(shape) == 3 else shape


def pairs(smallest: int, largest: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(smallest, largest), st.integers(smallest, largest))


@st.composite
def networks(draw: st.DrawFn) -> tuple[tuple[int, int, int], tuple[Layer, ...]]:
    shape = (*draw(pairs(6, 40)), draw(st.sampled_from([1, 2, 3, 4])))
    layers: list[Layer] = []
    channels = shape[2]
    for _ in range(draw(st.integers(0, 3))):
        groups = draw(st.sampled_from([g for g in (1, 2, 3) if channels % g == 0]))
        outputs = groups * draw(st.integers(1, 4))
        layers.append(
            Convolution(
                inputs=channels,
                outputs=outputs,
                kernel=draw(pairs(1, 3)),
                stride=draw(pairs(1, 2)),
                padding=draw(pairs(1, 2)),
                groups=groups,
                bias=draw(st.booleans()),
            )
        )
        channels = outputs
        pool = MaxPool(size=(2, 2), stride=draw(pairs(1, 2)), padding=draw(pairs(0, 1)))
        between = (BatchNorm(channels=channels), pool, Activation(kind="relu"))
        layers += [layer for layer in between if draw(st.booleans())]
    layers += [GlobalAveragePool()] if draw(st.booleans()) else []
    layers.append(Flatten())
    current: tuple[int, ...] = shape
    try:
        for layer in layers:
            current = output_shape(layer, current)
    except UsageError:
        assume(False)  # the pictures became too small on the way
    neurons = Dense(inputs=current[0], outputs=draw(st.integers(1, 9)), bias=draw(st.booleans()))
    return shape, (*layers, neurons, Activation(kind="sigmoid"), Softmax())


@settings(deadline=None)
@given(networks())
def test_every_shape_and_count_is_that_of_torch(network):
    shape, layers = network
    with torch.device("meta"):
        values = torch.zeros(1, shape[2], shape[0], shape[1])
        for layer, row in zip(layers, describe(layers, shape), strict=True):
            module = as_torch(layer).eval()
            with FlopCounterMode(display=False) as flops:
                values = module(values)
            assert torch_shape(values) == row.output
            counts = {name: value.numel() for name, value in module.named_parameters()}
            assert (counts.get("weight", 0), counts.get("bias", 0)) == (row.weights, row.biases)
            if isinstance(layer, Dense | Convolution):
                assert flops.get_total_flops() == 2 * row.multiplications


@settings(deadline=None)
@given(networks())
def test_totals_add_the_rows_up(network):
    shape, layers = network
    rows = describe(layers, shape)
    sums = total(rows)
    assert sums.weights == sum(row.weights for row in rows)
    assert sums.parameters == sum(row.weights + row.biases for row in rows)
    assert sums.bytes == 4 * sums.parameters
    assert sums.multiplications == sum(row.multiplications for row in rows)
    kept = [row for row in rows if row.name != "flatten"]
    assert sums.memory == sum(4 * math.prod(row.output) for row in kept)


def test_a_batch_norm_multiplies_once_a_value():
    (row,) = describe([BatchNorm(channels=5)], (7, 4, 5))
    assert row.multiplications == 7 * 4 * 5


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Dense(inputs=784, outputs=8), (28, 28, 1)),
        (Dense(inputs=784, outputs=8), (783,)),
        (Convolution(inputs=3, outputs=8), (28, 28, 1)),
        (Convolution(inputs=3, outputs=8), (3,)),
        (Convolution(inputs=1, outputs=8, kernel=(5, 5), padding=(0, 0)), (4, 9, 1)),
        (BatchNorm(channels=2), (5, 5, 3)),
        (BatchNorm(channels=2), (2,)),
        (MaxPool(), (1, 8, 2)),
        (MaxPool(), (8,)),
        (GlobalAveragePool(), (8,)),
    ],
)
def test_a_layer_refuses_what_it_was_not_made_for(layer, shape):
    with pytest.raises(UsageError) as caught:
        describe([layer], shape)
    assert caught.value.code == "layer_mismatch"
    assert type(layer).__name__ in caught.value.message
