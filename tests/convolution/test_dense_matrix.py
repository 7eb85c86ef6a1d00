import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from imagier.convolution import Links, as_dense, convolve, count_links

PICTURES = st.tuples(st.integers(3, 7), st.integers(3, 7)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(-9, 9))
)
KERNELS = st.tuples(st.integers(1, 3), st.integers(1, 3)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(-9, 9))
)


def test_the_deck_counts():
    matrix = as_dense([[1, 2], [3, 0]], (5, 6))
    assert matrix.shape == (20, 30)
    assert matrix.nnz == 80
    assert matrix.sum() == 20 * (1 + 2 + 3 + 0)
    counted = count_links((2, 2), (5, 6))
    assert counted == Links(inputs=30, outputs=20, dense=600, links=80, free=4)


@given(PICTURES, KERNELS, st.integers(1, 3), st.integers(0, 2))
def test_the_matrix_gives_the_same_result(picture, kernel, stride, padding):
    matrix = as_dense(kernel, picture.shape, stride=stride, padding=padding)
    result = convolve(picture, kernel, stride=stride, padding=padding)
    assert np.array_equal(matrix @ picture.ravel(), result.ravel())


@given(PICTURES, KERNELS, st.integers(1, 3), st.integers(0, 2))
def test_what_is_counted_is_what_the_matrix_holds(picture, kernel, stride, padding):
    matrix = as_dense(kernel, picture.shape, stride=stride, padding=padding)
    counted = count_links(kernel.shape, picture.shape, stride=stride, padding=padding)
    assert (counted.outputs, counted.inputs) == matrix.shape
    assert counted.links == matrix.nnz
    assert counted.dense == matrix.shape[0] * matrix.shape[1]


def test_its_weights_are_shared():
    kernel = np.array([[1.0, 2.0], [3.0, 4.0]])
    matrix = as_dense(kernel, (5, 6)).toarray()
    for row in matrix:
        assert sorted(row[row != 0].tolist()) == [1, 2, 3, 4]
