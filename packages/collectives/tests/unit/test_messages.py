import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_collectives.messages import blocks_message, message


@pytest.mark.parametrize(("dtype", "datatype"), [("uint8", MPI.BYTE), ("float32", MPI.FLOAT)])
def test_a_message_has_count_and_datatype_spelled_out(dtype, datatype):
    array = np.zeros(12, dtype)
    memory, count, found = message(array)
    assert (memory.address, memory.nbytes) == (array.ctypes.data, array.nbytes)
    assert (count, found) == (12, datatype)
    assert message(array, ranks=3)[1] == 4


def test_blocks_follow_each_other():
    array = np.zeros(9, np.uint8)
    _, (counts, displacements), datatype = blocks_message(array, (2, 0, 4, 3))
    assert counts.tolist() == [2, 0, 4, 3]
    assert displacements.tolist() == [0, 2, 2, 6]
    assert counts.dtype == displacements.dtype == np.intc
    assert datatype == MPI.BYTE
