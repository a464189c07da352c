"""A GPU's own clock is read when the GPU is done, and the slowest rank's time counts."""

import pytest

from hpcpy_core.device import CPU, Device
from hpcpy_core.transport import Transport
from hpcpy_gpu_allreduce.device_clock import DeviceClock
from hpcpy_testing.assertions import parallel_assert
from hpcpy_testing.emulated_cupy import install_emulated_cupy

pytestmark = pytest.mark.mpi

GPU = Device(kind="gpu", reason="", transport=Transport(name="staged", reason=""))


def test_the_slowest_rank_counts_and_the_first_blocks_do_not(comm, monkeypatch):
    cupy = install_emulated_cupy(monkeypatch)
    read, milliseconds = cupy.cuda.get_elapsed_time, iter([300, 10 * (comm.rank + 1), 20])
    cupy.cuda.get_elapsed_time = lambda *events: read(*events) * 0 + next(milliseconds)
    clock = DeviceClock(GPU)
    for _ in range(3):
        with clock.block():
            pass
    parallel_assert(comm, cupy.synchronized == 3, f"{cupy.synchronized}")
    timing = clock.timing(comm, 2, skip=1)
    parallel_assert(comm, timing.seconds == (0.005 * comm.size, 0.01), f"{timing}")


def test_a_cpu_has_no_clock_of_its_own(comm):
    clock = DeviceClock(CPU)
    with clock.block():
        pass
    parallel_assert(comm, clock.timing(comm, 1, skip=0) is None and not clock.seconds)
