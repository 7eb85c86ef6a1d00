"""Networks of neurons: how can sums and activations make a function that reads a digit?

An artificial neuron multiplies each of its inputs by a weight, adds a bias, and bends the result
with a fixed function s, its activation (chapter 3 of the deck, after the perceptron of 1958):

    a = w1 u1 + w2 u2 + ... + wn un + b        v = s(a)

With the deck's weights 3.2 and 5.1 and its bias 3, the inputs (1, 1) give 11.3; the inputs (1, -2)
give -4, which ReLU, s(a) = max(0, a), turns into 0. Without an activation, a neuron could draw
straight lines only, and layers of them no more than that. Neurons side by side are a layer, and
each layer feeds the next one: a network is one function y = F(x, w, b), with x the picture and y a
number for each class. To learn is to look for the weights and biases; the activations never change.
Softmax then turns the outputs into shares that add up to 1.

How many numbers must be found? The deck's network for digits has 784 inputs, two hidden layers of 8
neurons and 10 outputs: 784 × 8 + 8 × 8 + 8 × 10 weights, and 8 + 8 + 10 biases.

>>> layers = parse_spec("dense:8,8:sigmoid", input=(28, 28, 1), classes=10)
>>> count = total(describe(layers, (28, 28, 1)))
>>> f"{count.weights:,} weights + {count.biases} biases = {count.parameters:,}"
'6,416 weights + 26 biases = 6,442'

Who finds the weights? For one neuron Rosenblatt's rule (`rosenblatt`), if a straight line separates
the classes (`separation`). AND and OR have such a line, EXCLUSIVE OR has none: it takes a hidden
layer, and back-propagation (`backpropagation`, `mlp`) to find its weights.

>>> from imagier.neurons import GATES, separation
>>> [name for name, gate in GATES.items() if separation(gate) is None]
['xor']

Chapter 5 answers the flood of weights that comes with larger pictures: a convolution uses the same
small kernel everywhere. A network is described here as a tuple of layers (`layers`), read from a
few letters (`spec`) and weighed without being built (`counts`); `imagier.networks` builds it.

Source: the deck, chapters 3 and 5; F. Rosenblatt, "The perceptron", Psychological Review, 1958.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from imagier.neurons.classics import CLASSICS
from imagier.neurons.counts import LayerCount, NetworkCount, describe, total
from imagier.neurons.input_size import InputSize, input_size_of
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
    MapToSequence,
    MaxPool,
    Pad,
    Resize,
    Shape,
    ShufflePixels,
    Softmax,
)
from imagier.neurons.line_network import LINE_HEIGHT
from imagier.neurons.shapes import output_shape, pixel_order, shape_through
from imagier.neurons.spec import canonical, parse_spec

if TYPE_CHECKING:  # these compute, and load NumPy when they are first asked for
    from imagier.neurons.activations import ACTIVATIONS as ACTIVATIONS
    from imagier.neurons.activations import ActivationFunction as ActivationFunction
    from imagier.neurons.activations import heaviside as heaviside
    from imagier.neurons.activations import proportions as proportions
    from imagier.neurons.activations import relu as relu
    from imagier.neurons.activations import sigmoid as sigmoid
    from imagier.neurons.activations import softmax as softmax
    from imagier.neurons.activations import tanh as tanh
    from imagier.neurons.backpropagation import DenseWeights as DenseWeights
    from imagier.neurons.backpropagation import Pass as Pass
    from imagier.neurons.backpropagation import backward as backward
    from imagier.neurons.backpropagation import forward as forward
    from imagier.neurons.backpropagation import numeric_gradient as numeric_gradient
    from imagier.neurons.backpropagation import squared_error as squared_error
    from imagier.neurons.backpropagation import squared_error_gradient as squared_error_gradient
    from imagier.neurons.examples import GATES as GATES
    from imagier.neurons.examples import LabeledPoints as LabeledPoints
    from imagier.neurons.examples import NamedExamples as NamedExamples
    from imagier.neurons.examples import read_examples as read_examples
    from imagier.neurons.mlp import DescentStep as DescentStep
    from imagier.neurons.mlp import TrainedMlp as TrainedMlp
    from imagier.neurons.mlp import descend as descend
    from imagier.neurons.mlp import first_weights as first_weights
    from imagier.neurons.mlp import hidden_network as hidden_network
    from imagier.neurons.mlp import predict as predict
    from imagier.neurons.mlp import standardised as standardised
    from imagier.neurons.mlp import train_mlp as train_mlp
    from imagier.neurons.mlp_result import MlpRun as MlpRun
    from imagier.neurons.mlp_result import run_mlp as run_mlp
    from imagier.neurons.network_result import NetworkResult as NetworkResult
    from imagier.neurons.network_result import count_network as count_network
    from imagier.neurons.perceptron import Correction as Correction
    from imagier.neurons.perceptron import Neuron as Neuron
    from imagier.neurons.perceptron import PerceptronEpoch as PerceptronEpoch
    from imagier.neurons.perceptron import rosenblatt as rosenblatt
    from imagier.neurons.perceptron_result import PerceptronRun as PerceptronRun
    from imagier.neurons.perceptron_result import run_perceptron as run_perceptron
    from imagier.neurons.results import ActivationCurves as ActivationCurves
    from imagier.neurons.results import NeuronSum as NeuronSum
    from imagier.neurons.results import SoftmaxShares as SoftmaxShares
    from imagier.neurons.separability import Separation as Separation
    from imagier.neurons.separability import separation as separation

__all__ = [
    "ACTIVATIONS",
    "CLASSICS",
    "GATES",
    "LINE_HEIGHT",
    "Activation",
    "ActivationCurves",
    "ActivationFunction",
    "AveragePool",
    "BatchNorm",
    "Branches",
    "Convolution",
    "Correction",
    "Dense",
    "DenseWeights",
    "DescentStep",
    "Dropout",
    "Flatten",
    "GlobalAveragePool",
    "InputSize",
    "LabeledPoints",
    "Layer",
    "LayerCount",
    "LocalResponseNorm",
    "MapToSequence",
    "MaxPool",
    "MlpRun",
    "NamedExamples",
    "NetworkCount",
    "NetworkResult",
    "Neuron",
    "NeuronSum",
    "Pad",
    "Pass",
    "PerceptronEpoch",
    "PerceptronRun",
    "Resize",
    "Separation",
    "Shape",
    "ShufflePixels",
    "Softmax",
    "SoftmaxShares",
    "TrainedMlp",
    "backward",
    "canonical",
    "count_network",
    "descend",
    "describe",
    "first_weights",
    "forward",
    "heaviside",
    "hidden_network",
    "input_size_of",
    "numeric_gradient",
    "output_shape",
    "parse_spec",
    "pixel_order",
    "predict",
    "proportions",
    "read_examples",
    "relu",
    "rosenblatt",
    "run_mlp",
    "run_perceptron",
    "separation",
    "shape_through",
    "sigmoid",
    "softmax",
    "squared_error",
    "squared_error_gradient",
    "standardised",
    "tanh",
    "total",
    "train_mlp",
]

_COMPUTING = {
    "activations": (
        "ACTIVATIONS",
        "ActivationFunction",
        "heaviside",
        "proportions",
        "relu",
        "sigmoid",
        "softmax",
        "tanh",
    ),
    "backpropagation": (
        "DenseWeights",
        "Pass",
        "backward",
        "forward",
        "numeric_gradient",
        "squared_error",
        "squared_error_gradient",
    ),
    "examples": ("GATES", "LabeledPoints", "NamedExamples", "read_examples"),
    "mlp": (
        "DescentStep",
        "TrainedMlp",
        "descend",
        "first_weights",
        "hidden_network",
        "predict",
        "standardised",
        "train_mlp",
    ),
    "mlp_result": ("MlpRun", "run_mlp"),
    "network_result": ("NetworkResult", "count_network"),
    "perceptron": ("Correction", "Neuron", "PerceptronEpoch", "rosenblatt"),
    "perceptron_result": ("PerceptronRun", "run_perceptron"),
    "results": ("ActivationCurves", "NeuronSum", "SoftmaxShares"),
    "separability": ("Separation", "separation"),
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
