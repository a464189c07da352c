import ctypes

import pytest

from hpcpy_core.cuda_driver import CudaError


def register(driver, memory):
    size = ctypes.c_size_t(ctypes.sizeof(memory))
    driver.call("cuMemHostRegister_v2", ctypes.byref(memory), size, 0)


def test_memory_is_registered_once(driver):
    memory = (ctypes.c_uint8 * 8)()
    register(driver, memory)
    with pytest.raises(CudaError, match="HOST_MEMORY_ALREADY_REGISTERED"):
        register(driver, memory)
    driver.call("cuMemHostUnregister", ctypes.byref(memory))
    with pytest.raises(CudaError, match="HOST_MEMORY_NOT_REGISTERED"):
        driver.call("cuMemHostUnregister", ctypes.byref(memory))


def test_only_allocated_memory_is_freed(driver, pinned):
    with pytest.raises(CudaError, match="INVALID_VALUE"):
        driver.call("cuMemFreeHost", ctypes.byref(pinned(), 1))


def test_the_device_knows_it_by_the_same_address(driver, pinned):
    memory, address = pinned(), ctypes.c_uint64()
    driver.call("cuMemHostGetDevicePointer_v2", ctypes.byref(address), memory, 0)
    assert address.value == ctypes.addressof(memory)
