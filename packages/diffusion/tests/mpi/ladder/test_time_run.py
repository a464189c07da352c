import numpy as np
import pytest

from hpcpy_core.selection import select
from hpcpy_diffusion.kernels import KERNELS
from hpcpy_diffusion.ladder.time_run import TimedRun
from hpcpy_diffusion.ladder.time_yardstick import TimedYardstick
from hpcpy_diffusion.parameters import Parameters
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


@pytest.fixture
def timed(comm):
    parameters = Parameters(dx=20 / 31, outtime=1.0)
    selection = select("auto", "auto", comm)
    return TimedRun(parameters=parameters, comm=comm, selection=selection, kernel="numpy")


def test_it_takes_the_steps_that_were_asked_for(comm, timed):
    u, steps = timed.whole(1), 13
    for _ in range(steps - 1):
        if u is not None:
            r = timed.parameters.fourier
            around = (u[:-2, 1:-1] + u[2:, 1:-1]) + (u[1:-1, :-2] + u[1:-1, 2:])
            u[1:-1, 1:-1] = (1 - 4 * r) * u[1:-1, 1:-1] + r * around
    got = timed.whole(steps)
    same = comm.rank > 0 if got is None else np.array_equal(got, u)
    parallel_assert(comm, same)


def test_seconds_are_the_same_on_all_ranks(comm, timed):
    seconds = comm.allgather(timed(3))
    parallel_assert(comm, min(seconds) == max(seconds) > 0)


def test_a_yardstick_takes_all_steps_of_the_same_problem(comm, timed):
    """Its program is the notes': each rank by itself runs the whole of it."""
    fields = {steps: timed.whole(steps) for steps in (1, 8)}
    for kernel in KERNELS.values():
        if kernel.yardstick and kernel.installed and comm.rank == 0:
            yardstick = TimedYardstick(kernel=kernel, parameters=timed.parameters)
            for steps, field in fields.items():
                np.testing.assert_array_equal(yardstick.whole(steps), field)
            assert yardstick(8) > 0
    comm.Barrier()
