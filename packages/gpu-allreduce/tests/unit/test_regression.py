from itertools import pairwise

import numpy as np
import pytest

from hpcpy_gpu_allreduce.regression import NOISE, Problem, make_rows

PROBLEM = Problem(rows=1000, features=5, steps=10, rate=0.1, seed=3)


@pytest.mark.parametrize("ends", [[0, 1000], [0, 1, 256, 300, 1000], [0, 512, 512, 1000]])
def test_rows_are_the_same_however_they_are_divided(ends):
    whole = make_rows(PROBLEM, 0, 1000)
    parts = [make_rows(PROBLEM, start, stop) for start, stop in pairwise(ends)]
    for each, expected in zip(zip(*parts, strict=True), whole, strict=True):
        joined = np.concatenate(each)
        assert joined.shape == expected.shape
        assert np.allclose(joined, expected, rtol=1e-13, atol=1e-13)


def test_the_rows_are_about_the_weights():
    x, y = make_rows(PROBLEM, 0, 1000)
    found, (residual,), *_ = np.linalg.lstsq(x, y)
    assert np.allclose(found, PROBLEM.weights(), atol=5 * NOISE / np.sqrt(1000))
    assert residual / 1000 == pytest.approx(NOISE**2, rel=0.2)
