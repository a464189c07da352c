import ctypes
from concurrent.futures import ThreadPoolExecutor

import pytest

from hpcpy_core.cuda_driver import CudaError


def current(driver):
    context = ctypes.c_void_p()
    driver.call("cuCtxGetCurrent", ctypes.byref(context))
    return context.value


def test_every_thread_starts_without_a_context(driver):
    address, size = ctypes.c_uint64(), ctypes.c_size_t(8)

    def work():
        before = current(driver)
        with pytest.raises(CudaError, match="CUDA_ERROR_INVALID_CONTEXT"):
            driver.call("cuMemAlloc_v2", ctypes.byref(address), size)
        driver.use(0)
        return before, current(driver)

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(work).result() == (None, current(driver))


def test_contexts_are_pushed_and_popped(driver):
    first, popped = ctypes.c_void_p(current(driver)), ctypes.c_void_p()
    driver.call("cuCtxSetCurrent", None)
    assert current(driver) is None
    driver.call("cuCtxPushCurrent_v2", first)
    assert current(driver) == first.value
    driver.call("cuCtxPopCurrent_v2", ctypes.byref(popped))
    assert (popped.value, current(driver)) == (first.value, None)
    with pytest.raises(CudaError, match="CUDA_ERROR_INVALID_CONTEXT"):
        driver.call("cuCtxPopCurrent_v2", None)


def test_what_is_not_a_context_is_refused(driver):
    with pytest.raises(CudaError, match="CUDA_ERROR_INVALID_CONTEXT"):
        driver.call("cuCtxSetCurrent", ctypes.c_void_p(8))


def test_a_retained_context_is_active(driver):
    flags, active = ctypes.c_uint(), ctypes.c_int()
    state = (0, ctypes.byref(flags), ctypes.byref(active))
    driver.call("cuDevicePrimaryCtxGetState", *state)
    assert active.value == 1


def test_the_device_of_the_current_context(driver):
    device, number = ctypes.c_int(-1), ctypes.c_uint64()
    driver.call("cuCtxGetDevice", ctypes.byref(device))
    driver.call("cuCtxGetId", None, ctypes.byref(number))
    assert (device.value, number.value) == (0, 1)
