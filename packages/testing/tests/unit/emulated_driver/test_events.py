import ctypes

import numpy as np
import pytest

from hpcpy_core.cuda_driver import CudaError
from hpcpy_testing.emulated_driver import DeviceArray, Stream

NOT_READY = 600
INTERPROCESS = 4


@pytest.fixture
def event(driver):
    made = ctypes.c_void_p()
    driver.call("cuEventCreate", ctypes.byref(made), 0)
    yield made
    driver.call("cuEventDestroy_v2", made)


def handle(stream):
    return ctypes.c_void_p(stream.handle)


@pytest.fixture
def busy(driver):
    """An array of zeros, in whose stream a kernel is going to add 1."""
    array = DeviceArray.zeros(2, stream=Stream(non_blocking=True))
    array.launch(lambda items: items.__iadd__(1))
    return array


def data(array):
    """What is there now: read in another stream, which does not wait."""
    copied = DeviceArray(array.shape, array.dtype, stream=Stream(non_blocking=True))
    copied.copy_from(array)
    return copied.get().tolist()


def test_an_event_that_was_not_recorded_has_come(driver, event):
    driver.call("cuEventQuery", event)
    driver.call("cuEventSynchronize", event)


def test_waiting_for_an_event_ends_the_work_before_it_only(driver, event, busy):
    driver.call("cuEventRecord", event, handle(busy.stream))
    busy.launch(lambda items: items.__iadd__(10))
    driver.call("cuEventSynchronize", event)
    assert data(busy) == [1, 1]
    busy.stream.synchronize()
    assert data(busy) == [11, 11]


def test_asking_brings_work_to_its_end(driver, event, busy):
    driver.call("cuEventRecord", event, handle(busy.stream))
    answers = [driver.try_call("cuEventQuery", event) for _ in range(3)]
    assert answers == [NOT_READY, NOT_READY, 0]  # the kernel, the event itself
    assert data(busy) == [1, 1]


def test_a_stream_waits_for_an_event_of_another(driver, event, busy):
    driver.call("cuEventRecord", event, handle(busy.stream))
    follower = DeviceArray.zeros(2, stream=Stream(non_blocking=True))
    driver.call("cuStreamWaitEvent", handle(follower.stream), event, 0)
    follower.copy_from(busy)
    assert data(busy) == [0, 0]
    follower.stream.synchronize()
    assert np.array_equal(follower.get(), [1, 1])


def test_a_destroyed_event_is_refused(driver):
    made = ctypes.c_void_p()
    driver.call("cuEventCreate", ctypes.byref(made), 0)
    driver.call("cuEventDestroy_v2", made)
    with pytest.raises(CudaError, match="CUDA_ERROR_INVALID_HANDLE"):
        driver.call("cuEventQuery", made)


def test_another_process_opens_an_event_and_never_waits_for_ever(driver, busy, run_child):
    event, exported = ctypes.c_void_p(), (ctypes.c_uint8 * 64)()
    driver.call("cuEventCreate", ctypes.byref(event), INTERPROCESS)
    driver.call("cuIpcGetEventHandle", exported, event)
    driver.call("cuEventRecord", event, handle(busy.stream))
    assert data(busy) == [1, 1]
    done = run_child(
        f"""
class Handle(ctypes.Structure):
    _fields_ = [("data", ctypes.c_uint8 * 64)]
handle = Handle.from_buffer_copy(bytes.fromhex("{bytes(exported).hex()}"))
event, driver = ctypes.c_void_p(), load_driver()
driver.use(0)
driver.call("cuIpcOpenEventHandle", ctypes.byref(event), handle)
driver.call("cuStreamWaitEvent", None, event, 0)
driver.call("cuEventSynchronize", event)
driver.call("cuEventDestroy_v2", event)
"""
    )
    assert done.returncode == 0, done.stderr


def test_only_an_event_for_processes_is_exported(driver, event):
    with pytest.raises(CudaError, match="INVALID_VALUE"):
        driver.call("cuIpcGetEventHandle", (ctypes.c_uint8 * 64)(), event)
