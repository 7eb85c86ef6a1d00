"""Networks of neurons: how can sums and bends make a function that reads a digit?

An artificial neuron multiplies each of its inputs by a weight, adds a bias, and bends the result
with a fixed function s, its activation (chapter 3 of the deck, after the perceptron of 1958):

    a = w1 u1 + w2 u2 + ... + wn un + b        v = s(a)

With the deck's weights 3.2 and 5.1 and its bias 3, the inputs (1, 1) give 11.3; the inputs (1, -2)
give -4, which ReLU, s(a) = max(0, a), turns into 0. Without the bend, a neuron could draw straight
lines only, and layers of them no more than that. Neurons side by side are a layer, and each layer
feeds the next one: a network is one function y = F(x, w, b), with x the picture and y a number for
each class. To learn is to look for the weights and biases; the activations never change. Softmax
then turns the outputs into shares that add up to 1.

How many numbers must be found? The deck's network for digits has 784 inputs, two hidden layers of 8
neurons and 10 outputs: 784 × 8 + 8 × 8 + 8 × 10 weights, and 8 + 8 + 10 biases.

>>> layers = parse_spec("dense:8,8:sigmoid", input=(28, 28, 1), classes=10)
>>> count = total(describe(layers, (28, 28, 1)))
>>> f"{count.weights:,} weights + {count.biases} biases = {count.parameters:,}"
'6,416 weights + 26 biases = 6,442'

Who finds the weights? For one neuron Rosenblatt's rule (`rosenblatt`), if a straight line separates
the classes (`separation`). AND and OR have such a line, EXCLUSIVE OR has none: it takes a hidden
layer, and back-propagation (`passes`, `backpropagation`) to find its weights.

>>> from imagier.neurons import GATES, separation
>>> [name for name, gate in GATES.items() if separation(gate) is None]
['xor']

Chapter 5 answers the flood of weights that comes with larger pictures: a convolution uses the same
small kernel everywhere. A network is described here as a tuple of layers (`layers`), read from a
few letters (`spec`) and weighed without being built (`counting`); `imagier.networks` builds it.

Source: the deck, chapters 3 and 5; F. Rosenblatt, "The perceptron", Psychological Review, 1958.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from imagier.neurons.classics import CLASSICS
from imagier.neurons.counting import LayerCount, NetworkCount, describe, total
from imagier.neurons.layers import (
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
    Shape,
    ShufflePixels,
    Softmax,
)
from imagier.neurons.shapes import output_shape, pixel_order, shape_through
from imagier.neurons.spec import canonical, parse_spec
from imagier.neurons.wanting import WantedInput, wanted_input

if TYPE_CHECKING:  # these compute, and load NumPy when they are first asked for
    from imagier.neurons.backpropagation import DescentStep as DescentStep
    from imagier.neurons.backpropagation import answers as answers
    from imagier.neurons.backpropagation import descend as descend
    from imagier.neurons.backpropagation import first_weights as first_weights
    from imagier.neurons.backpropagation import hidden_network as hidden_network
    from imagier.neurons.functions import FUNCTIONS as FUNCTIONS
    from imagier.neurons.functions import Function as Function
    from imagier.neurons.functions import heaviside as heaviside
    from imagier.neurons.functions import proportions as proportions
    from imagier.neurons.functions import relu as relu
    from imagier.neurons.functions import sigmoid as sigmoid
    from imagier.neurons.functions import softmax as softmax
    from imagier.neurons.functions import tanh as tanh
    from imagier.neurons.learning_rule import Correction as Correction
    from imagier.neurons.learning_rule import Epoch as Epoch
    from imagier.neurons.learning_rule import rosenblatt as rosenblatt
    from imagier.neurons.passes import DenseWeights as DenseWeights
    from imagier.neurons.passes import Pass as Pass
    from imagier.neurons.passes import backward as backward
    from imagier.neurons.passes import forward as forward
    from imagier.neurons.passes import numeric_slopes as numeric_slopes
    from imagier.neurons.passes import squared_error as squared_error
    from imagier.neurons.passes import squared_slope as squared_slope
    from imagier.neurons.perceptron import GATES as GATES
    from imagier.neurons.perceptron import Examples as Examples
    from imagier.neurons.perceptron import Neuron as Neuron
    from imagier.neurons.separating import Separation as Separation
    from imagier.neurons.separating import separation as separation

__all__ = [
    "CLASSICS",
    "FUNCTIONS",
    "GATES",
    "Activation",
    "AveragePool",
    "BatchNorm",
    "Branches",
    "Convolution",
    "Correction",
    "Dense",
    "DenseWeights",
    "DescentStep",
    "Dropout",
    "Epoch",
    "Examples",
    "Flatten",
    "Function",
    "GlobalAveragePool",
    "Layer",
    "LayerCount",
    "LocalResponseNorm",
    "MaxPool",
    "NetworkCount",
    "Neuron",
    "Pad",
    "Pass",
    "Resize",
    "Separation",
    "Shape",
    "ShufflePixels",
    "Softmax",
    "WantedInput",
    "answers",
    "backward",
    "canonical",
    "descend",
    "describe",
    "first_weights",
    "forward",
    "heaviside",
    "hidden_network",
    "numeric_slopes",
    "output_shape",
    "parse_spec",
    "pixel_order",
    "proportions",
    "relu",
    "rosenblatt",
    "separation",
    "shape_through",
    "sigmoid",
    "softmax",
    "squared_error",
    "squared_slope",
    "tanh",
    "total",
    "wanted_input",
]

_COMPUTING = {
    "backpropagation": ("DescentStep", "answers", "descend", "first_weights", "hidden_network"),
    "functions": (
        "FUNCTIONS",
        "Function",
        "heaviside",
        "proportions",
        "relu",
        "sigmoid",
        "softmax",
        "tanh",
    ),
    "learning_rule": ("Correction", "Epoch", "rosenblatt"),
    "passes": (
        "DenseWeights",
        "Pass",
        "backward",
        "forward",
        "numeric_slopes",
        "squared_error",
        "squared_slope",
    ),
    "perceptron": ("GATES", "Examples", "Neuron"),
    "separating": ("Separation", "separation"),
}
_FILES = {name: file for file, names in _COMPUTING.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a name that computes from its file when it is first asked for."""
    if name not in _FILES:
        message = f"module 'imagier.neurons' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"imagier.neurons.{_FILES[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
