import numpy as np
import pytest

from hpcpy_mpiio.time_save import time_save
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def test_both_ways_are_timed_and_write_as_many_bytes(comm, folder):
    timings = time_save((32, 16), folder, comm, repeats=3)
    parallel_assert(comm, set(timings) == {"save", "numpy"}, timings)
    for timing in timings.values():
        parallel_assert(comm, len(timing.seconds) == 3 and min(timing.seconds) > 0, timing)
    together, root = np.load(folder / "together.npy"), np.load(folder / "root.npy")
    parallel_assert(comm, together.shape == root.shape == (32, 16), together.shape)
    parallel_assert(comm, together.dtype == root.dtype == np.float64, together.dtype)
    ranks = np.unique(together).tolist()
    parallel_assert(comm, ranks == list(range(comm.size)), f"written by {ranks}")
