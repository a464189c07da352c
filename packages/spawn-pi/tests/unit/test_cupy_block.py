"""What the kernel ``cupy`` does around its launch, under an emulated CuPy; nothing is compiled."""

import sys

import numpy as np
import pytest

from hpcpy_spawn_pi.kernels import BLOCK, LANES, find_kernel, numpy_block
from hpcpy_testing.emulated_cupy import DeviceArray, install_emulated_cupy

MODULE = "hpcpy_spawn_pi.kernels.cupy_block"


class RawKernel:
    """Notes how it is compiled and launched, and computes by NumPy."""

    def __init__(self, source, name, *, options):
        assert f"__global__ void {name}(" in source
        made.append(self)
        self.options = options
        self.launches = []

    def __call__(self, grid, block, arguments):
        intervals, first, sums = arguments
        assert type(sums) is DeviceArray
        assert {type(intervals), type(first)} == {np.int64}
        self.launches.append((grid, block))
        found = np.empty(grid)
        numpy_block.block_sums(int(intervals), int(first), int(first) + grid[0], found)
        sums.set(found)


made: list[RawKernel] = []


@pytest.fixture
def block_sums(monkeypatch):
    made.clear()
    install_emulated_cupy(monkeypatch).RawKernel = RawKernel
    monkeypatch.setitem(sys.modules, MODULE, None)
    del sys.modules[MODULE]  # put back as it was when the test ends
    return find_kernel("cupy").load()


def test_a_block_of_threads_adds_up_a_block_of_intervals(block_sums):
    intervals = 5 * BLOCK + 3
    sums, expected = np.full((2, 4), np.nan)
    numpy_block.block_sums(intervals, 2, 6, expected)
    for _ in range(2):
        block_sums(intervals, 2, 6, sums)
    assert np.array_equal(sums, expected)
    (kernel,) = made
    assert kernel.launches == [((4,), (LANES,))] * 2


def test_it_is_compiled_for_the_bits_of_a_cpu(block_sums):
    block_sums(1, 0, 1, np.empty(1))
    (kernel,) = made
    assert "--fmad=false" in kernel.options
    assert {f"-DBLOCK={BLOCK}", f"-DLANES={LANES}", "-DROWS=64"} < set(kernel.options)
