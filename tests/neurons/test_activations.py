import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from imagier.errors import UsageError
from imagier.neurons import ACTIVATIONS, heaviside, proportions, relu, sigmoid, softmax
from imagier.neurons.activations import softmax_backward

NUMBERS = arrays(np.float64, st.integers(1, 8), elements=st.floats(-50, 50))
TORCH = {"sigmoid": torch.sigmoid, "relu": torch.relu, "tanh": torch.tanh}


# The deck's numbers


def test_the_deck_proportions_and_softmax():
    assert proportions((5, 10, 15, 20)).tolist() == [0.1, 0.2, 0.3, 0.4]
    shares = softmax((5, 10, 15, 20))
    assert shares == pytest.approx([3.0e-7, 4.5e-5, 0.0067, 0.9933], rel=2e-2)
    assert sum(shares) == pytest.approx(1)


def test_the_deck_definition_of_heaviside():
    assert heaviside([-1e-300, 0.0, 1e-300]).tolist() == [0, 1, 1]


# Against torch


@given(NUMBERS)
@pytest.mark.parametrize("name", TORCH)
def test_value_and_derivative_are_those_of_torch(name, numbers):
    given_ = torch.tensor(numbers, requires_grad=True)
    value = TORCH[name](given_)
    value.sum().backward()
    assert ACTIVATIONS[name].value(numbers) == pytest.approx(value.detach().numpy(), abs=1e-15)
    assert ACTIVATIONS[name].derivative(numbers) == pytest.approx(given_.grad.numpy(), abs=1e-15)


@given(NUMBERS)
def test_softmax_and_its_way_back_are_those_of_torch(numbers):
    given_ = torch.tensor(numbers, requires_grad=True)
    shares = torch.softmax(given_, dim=-1)
    gradient = np.arange(len(numbers)) - 1.5
    shares.backward(torch.tensor(gradient))
    ours = softmax(numbers)
    assert ours == pytest.approx(shares.detach().numpy(), abs=1e-15)
    assert softmax_backward(ours, gradient) == pytest.approx(given_.grad.numpy(), abs=1e-14)


# Properties


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(st.floats(-20, 20).filter(lambda a: abs(a) > 1e-3))
def test_each_derivative_is_the_measured_one(name, a):
    h = 1e-6
    function = ACTIVATIONS[name]
    measured = (function.value(a + h) - function.value(a - h)) / (2 * h)
    assert function.derivative(a) == pytest.approx(measured, abs=1e-7)


@given(NUMBERS, st.floats(-1e6, 1e6))
def test_softmax_sees_differences_only(numbers, moved):
    assert softmax(numbers + moved) == pytest.approx(softmax(numbers), abs=1e-8)


@given(NUMBERS)
def test_softmax_adds_up_to_one_and_keeps_the_order(numbers):
    shares = softmax(numbers)
    assert shares.sum() == pytest.approx(1)
    assert (shares >= 0).all()
    assert (np.diff(shares[np.argsort(numbers)]) >= 0).all()


def test_each_row_has_its_own_shares():
    assert softmax([[0, 0], [1000, -1000]]).tolist() == [[0.5, 0.5], [1, 0]]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_number_makes_them_overflow(a):
    with np.errstate(all="raise", under="ignore"):
        assert 0 <= sigmoid(a) <= 1
        assert relu(a) >= 0
        softmax([a, 0.0])


@pytest.mark.parametrize("numbers", [(1, -1), (0, 0)])
def test_proportions_fail_where_softmax_does_not(numbers):
    with pytest.raises(UsageError) as refused:
        proportions(numbers)
    assert refused.value.code == "no_proportions"
    assert softmax(numbers).sum() == pytest.approx(1)
