"""Copies between arrays of NumPy, as late as a device may make them."""

import numpy as np
import pytest

from hpcpy_testing.host_driver import UNSENT, HostDriver


@pytest.fixture
def driver():
    return HostDriver(devices=2)


@pytest.fixture
def arrays():
    return np.arange(4, dtype="u1"), np.zeros(4, "u1"), np.zeros(4, "u1")


def test_a_copy_is_done_when_its_stream_is_waited_for(driver, arrays):
    source, target, _ = arrays
    stream, other = driver.make_stream(), driver.make_stream()
    driver.copy_to_device(target.ctypes.data, source.ctypes.data, 4, stream)
    driver.synchronize(other)
    assert not target.any()
    driver.synchronize(stream)
    assert np.array_equal(target, source)
    assert driver.synchronized == 2
    assert driver.notes == ["copy 0 starts", "copy 0 is done"]


def test_a_stream_waits_for_what_was_recorded_and_for_nothing_else(driver, arrays):
    source, target, last = arrays
    first, second, event = driver.make_stream(), driver.make_stream(), driver.make_event()
    driver.copy_to_device(target.ctypes.data, source.ctypes.data, 4, first)
    driver.record(event, first)
    driver.copy_to_device(source.ctypes.data, last.ctypes.data, 4, first)
    driver.wait_in_stream(second, event)
    driver.copy_to_host(last.ctypes.data, target.ctypes.data, 4, second)
    driver.synchronize(second)
    assert last.tolist() == source.tolist() == [0, 1, 2, 3]
    driver.synchronize_device()
    assert driver.notes[-1] == "copy 1 is done"


def test_to_ask_for_an_event_is_to_come_to_it(driver, arrays):
    source, target, _ = arrays
    event = driver.make_event()
    assert driver.has_happened(event)
    driver.copy_to_device(target.ctypes.data, source.ctypes.data, 4)
    driver.record(event)
    assert driver.has_happened(event)
    assert np.array_equal(target, source)


def test_page_locked_memory_is_kept_until_it_is_freed(driver):
    address = driver.allocate_host(10)
    assert driver.pinned[address].tolist() == [UNSENT] * 10
    driver.free_host(address)
    assert driver.pinned == {}


def test_devices_differ(driver):
    assert driver.count_devices() == 2
    assert len({driver.device_uuid(device) for device in range(2)}) == 2
    assert driver.device_name(0) != driver.device_name(1)
    driver.use(1)
    assert driver.used == [1]
