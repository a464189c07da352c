import mmap

import numpy as np
import pytest

from hpcpy_collectives.buffers import make_buffer
from hpcpy_core.device import CPU, Device
from hpcpy_core.transport import Transport
from hpcpy_testing.emulated_cupy import DeviceArray, install_emulated_cupy


@pytest.mark.parametrize("count", [1, 1000, 100_001])
@pytest.mark.parametrize("dtype", ["u1", "f4"])
def test_host_memory_begins_at_a_page_and_holds_the_data(count, dtype):
    data = (np.arange(count) % 251).astype(dtype)
    buffer = make_buffer(data, CPU)
    assert buffer.ctypes.data % mmap.PAGESIZE == 0
    assert buffer.dtype == data.dtype
    assert np.array_equal(buffer, data)
    assert not np.shares_memory(buffer, data)
    assert buffer.flags.writeable


def test_a_barrier_s_message_has_no_memory():
    assert make_buffer(np.zeros(0, np.uint8), CPU).size == 0


def test_on_a_device_it_is_the_library_s(monkeypatch):
    install_emulated_cupy(monkeypatch)
    gpu = Device(kind="gpu", reason="", transport=Transport(name="staged", reason=""))
    buffer = make_buffer(np.arange(3), gpu)
    assert isinstance(buffer, DeviceArray)
    assert buffer.tolist() == [0, 1, 2]
