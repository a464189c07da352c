import numpy as np
import pytest

from hpcpy_diffusion.ladder import time_copy
from hpcpy_diffusion.ladder.time_copy import TimedCopy
from hpcpy_diffusion.parameters import Parameters
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def test_the_ranks_copy_one_field_together(comm, monkeypatch):
    copied = []

    def copyto(target, source):
        assert not np.shares_memory(target, source)
        copied.append(source.nbytes)

    monkeypatch.setattr(time_copy.np, "copyto", copyto)
    seconds = TimedCopy(parameters=Parameters(dx=1.0, dtype="float32"), comm=comm)(3)
    parallel_assert(comm, len(copied) == 3)
    parallel_assert(comm, comm.allreduce(copied[0]) == 20 * 20 * 4)
    seconds = comm.allgather(seconds)
    parallel_assert(comm, min(seconds) == max(seconds) > 0)


def test_ranks_without_items_take_part(comm):
    parallel_assert(comm, TimedCopy(parameters=Parameters(dx=20 / 3), comm=comm)(1) >= 0)
