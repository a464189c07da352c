import pytest

from hpcpy_diffusion.ladder import time_device_copy
from hpcpy_diffusion.ladder.time_device_copy import TimedDeviceCopy
from hpcpy_diffusion.parameters import Parameters
from hpcpy_testing.assertions import parallel_assert
from hpcpy_testing.emulated_cupy import DeviceArray

pytestmark = pytest.mark.mpi


@pytest.mark.parametrize(("least", "each"), [(0, None), (64 << 10, 16 << 10)])
def test_the_field_is_copied_or_more_if_it_is_small(comm, gpu, monkeypatch, least, each):
    monkeypatch.setattr(time_device_copy, "LEAST", least)
    parameters = Parameters(dx=1.0, dtype="float32")
    copy = TimedDeviceCopy(parameters=parameters, comm=comm, device=gpu.device)
    copied = []
    monkeypatch.setattr(
        DeviceArray, "__setitem__", lambda self, index, value: copied.append(value.size)
    )
    seconds = comm.allgather(copy(3))
    parallel_assert(comm, len(copied) == 1 + 3 and len(set(copied)) == 1, f"{copied}")
    total = 20 * 20 if each is None else each * comm.size
    parallel_assert(comm, comm.allreduce(copied[0]) == copy.items == total, f"{copied}")
    parallel_assert(comm, min(seconds) == max(seconds) > 0)


def test_the_copies_are_waited_for_before_the_clock_is_read(comm, gpu, cupy, monkeypatch):
    monkeypatch.setattr(time_device_copy, "LEAST", 0)
    order = []
    real = time_device_copy.perf_counter
    monkeypatch.setattr(time_device_copy, "perf_counter", lambda: order.append("clock") or real())
    put, made = DeviceArray.__setitem__, cupy.cuda.Stream

    def stream(**options):
        found = made(**options)
        wait = found.synchronize
        found.synchronize = lambda: order.append("wait") or wait()
        return found

    monkeypatch.setattr(cupy.cuda, "Stream", stream)
    monkeypatch.setattr(
        DeviceArray,
        "__setitem__",
        lambda self, *what: order.append("copy") or put(self, *what),
    )
    TimedDeviceCopy(parameters=Parameters(dx=1.0), comm=comm, device=gpu.device)(2)
    parallel_assert(comm, cupy.freed == 1, f"{cupy.freed}")
    expected = ["copy", "wait", "clock", "copy", "copy", "wait", "clock"]
    parallel_assert(comm, order == expected, f"{order}")
