"""A message is the block's own memory, whatever its dtype, order and size."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.datatypes import committed
from hpcpy_mpiio import message as message_module
from hpcpy_mpiio.message import as_bytes, block_message

pytestmark = pytest.mark.mpi

SHAPES = [(), (5,), (4, 5), (3, 4, 5), (0, 5), (4, 0)]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_message_is_the_memory_of_the_block(shape, order):
    block = np.zeros(shape, ">c16", order=order)
    with block_message(block, order) as (buffer, count, datatype):
        assert (count, datatype) == (block.nbytes, MPI.BYTE)
        assert buffer.nbytes == block.nbytes
        assert np.shares_memory(buffer, block) == (block.size > 0)


@pytest.mark.parametrize("order", ["C", "F"])
def test_bytes_are_in_the_order_of_the_file(order):
    block = np.arange(6, dtype=np.int16).reshape(2, 3).astype(np.int16, order=order)
    assert as_bytes(block, order).tobytes() == block.tobytes(order)


def test_more_bytes_than_a_count_can_tell_are_one_item(monkeypatch):
    monkeypatch.setattr(message_module, "LARGEST_COUNT", 23)
    block = np.arange(24, dtype=np.uint8)
    packed = np.zeros_like(block)
    with block_message(block) as message:
        assert message[1] == 1
        MPI.COMM_SELF.Sendrecv(message, 0, recvbuf=packed)
    assert packed.tolist() == block.tolist()


def test_datatype_of_a_large_message_is_freed(monkeypatch):
    monkeypatch.setattr(message_module, "LARGEST_COUNT", 1)
    made = []

    def commit(datatype):
        made.append(datatype)
        return committed(datatype)

    monkeypatch.setattr(message_module, "committed", commit)
    with block_message(np.zeros(4)):
        assert made[0] != MPI.DATATYPE_NULL
    assert made[0] == MPI.DATATYPE_NULL
