from itertools import pairwise

import pytest

from hpcpy_core.copy_lane import CHUNK, in_chunks, take_lane
from hpcpy_core.device_memory import device_memory
from hpcpy_testing.emulated_cupy import install_emulated_cupy


@pytest.fixture
def cupy(monkeypatch):
    return install_emulated_cupy(monkeypatch)


@pytest.mark.parametrize("nbytes", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])
def test_chunks_are_the_message_without_gaps(nbytes):
    chunks = in_chunks(nbytes)
    assert chunks[0][0] == 0
    assert all(start + size == after for (start, size), (after, _) in pairwise(chunks))
    assert sum(size for _, size in chunks) == nbytes
    assert all(0 < size <= CHUNK for _, size in chunks) or chunks == [(0, 0)]


def test_a_chunk_holds_whole_items():
    assert CHUNK % 32 == 0  # a complex number of two long doubles is the longest


def test_a_lane_that_was_given_back_is_taken_again(cupy):
    memory = device_memory(cupy.arange(4))
    with take_lane(memory) as first, take_lane(memory) as second:
        assert first is not second
    with take_lane(memory) as third, take_lane(memory) as fourth:
        assert {third, fourth} == {first, second}


def test_copies_wait_for_the_work_in_the_array_s_stream(cupy):
    array = cupy.arange(4, dtype="u1")
    late = cupy.asarray([9, 8, 7, 6], dtype="u1")
    address = array.__cuda_array_interface__["data"][0]
    source = late.__cuda_array_interface__["data"][0]
    cupy.driver.copy_to_device(address, source, 4, stream=1)
    memory = device_memory(array)
    with take_lane(memory) as lane:
        lane.copy_out(0, (1, 3))
        lane.wait(0)
        assert lane.message(0, 3).tolist() == [8, 7, 6]
