"""Repeated datatypes pack the right bytes, with counts that stay small."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core import repeat_datatype as repeat_module
from hpcpy_core.datatypes import committed
from hpcpy_core.repeat_datatype import repeat_datatype

pytestmark = pytest.mark.mpi


def pack(datatype, buffer):
    packed = np.zeros(datatype.size, np.uint8)
    MPI.COMM_SELF.Sendrecv((buffer, 1, datatype), 0, recvbuf=packed)
    return packed.tolist()


@pytest.mark.parametrize("largest", [2, 3, 4, 1000])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 8, 9, 11, 27])
def test_copies_at_equal_distances(monkeypatch, largest, count):
    monkeypatch.setattr(repeat_module, "LARGEST_COUNT", largest)
    buffer = np.arange(3 * count, dtype=np.uint8)
    with committed(repeat_datatype(MPI.BYTE, count, 3)) as datatype:
        assert pack(datatype, buffer) == list(range(0, 3 * count, 3))


def test_more_copies_than_a_count_can_tell():
    count = 3 * 2**31 + 5
    with committed(repeat_datatype(MPI.BYTE, count, 1)) as datatype:
        assert datatype.Get_size() == count
        assert datatype.Get_extent() == (0, count)


def test_given_datatype_stays_usable(monkeypatch):
    monkeypatch.setattr(repeat_module, "LARGEST_COUNT", 2)
    with committed(MPI.BYTE.Create_contiguous(2)) as pair:
        repeat_datatype(pair, 5, 2).Free()
        assert pack(pair, np.array([7, 8], np.uint8)) == [7, 8]
