"""Work in streams that nobody drives."""

import pytest

from hpcpy_core.cuda_driver import CudaError
from hpcpy_testing.host_queues import HostQueues


@pytest.fixture
def done():
    return []


@pytest.fixture
def queues():
    return HostQueues()


def test_work_is_done_in_its_order_when_it_is_asked_for(queues, done):
    for number in range(3):
        queues.add(5, lambda number=number: done.append(number))
    queues.add(6, lambda: done.append("other"))
    queues.finish(5)
    assert done == [0, 1, 2]
    queues.finish_all()
    assert done[3:] == ["other"]


def test_the_default_stream_has_two_names(queues, done):
    queues.add(0, lambda: done.append("a"))
    queues.finish(1)
    assert done == ["a"]


def test_a_wait_is_for_what_was_recorded_before_it(queues, done):
    queues.add_wait(6, 77)  # never recorded
    queues.add(5, lambda: done.append("a"))
    queues.record(77, 5)
    queues.add(5, lambda: done.append("late"))
    queues.add_wait(6, 77)
    queues.record(77, 5)
    queues.finish(6)
    assert done == ["a"]


def test_captured_work_is_not_done(queues, done):
    queues.begin_capture(5)
    queues.add(5, lambda: done.append("a"))
    assert queues.is_capturing(5)
    assert not queues.is_capturing(6)
    for call in (queues.finish, queues.begin_capture, lambda s: queues.record(7, s)):
        with pytest.raises(CudaError, match="not in a stream that is captured"):
            call(5)
    (work,) = queues.end_capture(5)
    queues.finish(5)
    assert done == []
    work()
    assert done == ["a"]
