import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_core.message_buffer import DirectBuffer, HostBuffer, StagingBuffer
from hpcpy_testing.emulated_cupy import install_emulated_cupy


@pytest.fixture
def cupy(monkeypatch):
    return install_emulated_cupy(monkeypatch)


def test_host_memory_is_never_copied():
    array = np.arange(4)
    buffer = HostBuffer(array)
    for step in (buffer.to_mpi, buffer.synchronize, buffer.from_mpi):
        step()
    assert buffer.message is array


def test_direct_waits_for_the_device_before_mpi_reads_or_fills(cupy):
    buffer = DirectBuffer(cupy.arange(4))
    buffer.to_mpi()
    assert cupy.synchronized == 1
    buffer.synchronize()
    assert cupy.synchronized == 2
    buffer.from_mpi()
    assert cupy.synchronized == 2


def test_staging_copies_at_every_message_into_the_same_memory(cupy):
    array = cupy.zeros(3, dtype="float32")
    buffer = StagingBuffer(array)
    for value in (1, 2):
        array[...] = value
        buffer.to_mpi()
        assert buffer.message.tolist() == [value] * 3
    assert buffer.message.dtype == np.float32
    assert len(cupy.pinned) == 1


def test_staging_has_reached_the_device_when_it_returns(cupy):
    array = cupy.zeros(3)
    buffer = StagingBuffer(array)
    buffer.message[...] = [1, 2, 3]
    buffer.from_mpi()
    assert array.tolist() == [1, 2, 3]
    assert cupy.synchronized == 1


def test_buffers_of_equal_size_follow_each_other_in_the_same_memory(cupy):
    for _ in range(3):
        StagingBuffer(cupy.zeros((2, 3))).to_mpi()
    assert len(cupy.pinned) == 1
    held = [StagingBuffer(cupy.zeros((2, 3))) for _ in range(3)]
    assert len({buffer.message.ctypes.data for buffer in held}) == len(cupy.pinned) == 3


def test_an_empty_array_needs_no_pinned_memory(cupy):
    buffer = StagingBuffer(cupy.zeros((0, 3)))
    buffer.to_mpi()
    buffer.from_mpi()
    assert buffer.message.shape == (0, 3)
    assert cupy.pinned == []


@pytest.mark.parametrize("kind", [DirectBuffer, StagingBuffer])
def test_an_array_without_items_is_not_waited_for(cupy, kind):
    buffer = kind(cupy.zeros((0, 3)))
    buffer.to_mpi()
    buffer.synchronize()
    assert cupy.synchronized == 0


@pytest.mark.parametrize("kind", [DirectBuffer, StagingBuffer])
def test_host_memory_is_no_device_memory(cupy, kind):
    with pytest.raises(InputError, match=r"a numpy.ndarray is not in .*cupy.asarray\(array\)"):
        kind(np.arange(3))


@pytest.mark.parametrize("kind", [DirectBuffer, StagingBuffer])
def test_a_view_with_gaps_is_refused_with_the_call_that_mends_it(cupy, kind):
    with pytest.raises(InputError, match=r"shape \(3,\) .*cupy.ascontiguousarray\(array\)"):
        kind(cupy.arange(6)[::2])


@pytest.mark.parametrize("kind", [DirectBuffer, StagingBuffer])
def test_a_read_only_array_is_refused_before_it_is_received_into(cupy, kind):
    array = cupy.arange(6)
    array.flags.writeable = False
    buffer = kind(array)
    buffer.to_mpi()
    with pytest.raises(InputError, match="read-only"):
        buffer.synchronize()
