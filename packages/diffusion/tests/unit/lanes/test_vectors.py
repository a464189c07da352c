"""Each instruction against NumPy."""

import numpy as np
import pytest
from numba import njit

from hpcpy_diffusion.kernels.lanes import vectors


@njit
def compute(a, out, number):
    p, o = vectors.pointer_to(a, 0), vectors.pointer_to(out, 0)
    x, y, z = vectors.load(p, 0), vectors.load(p, 1), vectors.spread(number)
    vectors.store(o, 0, vectors.add(x, y))
    vectors.store(o, 1, vectors.multiply(x, y))
    vectors.store(o, 2, vectors.fused_multiply_add(x, y, z))
    vectors.store(o, 3, vectors.lane_before(x))
    vectors.store(o, 4, vectors.lane_after(x))
    vectors.store(o, 5, z)
    vectors.store_zero(o, 5, 1)
    vectors.store(vectors.pointer_to(out, 6 * a.shape[1]), 0, y)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_function(dtype):
    lanes = vectors.VECTOR_BYTES // np.dtype(dtype).itemsize
    a = np.random.default_rng(1).random((2, lanes)).astype(dtype)
    out = np.full((7, lanes), np.nan, dtype)
    number = np.dtype(dtype).type(3)
    compute(a, out, number)
    x, y = a
    spread = np.full(lanes, number)
    spread[1] = 0
    exact = (x.astype("longdouble") * y + 3).astype(dtype)
    expected = [x + y, x * y, exact, [0, *x[:-1]], [*x[1:], 0], spread, y]
    for row, right in zip(out, expected, strict=True):
        assert np.array_equal(row, np.asarray(right, dtype))


def test_a_product_and_a_sum_are_rounded_once():
    lanes = vectors.VECTOR_BYTES // 8
    a = np.zeros((2, lanes))
    a[0], a[1] = 1 + 2.0**-30, 1 - 2.0**-30  # the product is 1 - 2^-60, which rounds to 1
    out = np.zeros((7, lanes))
    compute(a, out, -1.0)
    assert np.array_equal(out[2], np.full(lanes, -(2.0**-60)))


@pytest.mark.parametrize(
    ("features", "size"),
    [("+sse2,+avx,+avx2,+avx512f", 64), ("+avx,-avx512f", 32), ("+neon", 16), ("", 16)],
)
def test_vectors_are_as_long_as_the_processors(features, size):
    assert vectors._find_vector_bytes(features) == size
