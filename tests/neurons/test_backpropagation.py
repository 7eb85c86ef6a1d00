import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import UsageError
from imagier.networks import Normalisation, build
from imagier.neurons import (
    GATES,
    Activation,
    Dense,
    DenseWeights,
    Flatten,
    MaxPool,
    Softmax,
    backward,
    descend,
    describe,
    first_weights,
    forward,
    hidden_network,
    numeric_gradient,
    parse_spec,
    predict,
    squared_error,
    squared_error_gradient,
    total,
)

HIDDEN = ("sigmoid", "relu", "tanh")


def pair(ones):
    """Give all numbers of some layers as one list."""
    return np.concatenate([np.concatenate([one.matrix.ravel(), one.biases]) for one in ones])


def weights_of(module):
    """Take the dense layers' numbers out of a torch module."""
    return tuple(
        DenseWeights.of(layer.weight.detach().numpy(), layer.bias.detach().numpy())
        for layer in module.modules()
        if isinstance(layer, torch.nn.Linear)
    )


# Forwards


def test_every_intermediate_number_is_kept():
    layers = (Dense(inputs=2, outputs=1), Activation(kind="relu"))
    weights = (DenseWeights.of([[3.2, 5.1]], [3]),)
    first, second = forward(layers, weights, [[1, 1], [1, -2]])
    assert first.received.tolist() == [[1, 1], [1, -2]]
    assert first.given == pytest.approx(np.array([[11.3], [-4]]))
    assert second.received is first.given
    assert second.given == pytest.approx(np.array([[11.3], [0]]))


@pytest.mark.parametrize("spec", ["dense:5,4", "dense:5:sigmoid", "linear"])
def test_the_network_that_networks_builds_gives_equal_numbers(spec):
    layers = parse_spec(spec, input=(4, 3, 2), classes=3)
    network = build(layers, Normalisation(mean=(90.0, 20.0), std=(60.0, 45.0)), seed=1)
    pixels = np.random.default_rng(0).integers(0, 256, (6, 4, 3, 2)).astype(np.uint8)
    with torch.no_grad():
        expected = torch.softmax(network(torch.tensor(pixels)), dim=1).numpy()
    scaled = (pixels - np.array([90.0, 20.0])) / np.array([60.0, 45.0])
    passes = forward(layers, weights_of(network), scaled)
    assert passes[-1].given == pytest.approx(expected, abs=1e-6)


def test_layers_of_another_kind_are_refused():
    with pytest.raises(UsageError) as refused:
        forward((MaxPool(),), (), np.zeros((1, 4, 4, 1)))
    assert refused.value.code == "not_by_hand"
    assert refused.value.facts == {"layer": "MaxPool"}


# Backwards


@given(
    st.integers(1, 3),
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.sampled_from(HIDDEN),
    st.integers(0, 1000),
)
def test_each_derivative_is_the_measured_one_and_that_of_autograd(inputs, hidden, activation, seed):
    layers = hidden_network(inputs=inputs, hidden=hidden, activation=activation)
    weights = first_weights(layers, seed=seed)
    generator = np.random.default_rng(seed)
    points, wanted = generator.normal(size=(5, inputs)), generator.uniform(size=(5, 1))
    passes = forward(layers, weights, points)
    gradient = backward(passes, squared_error_gradient(passes[-1].given, wanted))
    assert pair(gradient) == pytest.approx(autograd(layers, weights, points, wanted), abs=1e-12)
    if activation != "relu":  # a corner within h of a point would show in the measured one only
        assert pair(gradient) == pytest.approx(
            pair(numeric_gradient(layers, weights, points, wanted)), abs=1e-8
        )


def autograd(layers, weights, points, wanted):
    """Compute the gradient of the same network in torch."""
    functions = {"sigmoid": torch.sigmoid, "relu": torch.relu, "tanh": torch.tanh}
    parts = [
        (torch.tensor(one.matrix, requires_grad=True), torch.tensor(one.biases, requires_grad=True))
        for one in weights
    ]
    numbers, remaining = torch.tensor(points), iter(parts)
    for layer in layers:
        if isinstance(layer, Dense):
            matrix, biases = next(remaining)
            numbers = numbers @ matrix.T + biases
        elif isinstance(layer, Activation):
            numbers = functions[layer.kind](numbers)
        else:
            numbers = torch.softmax(numbers, dim=1)
    (0.5 * ((numbers - torch.tensor(wanted)) ** 2).sum()).backward()
    return np.concatenate([tensor.grad.ravel().numpy() for part in parts for tensor in part])


def test_softmax_and_flattening_on_the_way_back():
    layers = parse_spec("dense:4:sigmoid", input=(2, 3, 1), classes=3)
    weights = first_weights(layers, seed=0)
    generator = np.random.default_rng(0)
    pictures, wanted = generator.normal(size=(5, 2, 3, 1)), np.eye(3)[[0, 1, 2, 1, 0]]
    passes = forward(layers, weights, pictures)
    assert isinstance(passes[0].layer, Flatten)
    assert isinstance(passes[-1].layer, Softmax)
    gradient = pair(backward(passes, squared_error_gradient(passes[-1].given, wanted)))
    assert gradient == pytest.approx(
        pair(numeric_gradient(layers, weights, pictures, wanted)), abs=1e-8
    )
    flat = pictures.transpose(0, 3, 1, 2).reshape(5, -1)
    assert gradient == pytest.approx(autograd(layers[1:], weights, flat, wanted), abs=1e-12)


def test_the_measured_gradient_leaves_the_weights_alone():
    layers = hidden_network(inputs=2, hidden=(2,), activation="sigmoid")
    weights = first_weights(layers, seed=0)
    before = pair(weights).copy()
    numeric_gradient(layers, weights, GATES["xor"].points, GATES["xor"].wanted[:, None])
    assert np.array_equal(pair(weights), before)


# Learning


def test_xor_is_learned_with_a_hidden_layer():
    layers = hidden_network(inputs=2, hidden=(2,), activation="sigmoid")
    assert total(describe(layers, (2,))).parameters == 9
    moments = list(descend(layers, GATES["xor"], seed=0, steps=500))
    assert [moment.number for moment in moments] == list(range(501))
    last = moments[-1]
    assert last.right == 4
    found = predict(layers, last.weights, GATES["xor"].points)
    assert last.error == pytest.approx(((found - GATES["xor"].wanted) ** 2).mean())
    assert last.error < 0.01 < moments[0].error


def test_one_step_goes_against_the_gradient():
    layers = hidden_network(inputs=2, hidden=(3,), activation="tanh")
    first, second = descend(layers, GATES["and"], seed=3, learning_rate=0.1, momentum=0, steps=1)
    wanted = GATES["and"].wanted[:, None]
    measured = pair(numeric_gradient(layers, first.weights, GATES["and"].points, wanted)) / 4
    assert pair(second.weights) == pytest.approx(pair(first.weights) - 0.1 * measured, abs=1e-9)


def test_the_seed_decides():
    layers = hidden_network(inputs=2, hidden=(2,), activation="sigmoid")
    runs = [
        pair(list(descend(layers, GATES["or"], seed=seed, steps=5))[-1].weights)
        for seed in (1, 1, 2)
    ]
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


def test_a_rate_that_teaches_nothing():
    layers = hidden_network(inputs=2, hidden=(2,), activation="sigmoid")
    with pytest.raises(UsageError) as refused:
        next(descend(layers, GATES["or"], seed=0, learning_rate=0))
    assert refused.value.code == "learning_rate"


def test_squared_error_is_half_the_sum():
    assert squared_error([[1.0, 2.0]], [[0.0, 4.0]]) == 2.5
    assert squared_error_gradient([[1.0, 2.0]], [[0.0, 4.0]]).tolist() == [[1, -2]]
