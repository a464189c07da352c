"""Work is done where somebody waits for it, and nowhere else."""

import math

import numpy as np
import pytest

from hpcpy_core.cuda_driver import CudaError
from hpcpy_core.device_memory import device_memory


@pytest.fixture
def array(cupy):
    return cupy.zeros(3)


@pytest.fixture
def launch(add, array):
    """Put a launch into the current stream, which adds to the array."""
    return lambda step=1.0: add((1,), (32,), (array, np.float64(step), np.int32(3)))


def peek(array):
    """Look at device memory, as no program can."""
    return array.view(np.ndarray).tolist()


def test_a_launch_is_done_when_its_stream_is_waited_for(cupy, array, launch):
    stream, other = (cupy.cuda.Stream(non_blocking=True) for _ in range(2))
    with stream:
        launch()
    other.synchronize()
    cupy.cuda.get_current_stream().synchronize()
    assert peek(array) == [0, 0, 0]
    stream.synchronize()
    assert peek(array) == [1, 1, 1]
    assert cupy.synchronized == 3


@pytest.mark.parametrize(
    "operation",
    [
        lambda array: array.get().tolist(),
        lambda array: (array + 0).view(np.ndarray).tolist(),
        lambda array: array.copy().view(np.ndarray).tolist(),
        lambda array: array[[0, 1, 2]].view(np.ndarray).tolist(),
        lambda array: [float(array.sum())] * 3,
    ],
)
def test_an_operation_comes_behind_the_work_in_its_stream_only(cupy, array, launch, operation):
    stream = cupy.cuda.Stream(non_blocking=True)
    with stream:
        launch()
    assert operation(array) == [0, 0, 0]
    with stream:
        assert operation(array)[0] in (1, 3)


def test_a_view_waits_for_nothing(cupy, array, launch):
    launch()
    part = array[1:]
    assert peek(part) == [0, 0]
    part[0] = 5
    assert peek(array) == [1, 5, 1]


def test_an_array_names_the_stream_that_is_current(cupy, array):
    assert device_memory(array).stream == 1
    with cupy.cuda.Stream(non_blocking=True) as stream:
        assert device_memory(array).stream == stream.ptr
    assert device_memory(array).stream == 1
    with cupy.cuda.ExternalStream(stream.ptr):
        assert device_memory(array).stream == stream.ptr


def test_a_stream_waits_for_an_event_in_another(cupy, array, launch):
    first, second = (cupy.cuda.Stream(non_blocking=True) for _ in range(2))
    with first:
        launch(2.0)
        event = first.record()
        launch(100.0)
    second.wait_event(event)
    second.synchronize()
    assert peek(array) == [2, 2, 2]


def test_events_know_the_time_when_they_were_waited_for(cupy, launch):
    begin, end = cupy.cuda.Event(), cupy.cuda.Event(disable_timing=False)
    begin.record()
    launch()
    end.record()
    with pytest.raises(RuntimeError, match="NotReady"):
        cupy.cuda.get_elapsed_time(begin, end)
    end.synchronize()
    assert 0 < cupy.cuda.get_elapsed_time(begin, end) < math.inf
    untimed = cupy.cuda.Event(disable_timing=True)
    with pytest.raises(RuntimeError, match="without timing"):
        cupy.cuda.get_elapsed_time(begin, untimed)


def test_a_stream_may_become_the_current_one_for_good(cupy, array, launch):
    stream = cupy.cuda.Stream(non_blocking=True).use()
    launch()
    assert cupy.cuda.get_current_stream() is stream
    stream.synchronize()
    assert peek(array) == [1, 1, 1]


def test_a_graph_is_launched_as_often_as_wanted(cupy, array, launch):
    stream = cupy.cuda.Stream(non_blocking=True)
    with stream:
        stream.begin_capture()
        assert stream.is_capturing()
        launch(1.0)
        cupy.multiply(array, 2, out=array)
        array[0] = 7
        graph = stream.end_capture()
    stream.synchronize()
    assert peek(array) == [0, 0, 0]
    graph.upload(stream)
    graph.launch(stream)
    graph.launch(stream)
    stream.synchronize()
    assert peek(array) == [7, 6, 6]
    graph.launch()
    cupy.cuda.get_current_stream().synchronize()
    assert peek(array) == [7, 14, 14]


@pytest.mark.parametrize(
    "call",
    [
        lambda stream, array: stream.synchronize(),
        lambda stream, array: stream.record(),
        lambda stream, array: stream.begin_capture(),
        lambda stream, array: array.get(),
        lambda stream, array: array + 1,
    ],
)
def test_what_cannot_be_captured_is_refused(cupy, array, call):
    with cupy.cuda.Stream(non_blocking=True) as stream:
        stream.begin_capture()
        with pytest.raises((CudaError, RuntimeError), match="captur"):
            call(stream, array)
        stream.end_capture()


def test_the_default_stream_is_not_captured(cupy):
    with pytest.raises(CudaError, match="the default stream cannot be captured"):
        cupy.cuda.get_current_stream().begin_capture()
    with pytest.raises(CudaError, match="this stream is not captured"):
        cupy.cuda.Stream(non_blocking=True).end_capture()


def test_streams_that_wait_for_the_default_one_are_not_emulated(cupy):
    with pytest.raises(ValueError, match="non_blocking=True"):
        cupy.cuda.Stream()
