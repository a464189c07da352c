import ctypes

import pytest

from hpcpy_core.cuda_driver import CudaError
from hpcpy_testing.emulated_driver import DeviceArray

CONTEXT, MEMORY_TYPE, DEVICE_POINTER, HOST_POINTER = 1, 2, 3, 4
SYNC_MEMOPS, BUFFER_ID, IS_MANAGED, DEVICE_ORDINAL, IPC_CAPABLE = 6, 7, 8, 9, 10
RANGE_START, RANGE_SIZE, MAPPED, POOL = 11, 12, 13, 17
HOST, DEVICE = 1, 2


def ask(driver, address, *attributes):
    """Ask for all at once, as MPI libraries do; the answers are read as signed numbers."""
    answers = [ctypes.c_int64() for _ in attributes]
    numbers = (ctypes.c_int * len(attributes))(*attributes)
    places = (ctypes.c_void_p * len(attributes))(*map(ctypes.addressof, answers))
    driver.call(
        "cuPointerGetAttributes", len(attributes), numbers, places, ctypes.c_uint64(address)
    )
    return [answer.value for answer in answers]


def ask_one(driver, address, attribute):
    answer = ctypes.c_int64()
    arguments = (ctypes.byref(answer), attribute, ctypes.c_uint64(address))
    driver.call("cuPointerGetAttribute", *arguments)
    return answer.value


def test_device_memory(driver):
    array = DeviceArray(10)
    inside = array.address + 8
    asked = (MEMORY_TYPE, DEVICE_ORDINAL, IS_MANAGED, IPC_CAPABLE, MAPPED, POOL)
    assert ask(driver, inside, *asked) == [DEVICE, 0, 0, 1, 1, 0]
    assert ask(driver, inside, DEVICE_POINTER, HOST_POINTER) == [inside, 0]
    assert ask(driver, inside, RANGE_START, RANGE_SIZE) == [array.address, 80]
    current = ctypes.c_void_p()
    driver.call("cuCtxGetCurrent", ctypes.byref(current))
    assert ask(driver, inside, CONTEXT) == [current.value]


def test_every_allocation_has_an_identity(driver):
    first, second = DeviceArray(1), DeviceArray(1)
    assert ask_one(driver, first.address, BUFFER_ID) != ask_one(driver, second.address, BUFFER_ID)
    assert ask_one(driver, first.address, BUFFER_ID) == ask_one(driver, first.address, BUFFER_ID)


def test_page_locked_memory(driver, pinned):
    address = ctypes.addressof(pinned())
    asked = (MEMORY_TYPE, DEVICE_ORDINAL, DEVICE_POINTER, HOST_POINTER, IPC_CAPABLE)
    assert ask(driver, address, *asked) == [HOST, 0, address, address, 0]


def test_memory_that_the_driver_does_not_know(driver):
    memory = (ctypes.c_uint8 * 8)()
    address = ctypes.addressof(memory)
    asked = (MEMORY_TYPE, CONTEXT, IS_MANAGED, BUFFER_ID, IPC_CAPABLE)
    assert ask(driver, address, *asked) == [0] * 5
    ordinal = ctypes.c_int32(ask(driver, address, DEVICE_ORDINAL)[0])
    assert ordinal.value == -2
    with pytest.raises(CudaError, match="INVALID_VALUE"):
        ask_one(driver, address, MEMORY_TYPE)


def test_whether_work_is_waited_for(driver):
    array, told = DeviceArray(1), ctypes.c_uint(1)
    assert ask_one(driver, array.address, SYNC_MEMOPS) == 0
    place = ctypes.c_uint64(array.address)
    driver.call("cuPointerSetAttribute", ctypes.byref(told), SYNC_MEMOPS, place)
    assert ask_one(driver, array.address, SYNC_MEMOPS) == 1
    with pytest.raises(CudaError, match="INVALID_VALUE"):
        driver.call("cuPointerSetAttribute", ctypes.byref(told), MEMORY_TYPE, place)


def test_an_attribute_that_does_not_exist_is_refused(driver):
    with pytest.raises(CudaError, match="INVALID_VALUE"):
        ask_one(driver, DeviceArray(1).address, 99)
