"""The entries, called on the emulated driver; and what is said where there is none."""

import ctypes
import os
import subprocess
import sys

import numpy as np
import pytest

from hpcpy_core import cuda_driver
from hpcpy_core.cuda_driver import CudaError, Driver, NoDriverError
from hpcpy_testing.emulated_driver import build_driver, driver_environment

SIZE = 1000


@pytest.fixture
def driver():
    library = ctypes.CDLL(str(build_driver() / cuda_driver.NAME))
    driver = Driver(library)
    driver.call("cuInit", 0)
    driver.use(0)
    return driver


@pytest.fixture
def block(driver):
    address = driver.allocate(SIZE)
    yield address
    driver.free(address)


@pytest.fixture
def pinned(driver):
    """Two arrays in page-locked memory: 0, 1, 2... and zeros."""
    addresses = [driver.allocate_host(SIZE) for _ in range(2)]
    arrays = [
        np.frombuffer((ctypes.c_uint8 * SIZE).from_address(address), np.uint8)
        for address in addresses
    ]
    arrays[0][:] = np.arange(SIZE) % 251
    arrays[1][:] = 0
    yield arrays
    for address in addresses:
        driver.free_host(address)


def run(program, **environment):
    """Run a program that has `load_driver`, in a process of its own."""
    prelude = "from hpcpy_core.cuda_driver import CudaError, load_driver\n"
    return subprocess.run(
        ["timeout", "-k", "5", "60", sys.executable, "-c", prelude + program],
        env={**os.environ, **driver_environment(), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_to_the_device_and_back(driver, block, pinned):
    source, target = pinned
    driver.copy_to_device(block, source.ctypes.data, SIZE)
    driver.copy_to_host(target.ctypes.data, block, SIZE)
    assert not target.any()
    driver.synchronize()
    assert np.array_equal(target, source)


def test_a_stream_waits_for_an_event_of_another(driver, block, pinned):
    source, target = pinned
    first, second = driver.make_stream(), driver.make_stream()
    event, end = driver.make_event(), driver.make_event()
    driver.copy_to_device(block, source.ctypes.data, SIZE, first)
    driver.record(event, first)
    driver.wait_in_stream(second, event)
    driver.copy_to_host(target.ctypes.data, block, SIZE, second)
    driver.record(end, second)
    assert not target.any()
    driver.wait(end)
    assert np.array_equal(target, source)
    for each in (event, end):
        driver.destroy_event(each)
    for each in (first, second):
        driver.destroy_stream(each)


def test_an_event_is_asked_until_it_has_happened(driver, block, pinned):
    stream, event = driver.make_stream(), driver.make_event()
    assert driver.has_happened(event)
    driver.copy_to_device(block, pinned[0].ctypes.data, SIZE, stream)
    driver.record(event, stream)
    assert not driver.has_happened(event)
    assert any(driver.has_happened(event) for _ in range(10))
    with pytest.raises(CudaError, match="cuEventQuery: CUDA_ERROR_INVALID_HANDLE") as caught:
        driver.has_happened(stream)
    assert caught.value.name == "CUDA_ERROR_INVALID_HANDLE"
    driver.destroy_event(event)
    driver.destroy_stream(stream)


def test_the_device_waits_for_all_streams(driver, block, pinned):
    stream, event = driver.make_stream(), driver.make_event()
    driver.copy_to_device(block, pinned[0].ctypes.data, SIZE, stream)
    driver.record(event, stream)
    driver.synchronize_device()
    assert driver.has_happened(event)


def test_memory_is_where_it_is(driver, block, pinned):
    assert driver.locate(block) == driver.locate(block + SIZE - 1) == 0
    assert driver.locate(pinned[0].ctypes.data) is None
    assert driver.locate(np.zeros(3).ctypes.data) is None


def test_memory_is_counted(driver, block):
    free, total = driver.free_memory()
    assert 0 < free < total
    address = driver.allocate(2**20)
    assert driver.free_memory() == (free - 2**20, total)
    driver.free(address)


def test_an_error_is_named(driver):
    with pytest.raises(CudaError, match=r"cuMemFree_v2: CUDA_ERROR_INVALID_VALUE \(.+\)"):
        driver.free(12345)


def test_contexts_are_put_back():
    done = run(
        """
driver = load_driver()
print(driver.current_device())
with driver.on(1):
    with driver.on(0):
        print(driver.current_device())
    print(driver.current_device())
    address = driver.allocate(8)
print(driver.current_device(), driver.locate(address))
driver.use(1)
print(driver.current_device())
print(driver.version(), driver.count_devices(), driver.device_name(1))
print(len(driver.device_uuid(0)), driver.device_uuid(0) != driver.device_uuid(1))
""",
        HPCPY_EMULATED_GPUS="2",
    )
    lines = done.stdout.splitlines()
    assert lines[:5] == ["None", "0", "1", "None 1", "1"], done.stderr
    assert lines[5].startswith("13000 2 ")
    assert lines[6] == "32 True"


@pytest.mark.parametrize("devices", ["0", "broken"])
def test_a_driver_that_cannot_be_initialised_says_why(devices):
    done = run(
        """
try:
    load_driver()
except CudaError as error:
    print(error.name)
""",
        HPCPY_EMULATED_GPUS=devices,
    )
    named = {"0": "CUDA_ERROR_NO_DEVICE", "broken": "CUDA_ERROR_UNKNOWN"}[devices]
    assert done.stdout.strip() == named, done.stderr


def test_no_driver_is_told(monkeypatch):
    monkeypatch.setattr(cuda_driver, "NAME", "libcuda-of-nobody.so.1")
    with pytest.raises(NoDriverError, match=r"no NVIDIA driver: libcuda-of-nobody.so.1 cannot be"):
        cuda_driver.load_driver.__wrapped__()
