import resource

import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.shared_memory import SharedMemory
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.mark.parametrize("nbytes", [1, 4096, 100_001])
def test_every_rank_sees_what_the_others_write(comm, nbytes):
    with SharedMemory(comm, nbytes) as memory:
        array = memory.array
        parallel_assert(comm, array.shape == (nbytes,) and array.dtype == np.uint8, f"{array}")
        parallel_assert(comm, array.ctypes.data % 4096 == 0, f"address {array.ctypes.data:x}")
        parallel_assert(comm, not array.any(), "not zeroed")
        for turn in range(1, 20):
            memory.sync()
            array[comm.rank :: comm.size] = turn + comm.rank
            memory.sync()
            expected = turn + np.arange(nbytes) % comm.size
            parallel_assert(comm, np.array_equal(array, expected), f"turn {turn}: {array}")


@pytest.mark.parametrize("nbytes", [2**60, 10**6])
def test_what_cannot_be_had_is_refused_on_all_ranks(comm, nbytes):
    """The second under a limit on the size of files, which these are too."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10**5, limits[1]))
    try:
        with parallel_raises(comm, InputError, match="MiB of shared memory cannot be had in .*: g"):
            SharedMemory(comm, nbytes)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_an_error_on_one_rank_does_not_wait_for_the_others(comm):
    memory = SharedMemory(comm, 10)
    if comm.rank == 0:
        with pytest.raises(ZeroDivisionError), memory:
            raise ZeroDivisionError
    comm.Barrier()  # not reached by rank 0 if it had waited
    memory.close()
