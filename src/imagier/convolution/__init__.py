"""Convolution: how can a network see a picture with nine numbers instead of millions?

In a dense network every neuron is linked to every pixel: 544,509 weights a neuron for a colour
photo of 469 × 387. Yet what makes an edge is seen in a few neighbouring pixels, and an edge on the
left looks like an edge on the right. So each pixel of a new picture is linked to a few neighbours
in the old one, and all use the same few weights, those of the kernel.

    new(i, j) = Σ kernel(r, c) · picture(i + r, j + c)

The deck's picture has 5 rows of 6 pixels, here filled with 1 to 30, and its kernel is 1, 2, 3, 0.
The first number of the result is 1·1 + 2·2 + 3·7 + 0·8 = 26, the last 158; there are 4 × 5 places.

>>> import numpy as np
>>> picture = np.arange(1, 31).reshape(5, 6)
>>> kernel = parse_kernel("1 2; 3 0").numbers
>>> result = convolve(picture, kernel)
>>> result.shape, int(result[0, 0]), int(result[-1, -1])
((4, 5), 26, 158)

Strictly, this is a correlation: the convolution of mathematicians turns the kernel by half a turn
first and would start with 28. Since networks learn the kernel, it makes no difference to them.

>>> int(convolve(picture, turned(kernel))[0, 0])
28

As a layer of a dense network it would have 600 weights; 80 of them are links, and 4 are free:

>>> count_links((2, 2), (5, 6))
Links(inputs=30, outputs=20, dense=600, links=80, free=4)

Then ReLU puts 0 in place of what is negative, and max-pooling keeps the greatest of each block of
four, so that the picture gets four times smaller and what was found in it stays:

>>> int(max_pool(relu([[5, 3], [2, 1]]), 2)[0, 0])
5

Repeated a few times, this makes the first part of a network; a dense one then reads what was found.
The kernels of a trained network come from elsewhere, as arrays: see `imagier convolve --model`.

Source: the deck, chapter 5; Y. LeCun and others, "Backpropagation applied to handwritten zip code
recognition", Neural Computation, 1989.
"""

from imagier.convolution.chain import ChainStep, ConvolutionLayer, Pool, Relu, Slide, Stage, stages
from imagier.convolution.dense import Links, as_dense, count_links
from imagier.convolution.inputs import InputPicture, typed_picture
from imagier.convolution.kernels import KERNELS, Kernel, parse_kernel, parse_matrix
from imagier.convolution.pooling import max_pool, relu
from imagier.convolution.results import (
    ConvolutionResult,
    KernelList,
    convolve_picture,
    trace_layers,
)
from imagier.convolution.sliding import Product, convolve, places, products_at, turned

__all__ = [
    "KERNELS",
    "ChainStep",
    "ConvolutionLayer",
    "ConvolutionResult",
    "InputPicture",
    "Kernel",
    "KernelList",
    "Links",
    "Pool",
    "Product",
    "Relu",
    "Slide",
    "Stage",
    "as_dense",
    "convolve",
    "convolve_picture",
    "count_links",
    "max_pool",
    "parse_kernel",
    "parse_matrix",
    "places",
    "products_at",
    "relu",
    "stages",
    "trace_layers",
    "turned",
    "typed_picture",
]
