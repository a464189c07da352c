from time import sleep

import numpy as np
import pytest

from hpcpy_core.selection import select
from hpcpy_diffusion.device_pair import DevicePair
from hpcpy_diffusion.gather import gather_field
from hpcpy_diffusion.kernels.gpu.device_slices import SliceSweep
from hpcpy_diffusion.kernels.kernel import Kernel
from hpcpy_diffusion.ladder.open_run import open_run
from hpcpy_diffusion.ladder.time_run import TimedRun
from hpcpy_diffusion.parameters import Parameters
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

A_STEP, SLOW = 0.002, 0.3
PARAMETERS = Parameters(dx=20 / 31, outtime=1.0)


class LateSweep(SliceSweep):
    """A kernel whose steps take some time; it counts them."""

    taken = 0

    def __call__(self, u, out, r, region, steps):
        sleep(A_STEP)
        LateSweep.taken += steps
        super().__call__(u, out, r, region, steps)


@pytest.fixture
def late(gpu, monkeypatch):
    monkeypatch.setattr(LateSweep, "taken", 0)
    monkeypatch.setattr(Kernel, "load_sweep", lambda self: lambda shape, dtype: LateSweep())
    return gpu


def test_so_many_steps_are_taken_and_timed_each_time(comm, late, cupy):
    with open_run(PARAMETERS, comm, late, kernel="cupy") as run:
        for steps in (1, 10):
            LateSweep.taken = 0
            seconds = comm.allgather(run(steps))
            parallel_assert(comm, LateSweep.taken == steps, f"{LateSweep.taken}")
            parallel_assert(comm, steps * A_STEP <= min(seconds) == max(seconds), f"{seconds}")
    parallel_assert(comm, cupy.freed == 1, f"{cupy.freed}")


def test_copies_to_the_gpu_and_back_are_not_timed(comm, late, monkeypatch):
    def slow(method):
        return lambda self: sleep(SLOW) or method(self)

    monkeypatch.setattr(DevicePair, "begin", slow(DevicePair.begin))
    monkeypatch.setattr(DevicePair, "show", slow(DevicePair.show))
    with open_run(PARAMETERS, comm, late, kernel="cupy") as run:
        seconds = run(2)
    parallel_assert(comm, 2 * A_STEP <= seconds < SLOW, f"{seconds}")


@pytest.mark.parametrize("kernel", ["cupy", "numpy", "numba-vector"])
def test_it_goes_on_where_it_was(comm, gpu, kernel):
    """The field after several calls is that of all their steps together."""
    cpu = select("cpu", "auto", comm)
    reference = TimedRun(parameters=PARAMETERS, comm=comm, selection=cpu, kernel="python")
    whole = reference.whole(1 + 6 + 5)
    with open_run(PARAMETERS, comm, gpu if kernel == "cupy" else cpu, kernel=kernel) as run:
        for steps in (1, 6, 5):
            run(steps)
        prepared = run.prepared
        decomposition, rank = prepared.decomposition, prepared.cart.rank
        padded = decomposition.padded(rank, max(1, prepared.plan.depth))
        block = prepared.pair.show()[decomposition.owned(rank).within(padded)]
        field = gather_field(block, decomposition, comm)
    parallel_assert(comm, comm.rank > 0 or np.array_equal(field, whole))
