import ctypes
import signal

import numpy as np
import pytest

from hpcpy_core.cuda_driver import CudaError
from hpcpy_testing.emulated_driver import DeviceArray


@pytest.mark.parametrize(
    "use",
    [
        "ctypes.string_at(array.address, 1)",
        "ctypes.memset(array.address, 0, 1)",
        "ctypes.string_at(array.address + array.nbytes - 1, 1)",
    ],
)
def test_the_host_cannot_use_device_memory(run_child, use):
    program = "array = DeviceArray.zeros(1000); print(array.get().sum(), flush=True); "
    done = run_child(program + use)
    assert done.stdout == "0.0\n"
    assert done.returncode == -signal.SIGSEGV, done.stderr


def test_new_memory_holds_no_zeros(driver):
    assert DeviceArray(3, np.uint8).get().tolist() == [0xA5, 0xA5, 0xA5]


def allocate(driver, size):
    address = ctypes.c_uint64()
    driver.call("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(size))
    return address


def find_range(driver, address):
    base, size = ctypes.c_uint64(), ctypes.c_size_t()
    arguments = (ctypes.byref(base), ctypes.byref(size), ctypes.c_uint64(address))
    driver.call("cuMemGetAddressRange_v2", *arguments)
    return base.value, size.value


def test_an_address_inside_leads_to_the_whole(driver):
    address = allocate(driver, 1000)
    assert find_range(driver, address.value + 999) == (address.value, 1000)
    with pytest.raises(CudaError, match="CUDA_ERROR_NOT_FOUND"):
        find_range(driver, address.value + 1000)
    driver.call("cuMemFree_v2", address)
    with pytest.raises(CudaError, match="CUDA_ERROR_NOT_FOUND"):
        find_range(driver, address.value)


def test_only_what_was_allocated_is_freed_and_only_once(driver):
    address = allocate(driver, 8)
    with pytest.raises(CudaError, match="cuMemFree_v2: CUDA_ERROR_INVALID_VALUE"):
        driver.call("cuMemFree_v2", ctypes.c_uint64(address.value + 4))
    driver.call("cuMemFree", address)
    with pytest.raises(CudaError, match="CUDA_ERROR_INVALID_VALUE"):
        driver.call("cuMemFree_v2", address)
    driver.call("cuMemFree_v2", ctypes.c_uint64(0))


def test_no_copy_goes_beyond_the_end_or_to_freed_memory(driver):
    address, host = allocate(driver, 8), (ctypes.c_uint8 * 16)()
    driver.call("cuMemcpyHtoD_v2", address, host, ctypes.c_size_t(8))
    with pytest.raises(CudaError, match="CUDA_ERROR_INVALID_VALUE"):
        driver.call("cuMemcpyHtoD_v2", address, host, ctypes.c_size_t(9))
    driver.call("cuMemFree_v2", address)
    with pytest.raises(CudaError, match="CUDA_ERROR_INVALID_VALUE"):
        driver.call("cuMemcpyDtoH_v2", host, address, ctypes.c_size_t(1))


def test_memory_ends(run_child):
    done = run_child(
        """
half = DeviceArray(1 << 19, "u1")
try:
    DeviceArray((1 << 19) + 1, "u1")
except CudaError as error:
    print(error)
del half
DeviceArray(1 << 20, "u1")
free, total = ctypes.c_size_t(), ctypes.c_size_t()
load_driver().call("cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total))
print(free.value, total.value)
""",
        HPCPY_EMULATED_GPU_MEMORY=str(1 << 20),
    )
    assert done.stdout.splitlines() == [
        "cuMemAlloc_v2: CUDA_ERROR_OUT_OF_MEMORY (out of memory)",
        "1048576 1048576",
    ], done.stderr


def test_work_on_freed_memory_is_finished_before(driver):
    array, seen = DeviceArray.zeros(3), []
    array.launch(lambda items: seen.append(items.sum()))
    assert seen == []
    del array
    assert seen == [0]
