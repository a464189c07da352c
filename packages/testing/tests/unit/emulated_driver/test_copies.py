import ctypes

import numpy as np
import pytest

from hpcpy_core.cuda_driver import CudaError
from hpcpy_testing.emulated_driver import DeviceArray, Stream

BYTES = np.uint8
SIZE = ctypes.c_size_t(4)


@pytest.fixture
def stream(driver):
    return Stream(non_blocking=True)


def device(array):
    return ctypes.c_uint64(array.address)


def handle(stream):
    return ctypes.c_void_p(stream.handle)


def test_copies_at_once(driver):
    a, b = DeviceArray(4, BYTES), DeviceArray(4, BYTES)
    host = (ctypes.c_uint8 * 4)(1, 2, 3, 4)
    driver.call("cuMemcpyHtoD_v2", device(a), host, SIZE)
    driver.call("cuMemcpy", device(b), device(a), SIZE)
    back = (ctypes.c_uint8 * 4)()
    driver.call("cuMemcpyDtoH_v2", back, device(b), SIZE)
    assert list(back) == [1, 2, 3, 4]


def test_a_copy_of_a_part(driver):
    a = DeviceArray.zeros(4, BYTES)
    host = (ctypes.c_uint8 * 2)(7, 8)
    part = ctypes.c_uint64(a.address + 1)
    driver.call("cuMemcpyHtoD_v2", part, host, ctypes.c_size_t(2))
    assert a.get().tolist() == [0, 7, 8, 0]


@pytest.mark.parametrize("entry", ["cuMemcpyHtoDAsync_v2", "cuMemcpyAsync"])
def test_an_asynchronous_copy_from_page_locked_memory_is_late(driver, stream, pinned, entry):
    a, host = DeviceArray.zeros(4, BYTES), pinned(1)
    driver.call(entry, device(a), host, SIZE, handle(stream))
    assert a.get().tolist() == [0, 0, 0, 0]
    host[:] = [2] * 4
    stream.synchronize()
    assert a.get().tolist() == [2, 2, 2, 2]


def test_an_asynchronous_copy_from_pageable_memory_is_late_but_read_at_once(driver, stream):
    a, host = DeviceArray.zeros(4, BYTES), (ctypes.c_uint8 * 4)(1, 1, 1, 1)
    driver.call("cuMemcpyHtoDAsync_v2", device(a), host, SIZE, handle(stream))
    host[:] = [2] * 4
    assert a.get().tolist() == [0, 0, 0, 0]
    stream.synchronize()
    assert a.get().tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("entry", ["cuMemcpyDtoHAsync_v2", "cuMemcpyAsync"])
def test_an_asynchronous_copy_to_page_locked_memory_is_late(driver, stream, pinned, entry):
    a, host = DeviceArray.from_host(np.full(4, 5, BYTES)), pinned(1)
    driver.call(entry, host, device(a), SIZE, handle(stream))
    assert list(host) == [1, 1, 1, 1]
    stream.synchronize()
    assert list(host) == [5, 5, 5, 5]


def test_an_asynchronous_copy_to_pageable_memory_is_done_behind_its_stream(driver, stream):
    a, host = DeviceArray(4, BYTES, stream=stream), (ctypes.c_uint8 * 4)()
    a.launch(lambda items: items.fill(5))
    driver.call("cuMemcpyDtoHAsync_v2", host, device(a), SIZE, handle(stream))
    assert list(host) == [5, 5, 5, 5]


def pending(driver, *arrays):
    return [driver.count_pending(array.address, array.nbytes) for array in arrays]


def test_a_copy_between_devices_does_not_wait_whatever_its_name_says(driver):
    a, b = DeviceArray.from_host(np.full(4, 5, BYTES)), DeviceArray.zeros(4, BYTES)
    driver.call("cuMemcpyDtoD_v2", device(b), device(a), SIZE)
    assert pending(driver, a, b) == [1, 1]
    driver.call("cuCtxSynchronize")
    assert pending(driver, a, b) == [0, 0]
    assert b.get().tolist() == [5, 5, 5, 5]


def test_it_waits_where_it_was_told_to(driver):
    a, b = DeviceArray.zeros(4, BYTES), DeviceArray.zeros(4, BYTES)
    told = ctypes.c_uint(1)
    driver.call("cuPointerSetAttribute", ctypes.byref(told), 6, device(b))
    driver.call("cuMemcpyDtoD_v2", device(b), device(a), SIZE)
    assert pending(driver, a, b) == [0, 0]


def test_a_whole_context_may_be_told_to_wait(driver):
    a = DeviceArray.zeros(4, BYTES)
    driver.call("cuCtxSetFlags", 0x80)
    driver.call("cuMemsetD8_v2", device(a), 1, SIZE)
    assert pending(driver, a) == [0]
    driver.call("cuCtxSetFlags", 0)
    driver.call("cuMemsetD8_v2", device(a), 1, SIZE)
    assert pending(driver, a) == [1]


def test_fills(driver, stream):
    a = DeviceArray.zeros(8, BYTES)
    driver.call("cuMemsetD32Async", device(a), 0x04030201, ctypes.c_size_t(2), handle(stream))
    assert a.get().tolist() == [0] * 8
    stream.synchronize()
    assert a.get().tolist() == [1, 2, 3, 4] * 2
    driver.call("cuMemsetD8Async", device(a), 9, ctypes.c_size_t(2), handle(stream))
    stream.synchronize()
    assert a.get().tolist() == [9, 9, 3, 4, 1, 2, 3, 4]


def test_a_fill_beyond_the_end_is_refused(driver):
    with pytest.raises(CudaError, match="INVALID_VALUE"):
        driver.call("cuMemsetD32_v2", device(DeviceArray(4, BYTES)), 0, ctypes.c_size_t(2))


def test_host_memory_is_not_taken_for_the_device(driver, pinned):
    for host in (pinned(), (ctypes.c_uint8 * 4)()):
        with pytest.raises(CudaError, match="INVALID_VALUE"):
            driver.call("cuMemcpyHtoD_v2", host, host, SIZE)
