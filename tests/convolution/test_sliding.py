import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.signal import convolve2d, correlate2d

from imagier.convolution import convolve, max_pool, places, products_at, relu, turned
from imagier.errors import UsageError

LEVELS = st.integers(-255, 255)
SETTINGS = st.tuples(st.integers(1, 4), st.integers(0, 3))


def tables(low, high):
    sizes = st.tuples(st.integers(low, high), st.integers(low, high))
    return sizes.flatmap(lambda shape: arrays(np.int64, shape, elements=LEVELS))


DECK = np.arange(1, 31).reshape(5, 6)
KERNEL = np.array([[1, 2], [3, 0]])


# The deck's numbers


def test_the_deck_slides_its_kernel():
    result = convolve(DECK, KERNEL)
    assert result.shape == (4, 5)
    assert (result[0, 0], result[-1, -1]) == (26, 158)


def test_a_true_convolution_turns_the_kernel():
    assert convolve(DECK, turned(KERNEL))[0, 0] == 28
    assert np.array_equal(convolve(DECK, turned(KERNEL)), convolve2d(DECK, KERNEL, "valid"))


def test_the_deck_pools():
    assert max_pool([[5, 3], [2, 1]], 2).tolist() == [[5]]


# Against other implementations


@given(tables(3, 9), tables(1, 3))
def test_as_scipy_correlates(picture, kernel):
    assert np.array_equal(convolve(picture, kernel), correlate2d(picture, kernel, "valid"))


@given(tables(2, 9), tables(1, 4), SETTINGS)
def test_as_torch_with_stride_and_padding(picture, kernel, settings):
    stride, padding = settings
    given_ = torch.tensor(picture, dtype=torch.float64)[None, None]
    weight = torch.tensor(kernel, dtype=torch.float64)[None, None]
    if any(n + 2 * padding < k for n, k in zip(picture.shape, kernel.shape, strict=True)):
        with pytest.raises(UsageError) as refused:
            convolve(picture, kernel, stride=stride, padding=padding)
        assert refused.value.code == "kernel_too_large"
        return
    expected = torch.nn.functional.conv2d(given_, weight, stride=stride, padding=padding)
    result = convolve(picture, kernel, stride=stride, padding=padding)
    assert np.array_equal(result, expected[0, 0].numpy())


@pytest.mark.parametrize(
    ("stride", "padding", "side"), [(1, 1, 3), (2, 2, 5), (1, 0, 2), (3, 1, 4)]
)
def test_a_layer_of_kernels_is_that_of_torch(stride, padding, side):
    torch.manual_seed(0)
    layer = torch.nn.Conv2d(3, 8, side, stride=stride, padding=padding, dtype=torch.float64)
    picture = np.random.default_rng(0).normal(size=(11, 13, 3))
    expected = layer(torch.tensor(picture).permute(2, 0, 1)[None])[0].permute(1, 2, 0)
    kernels, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    result = convolve(picture, kernels, stride=stride, padding=padding) + bias
    assert result == pytest.approx(expected.detach().numpy(), abs=1e-12)


@given(tables(1, 9), st.integers(1, 4))
def test_pooling_is_that_of_torch(picture, size):
    if size > min(picture.shape):
        with pytest.raises(UsageError) as refused:
            max_pool(picture, size)
        assert refused.value.code == "pool_too_large"
        return
    pooled = torch.nn.functional.max_pool2d(torch.tensor(picture, dtype=torch.float64)[None], size)
    assert np.array_equal(max_pool(picture, size), pooled[0].numpy())


@given(tables(1, 5))
def test_relu_is_that_of_torch(picture):
    assert np.array_equal(relu(picture), torch.relu(torch.tensor(picture)).numpy())


# Properties


@given(tables(3, 7), tables(3, 3), tables(3, 3), LEVELS)
def test_it_is_linear_in_the_kernel(picture, first, second, factor):
    together = convolve(picture, factor * first + second)
    apart = factor * convolve(picture, first) + convolve(picture, second)
    assert np.array_equal(together, apart)


@given(tables(3, 6), tables(2, 2))
def test_moving_the_picture_moves_the_result(picture, kernel):
    moved = np.pad(picture, ((1, 0), (2, 0)))
    assert np.array_equal(convolve(moved, kernel)[1:, 2:], convolve(picture, kernel))


@given(tables(2, 6), tables(1, 2), SETTINGS)
def test_every_number_is_its_sum_of_products(picture, kernel, settings):
    stride, padding = settings
    result = convolve(picture, kernel, stride=stride, padding=padding)
    for row, column in np.ndindex(result.shape):
        products = products_at(picture, kernel, row, column, stride=stride, padding=padding)
        assert len(products) == kernel.size
        assert sum(p.number * p.weight for p in products) == result[row, column]


def test_each_channel_is_looked_at_alone():
    picture = np.random.default_rng(0).integers(0, 256, (6, 5, 3))
    result = convolve(picture, KERNEL)
    assert result.shape == (5, 4, 3)
    for channel in range(3):
        assert np.array_equal(result[..., channel], convolve(picture[..., channel], KERNEL))


# Refused


@pytest.mark.parametrize(
    ("size", "window", "padding"), [((1, 1), (3, 3), 1), ((1, 9), (3, 3), 1), ((2, 9), (7, 1), 3)]
)
def test_a_kernel_larger_than_the_picture_says_which_border_would_do(size, window, padding):
    with pytest.raises(UsageError) as refused:
        places(size, window)
    assert refused.value.code == "kernel_too_large"
    assert refused.value.facts["padding"] == padding
    assert min(places(size, window, padding=padding)) >= 1


@pytest.mark.parametrize("settings", [{"stride": 0}, {"padding": -1}])
def test_steps_and_borders_that_are_none(settings):
    with pytest.raises(UsageError) as refused:
        convolve(DECK, KERNEL, **settings)
    assert refused.value.code == "stride_or_padding"


def test_kernels_for_another_number_of_channels():
    with pytest.raises(UsageError) as refused:
        convolve(np.zeros((5, 5, 3)), np.zeros((4, 1, 2, 2)))
    assert refused.value.code == "kernel_channels"
    assert refused.value.facts == {"expected": 1, "received": 3}


def test_a_place_that_is_not_there():
    with pytest.raises(UsageError) as refused:
        products_at(DECK, KERNEL, 4, 0)
    assert refused.value.facts == {"received": "5,1", "height": 4, "width": 5}


def test_blocks_without_side():
    with pytest.raises(UsageError) as refused:
        max_pool(DECK, 0)
    assert refused.value.code == "pool_size"
