"""Page-locked memory is allocated for the first messages, and then used again."""

import os
import subprocess
import sys

import numpy as np
import pytest

from hpcpy_core.cuda_driver import CudaError
from hpcpy_core.errors import HpcpyError
from hpcpy_core.pinned_memory import PAGE, PinnedPool, size_class
from hpcpy_testing.emulated_driver import driver_environment
from hpcpy_testing.host_driver import HostDriver

MIB = 2**20


class CountingDriver(HostDriver):
    """Counts cuMemHostAlloc, and has no more than so many bytes."""

    def __init__(self, capacity=64 * MIB):
        super().__init__()
        self.allocations = 0
        self.capacity = capacity

    def allocate_host(self, nbytes):
        self.allocations += 1
        if sum(each.nbytes for each in self.pinned.values()) + nbytes > self.capacity:
            raise CudaError("cuMemHostAlloc", "CUDA_ERROR_OUT_OF_MEMORY", "out of memory")
        return super().allocate_host(nbytes)


@pytest.fixture
def driver():
    return CountingDriver()


@pytest.fixture
def pool(driver):
    return PinnedPool(driver)


@pytest.mark.parametrize("shape", [(3,), (2, 5), ()])
@pytest.mark.parametrize("dtype", ["u1", "f8", "c16"])
def test_an_array_lies_in_memory_of_the_driver(pool, driver, shape, dtype):
    array = pool.lend(shape, dtype, 0)
    assert (array.shape, array.dtype) == (shape, np.dtype(dtype))
    assert array.ctypes.data in driver.pinned
    array[...] = 7
    assert array.flags.writeable
    assert np.all(array == 7)


def test_what_was_given_back_is_used_again(pool, driver):
    for n in (1000, 1020, 1024):
        pool.lend((n,), "f8", 0)[...] = n
    assert driver.allocations == 1


def test_memory_is_not_given_back_while_a_view_of_it_is_left(pool, driver):
    part = pool.lend((1000,), "f8", 0)[10:20]
    part[...] = 1
    pool.lend((1000,), "f8", 0)[...] = 2
    assert part.tolist() == [1] * 10
    assert driver.allocations == 2
    del part
    for _ in range(3):
        pool.lend((1000,), "f8", 0)
    assert driver.allocations == 2


def test_an_array_without_items_needs_no_memory(pool, driver):
    array = pool.lend((0, 3), "f4", 0)
    assert (array.shape, array.dtype, driver.allocations) == ((0, 3), np.float32, 0)


def test_what_is_idle_makes_room_for_another_size(pool, driver):
    for size in (40 * MIB, 60 * MIB):
        pool.lend((size,), "u1", 0)
    assert [each.nbytes for each in driver.pinned.values()] == [size_class(60 * MIB)]


def test_no_more_memory_says_how_much_and_what_to_do(pool):
    held = pool.lend((40 * MIB,), "u1", 0)
    with pytest.raises(
        HpcpyError, match=r"message of 28 MiB, beside 40 MiB .*OUT_OF_MEMORY\): send less at once"
    ):
        pool.lend((28 * MIB,), "u1", 0)
    del held
    assert pool.lend((28 * MIB,), "u1", 0).size == 28 * MIB


def test_another_error_is_told_as_it_is(pool, driver, monkeypatch):
    def fail(nbytes):
        raise CudaError("cuMemHostAlloc", "CUDA_ERROR_LAUNCH_FAILED", "a kernel failed")

    monkeypatch.setattr(driver, "allocate_host", fail)
    with pytest.raises(CudaError, match="a kernel failed"):
        pool.lend((1,), "u1", 0)


@pytest.mark.parametrize("nbytes", [1, PAGE, PAGE + 1, 5 * PAGE, MIB - 1, MIB, MIB + 1, 10**9])
def test_a_block_is_little_more_than_what_was_asked_for(nbytes):
    size = size_class(nbytes)
    assert size % PAGE == 0
    assert nbytes <= size < max(nbytes + PAGE, 1.25 * nbytes)
    assert size_class(size) == size


def test_there_are_few_sizes():
    assert len({size_class(n) for n in range(MIB, 2 * MIB + 1, 64)}) == 5


def test_a_process_ends_without_a_word_whatever_is_still_lent():
    program = """
from hpcpy_core import cuda_driver
from hpcpy_core.pinned_memory import pinned_pool
pool = pinned_pool(cuda_driver.load_driver())
held, idle = pool.lend((10,), "f8", 0), pool.lend((10_000,), "f8", 0)
del idle
print(held.size)
"""
    done = subprocess.run(
        ["timeout", "-k", "5", "60", sys.executable, "-c", program],
        env={**os.environ, **driver_environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "10\n", "")
