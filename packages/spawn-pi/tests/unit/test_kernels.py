"""Every kernel against the rule in exact integers, and against each other."""

import builtins
import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from hpcpy_core.device import find_gpu
from hpcpy_core.errors import InputError
from hpcpy_spawn_pi import kernels
from hpcpy_spawn_pi.kernels import BLOCK, KERNELS, LANES, find_kernel
from hpcpy_spawn_pi.quadrature import MOST_INTERVALS

USABLE = [name for name in KERNELS if name != "cupy" or find_gpu() is None]
FEW = [1, 2, 3, 2 * LANES - 1, 2 * LANES, 2 * LANES + 1, 2 * LANES + 5, BLOCK - 1, BLOCK]
MANY = [10**6 + 1, 10**9, 10**12 + 7, 10**15]


@pytest.fixture(params=USABLE)
def block_sums(request):
    return find_kernel(request.param).load()


def add_up(block_sums, intervals, first, last):
    sums = np.full(last - first, np.nan)
    block_sums(intervals, first, last, sums)
    return sums


def error_in_ulps(found, exact):
    return float(abs(Fraction(float(found)) - exact) / Fraction(math.ulp(found)))


@pytest.mark.parametrize("intervals", FEW)
def test_a_short_block_is_the_sum_of_its_terms(block_sums, add_midpoints, intervals):
    (found,) = add_up(block_sums, intervals, 0, 1)
    assert error_in_ulps(found, add_midpoints(intervals, 0, intervals)) < 1


@pytest.mark.parametrize("place", [0.0, 0.37, 0.8, 1.0])
@pytest.mark.parametrize("intervals", MANY)
def test_a_block_is_rounded_once_and_hardly_more(block_sums, add_midpoints, intervals, place):
    block = round(place * (intervals // BLOCK - 1))
    (found,) = add_up(block_sums, intervals, block, block + 1)
    exact = add_midpoints(intervals, block * BLOCK, (block + 1) * BLOCK)
    assert error_in_ulps(found, exact) < 0.55


@pytest.mark.parametrize("name", USABLE)
@pytest.mark.parametrize("intervals", [*FEW, *MANY, MOST_INTERVALS])
def test_all_kernels_give_the_same_bits(name, intervals):
    last = -(-intervals // BLOCK)
    for first in {max(0, last - 3), min(40, last // 2)}:
        span = intervals, first, min(first + 3, last)
        expected = add_up(find_kernel("numpy").load(), *span)
        assert np.array_equal(add_up(find_kernel(name).load(), *span), expected)


def test_a_block_does_not_depend_on_its_company(block_sums):
    intervals = 70 * BLOCK + 4711
    together = add_up(block_sums, intervals, 0, 71)
    for first, last in pairwise([0, 1, 33, 64, 70, 71]):
        assert np.array_equal(add_up(block_sums, intervals, first, last), together[first:last])


@pytest.mark.parametrize("intervals", [1, BLOCK, MOST_INTERVALS])
def test_a_block_is_a_whole_number_of_units(block_sums, intervals):
    last = -(-intervals // BLOCK)
    (found,) = add_up(block_sums, intervals, last - 1, last)
    assert 2 <= found < 2**19


def test_simple_kernels_import_no_mpi_and_no_gpu(monkeypatch):
    real = builtins.__import__

    def guarded(module, *args, **kwargs):
        assert module.split(".")[0] not in ("mpi4py", "cupy")
        return real(module, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", guarded)
    for name in ("numpy", "numba"):
        find_kernel(name).load()


@pytest.mark.parametrize("name", ["numba", "cupy"])
def test_a_kernel_that_is_not_installed_names_what_to_install(monkeypatch, name):
    monkeypatch.setattr(kernels, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=rf"kernel {name} needs {name}, .* pip install"):
        find_kernel(name)


def test_an_unknown_kernel_names_the_known():
    with pytest.raises(InputError, match=r"unknown kernel 'fortan': .*numpy, numba, cupy"):
        find_kernel("fortan")
