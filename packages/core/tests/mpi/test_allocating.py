"""Memory that runs out on one rank ends in the same error on all."""

import pytest

from hpcpy_core.allocating import allocating
from hpcpy_core.cuda_driver import CudaError
from hpcpy_core.device import CPU, select_device
from hpcpy_core.errors import HpcpyError
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

FULL = CudaError("cuMemAlloc_v2", "CUDA_ERROR_OUT_OF_MEMORY", "out of memory")


@pytest.fixture
def last(comm):
    return comm.rank == comm.size - 1


@pytest.mark.parametrize(
    "error",
    [MemoryError("Out of memory allocating 512 bytes"), FULL],
    ids=lambda error: type(error).__name__,
)
def test_a_full_gpu(comm, machine, last, error):
    machine("a")
    device = select_device("gpu", "staged", comm, gpu=True)
    who = rf"rank {comm.size - 1} on .* has no memory for the blocks"
    left = r"GPU 0 \(NVIDIA H100\) has 1 of 80 GiB left"
    words = rf"^{who}: {left} \(.*ut of memory.*\): start fewer ranks$"
    with (
        parallel_raises(comm, HpcpyError, match=words) as caught,
        allocating(comm, device, "the blocks", "start fewer ranks"),
    ):
        if last:
            raise error
    parallel_assert(comm, caught.error.agreed and caught.error.exit_code == 1)


def test_full_host_memory(comm, last):
    with (
        parallel_raises(
            comm, HpcpyError, match=r"the host has .* GiB left \(MemoryError\): start "
        ),
        allocating(comm, CPU, "the blocks", "start fewer ranks"),
    ):
        if last:
            raise MemoryError


def test_another_error_stays_what_it_is(comm, last):
    busy = CudaError("cuMemAlloc_v2", "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure")
    with (
        parallel_raises(comm, HpcpyError, match="CUDA_ERROR_LAUNCH_FAILED"),
        allocating(comm, CPU, "the blocks", "start fewer ranks"),
    ):
        if last:
            raise busy


def test_enough_memory(comm):
    with allocating(comm, CPU, "the blocks", "start fewer ranks"):
        array = bytearray(8)
    parallel_assert(comm, len(array) == 8)
