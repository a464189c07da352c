"""The order in which streams do their work; that they are late is shown in test_copies."""

import ctypes

import pytest

from hpcpy_core.cuda_driver import CudaError
from hpcpy_testing.emulated_driver import DeviceArray, Stream

FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
LEGACY, PER_THREAD = 1, 2
NOT_READY = 600


@pytest.fixture
def done(driver):
    """What streams have done, in order; `done.later(handle, name)` adds to their work."""

    class Done(list):
        def later(self, handle, name):
            function = FUNCTION(lambda _: self.append(name))
            self.alive = [*getattr(self, "alive", []), function]
            driver.call("cuLaunchHostFunc", ctypes.c_void_p(handle), function, None)

    return Done()


def synchronize(driver, handle):
    driver.call("cuStreamSynchronize", ctypes.c_void_p(handle))


def test_a_stream_does_its_own_work_in_order(driver, done):
    mine, other = Stream(non_blocking=True), Stream(non_blocking=True)
    done.later(mine.handle, "first")
    done.later(other.handle, "other")
    done.later(mine.handle, "second")
    assert done == []
    mine.synchronize()
    assert done == ["first", "second"]
    other.synchronize()
    assert done == ["first", "second", "other"]


@pytest.mark.parametrize("default", [None, LEGACY, PER_THREAD])
def test_the_default_stream_waits_for_the_others(driver, done, default):
    blocking, non_blocking = Stream(), Stream(non_blocking=True)
    done.later(blocking.handle, "blocking")
    done.later(non_blocking.handle, "non-blocking")
    synchronize(driver, default)
    assert done == ["blocking"]
    non_blocking.synchronize()


def test_the_others_wait_for_the_default_stream(driver, done):
    blocking, non_blocking = Stream(), Stream(non_blocking=True)
    done.later(None, "default")
    done.later(non_blocking.handle, "non-blocking")
    non_blocking.synchronize()
    assert done == ["non-blocking"]
    done.later(blocking.handle, "blocking")
    done.later(None, "later")
    blocking.synchronize()
    assert done == ["non-blocking", "default", "blocking"]
    synchronize(driver, None)


def test_a_synchronous_copy_waits_as_the_default_stream_does(driver, done):
    blocking, array = Stream(), DeviceArray.zeros(1)
    done.later(blocking.handle, "blocking")
    size = ctypes.c_size_t(array.nbytes)
    host = (ctypes.c_uint8 * array.nbytes)()
    driver.call("cuMemcpyDtoH_v2", host, ctypes.c_uint64(array.address), size)
    assert done == ["blocking"]


def test_asking_brings_work_to_its_end(driver, done):
    stream = Stream(non_blocking=True)
    for name in ("first", "second"):
        done.later(stream.handle, name)
    assert [stream.is_done() for _ in range(3)] == [False, False, True]
    assert done == ["first", "second"]


def test_asking_the_default_stream_asks_for_what_it_waits_for(driver, done):
    blocking = Stream()
    done.later(blocking.handle, "blocking")
    assert driver.try_call("cuStreamQuery", None) == NOT_READY
    assert driver.try_call("cuStreamQuery", None) == 0
    assert done == ["blocking"]


def test_the_context_waits_for_all_streams(driver, done):
    streams = [Stream(non_blocking=True), Stream()]
    for stream in streams:
        done.later(stream.handle, "work")
    driver.call("cuCtxSynchronize")
    assert done == ["work", "work"]


def test_a_destroyed_stream_does_its_work_and_is_gone(driver, done):
    stream = Stream(non_blocking=True)
    handle = stream.handle
    done.later(handle, "work")
    del stream
    assert done == ["work"]
    with pytest.raises(CudaError, match="CUDA_ERROR_INVALID_HANDLE"):
        synchronize(driver, handle)


def test_a_callback_is_told_the_stream_and_the_result(driver):
    stream, told = Stream(), []
    function = CALLBACK(lambda *arguments: told.append(arguments))
    handle = ctypes.c_void_p(stream.handle)
    driver.call("cuStreamAddCallback", handle, function, ctypes.c_void_p(7), 0)
    assert told == []
    stream.synchronize()
    assert told == [(stream.handle, 0, 7)]
