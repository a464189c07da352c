"""Device memory of one process in another. The owner is a child, which this process outlives."""

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hpcpy_core.cuda_driver import CudaError
from hpcpy_testing.emulated_driver import DeviceArray, driver_environment

OWNER = """
import ctypes
import numpy as np
from hpcpy_testing.emulated_driver import DeviceArray, load_driver

first = DeviceArray.zeros(10)
array = DeviceArray.from_host(np.arange(1000.0))
handle = (ctypes.c_uint8 * 64)()
load_driver().call("cuIpcGetMemHandle", handle, ctypes.c_uint64(array.address + 8))
print(bytes(handle).hex(), flush=True)
input()
print(array.get()[:3].tolist(), flush=True)
input()
"""

INODE = 16
"""Where it is in the handle: a process of the same number would have another file."""


class Handle(ctypes.Structure):
    """Passed by value, as CUDA does."""

    _fields_ = [("data", ctypes.c_uint8 * 64)]


@pytest.fixture
def owner():
    """A process that owns an array, and shows its beginning when it is asked."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **driver_environment()},
    ) as process:
        yield process
        process.kill()


@pytest.fixture
def handle(owner):
    return Handle.from_buffer_copy(bytes.fromhex(owner.stdout.readline()))


def opened(driver, handle):
    address = ctypes.c_uint64()
    driver.call("cuIpcOpenMemHandle_v2", ctypes.byref(address), handle, 1)
    return address


def read(driver, address, count):
    host, size = (ctypes.c_double * count)(), ctypes.c_size_t(8 * count)
    driver.call("cuMemcpyDtoH_v2", host, address, size)
    return list(host)


def test_two_processes_share_an_array(driver, owner, handle):
    address = opened(driver, handle)
    assert read(driver, address, 1000) == list(range(1000))
    mine = DeviceArray(1)
    mine.launch(lambda items: items.fill(-5))
    size = ctypes.c_size_t(8)
    driver.call("cuMemcpyDtoD_v2", address, ctypes.c_uint64(mine.address), size)
    driver.call("cuCtxSynchronize")
    owner.stdin.write("\n")
    owner.stdin.flush()
    assert owner.stdout.readline() == "[-5.0, 1.0, 2.0]\n"
    driver.call("cuIpcCloseMemHandle", address)
    with pytest.raises(CudaError, match="INVALID_VALUE"):
        driver.call("cuIpcCloseMemHandle", address)


@pytest.mark.parametrize(
    ("visible", "said"),
    [("0,1", "on 0"), ("1,0", "on 1"), ("1", "cuIpcOpenMemHandle_v2: CUDA_ERROR")],
)
def test_it_is_on_the_same_device_whatever_a_process_sees(handle, run_child, visible, said):
    child = run_child(
        f"""
from hpcpy_core.cuda_driver import CudaError
class Handle(ctypes.Structure):
    _fields_ = [("data", ctypes.c_uint8 * 64)]
handle = Handle.from_buffer_copy(bytes.fromhex("{bytes(handle).hex()}"))
driver, address = load_driver(), ctypes.c_uint64()
driver.use(0)
try:
    driver.call("cuIpcOpenMemHandle_v2", ctypes.byref(address), handle, 1)
    print("on", driver.locate(address.value))
except CudaError as error:
    print(error)
""",
        HPCPY_EMULATED_GPUS="2",
        CUDA_VISIBLE_DEVICES=visible,
    )
    assert child.stdout.startswith(said), child.stderr


def test_a_handle_that_is_opened_twice_is_closed_twice(driver, handle):
    first, second = opened(driver, handle), opened(driver, handle)
    assert first.value == second.value
    driver.call("cuIpcCloseMemHandle", first)
    assert read(driver, second, 2) == [0, 1]
    driver.call("cuIpcCloseMemHandle", second)


def test_the_memory_outlives_its_owner_and_leaves_no_trace(driver, owner, handle):
    address = opened(driver, handle)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    assert read(driver, address, 3) == [0, 1, 2]
    driver.call("cuIpcCloseMemHandle", address)
    with pytest.raises(CudaError, match="CUDA_ERROR_MAP_FAILED"):
        opened(driver, handle)
    assert [path for path in Path("/dev/shm").iterdir() if "hpcpy" in path.name] == []


def test_a_copy_stays_within_the_owners_array(driver, handle):
    address = opened(driver, handle)
    with pytest.raises(CudaError, match="INVALID_VALUE"):
        read(driver, address, 1001)
    driver.call("cuIpcCloseMemHandle", address)


def test_the_host_cannot_use_it(owner, handle, run_child):
    program = f"""
class Handle(ctypes.Structure):
    _fields_ = [("data", ctypes.c_uint8 * 64)]
handle = Handle.from_buffer_copy(bytes.fromhex("{bytes(handle).hex()}"))
address, driver = ctypes.c_uint64(), load_driver()
driver.use(0)
driver.call("cuIpcOpenMemHandle_v2", ctypes.byref(address), handle, 1)
ctypes.string_at(address.value, 1)
"""
    done = run_child(program)
    assert done.returncode == -signal.SIGSEGV, done.stderr


def test_what_is_not_a_handle_is_refused(driver):
    with pytest.raises(CudaError, match="INVALID_VALUE"):
        opened(driver, Handle())


def test_another_file_under_the_owners_number_is_not_taken_for_the_memory(driver, handle):
    handle.data[INODE] ^= 1
    with pytest.raises(CudaError, match="CUDA_ERROR_MAP_FAILED"):
        opened(driver, handle)


def test_a_process_does_not_open_its_own(driver):
    array, handle = DeviceArray(1), Handle()
    driver.call("cuIpcGetMemHandle", ctypes.byref(handle), ctypes.c_uint64(array.address))
    with pytest.raises(CudaError, match="CUDA_ERROR_INVALID_CONTEXT"):
        opened(driver, handle)


def test_opened_memory_is_not_passed_on_nor_freed(driver, handle):
    address = opened(driver, handle)
    for entry, arguments in {
        "cuIpcGetMemHandle": (ctypes.byref(Handle()), address),
        "cuMemFree_v2": (address,),
    }.items():
        with pytest.raises(CudaError, match="INVALID_VALUE"):
            driver.call(entry, *arguments)
    driver.call("cuIpcCloseMemHandle", address)
