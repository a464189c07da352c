import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.datatypes import committed, subarray
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


@pytest.mark.parametrize("dtype", ["f8", "f4", "i4", "c16", "u1"])
def test_a_subarray_moves_only_its_region(comm, dtype):
    region = (slice(1, 4), slice(2, 3))
    source = np.arange(30).reshape(5, 6).astype(dtype)
    target = np.zeros((5, 6), dtype=dtype)
    right, left = (comm.rank + 1) % comm.size, (comm.rank - 1) % comm.size
    with subarray(dtype, source.shape, region) as column:
        comm.Sendrecv((source, 1, column), right, recvbuf=(target, 1, column), source=left)
    expected = np.zeros_like(source)
    expected[region] = source[region]
    parallel_assert(comm, np.array_equal(target, expected), f"received {target}")


def test_the_datatype_is_freed_after_the_block(comm):
    with committed(MPI.INT.Create_vector(2, 1, 3)) as datatype:
        parallel_assert(comm, datatype.Get_size() == 8, "size")
    parallel_assert(comm, datatype == MPI.DATATYPE_NULL, "not freed")


def test_the_datatype_is_freed_after_an_error(comm):
    with pytest.raises(ZeroDivisionError), subarray("f8", (4, 4), (slice(0, 1),) * 2) as datatype:
        raise ZeroDivisionError
    parallel_assert(comm, datatype == MPI.DATATYPE_NULL, "not freed")
