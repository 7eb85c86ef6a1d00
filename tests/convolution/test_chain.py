import numpy as np
import torch

from imagier.convolution import (
    KERNELS,
    ConvolutionLayer,
    Pool,
    Relu,
    Slide,
    convolve,
    max_pool,
    parse_kernel,
    relu,
    stages,
)

PICTURE = np.random.default_rng(0).integers(0, 256, (20, 17))


def test_stages_follow_one_another():
    edges, blur = KERNELS["edges"], KERNELS["blur"]
    steps = (Slide(kernel=edges), Relu(), Pool(size=2), Slide(kernel=blur, padding=1), Relu())
    done = list(stages(PICTURE, steps))
    assert [stage.step for stage in done] == [None, *steps]
    once = max_pool(relu(convolve(PICTURE, edges.numbers)), 2)
    twice = relu(convolve(once, blur.numbers, padding=1))
    assert np.array_equal(done[-1].maps[:, :, 0], twice)
    assert [stage.is_signed for stage in done] == [False, True, False, False, False, False]


def test_they_come_one_at_a_time():
    stream = stages(PICTURE, (Slide(kernel=parse_kernel("1 2; 3 0")), Pool(size=100)))
    assert next(stream).step is None
    assert next(stream).maps.shape == (19, 16, 1)


def test_two_layers_are_those_of_torch():
    torch.manual_seed(0)
    first = torch.nn.Conv2d(1, 4, 3, padding=1, dtype=torch.float64)
    second = torch.nn.Conv2d(4, 6, 2, stride=2, bias=False, dtype=torch.float64)
    network = torch.nn.Sequential(first, torch.nn.ReLU(), torch.nn.MaxPool2d(2), second)
    given = torch.tensor(PICTURE, dtype=torch.float64)[None, None]
    expected = network(given)[0].permute(1, 2, 0).detach().numpy()
    layers = (
        ConvolutionLayer(
            kernels=first.weight.detach().numpy(), padding=1, bias=first.bias.detach().numpy()
        ),
        Relu(),
        Pool(size=2),
        ConvolutionLayer(kernels=second.weight.detach().numpy(), stride=2),
    )
    *_, last = stages(PICTURE, layers)
    assert np.allclose(last.maps, expected, rtol=1e-12, atol=1e-9)
