import numpy as np
import pytest

from hpcpy_core.decomposition import Decomposition
from hpcpy_mpiio.stores.redistribute import redistribute
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


@pytest.mark.parametrize("dtype", ["<f8", ">c16", "S3"])
@pytest.mark.parametrize("shape", [(101, 67), (3, 2), (1, 37), (7, 11, 5)], ids=str)
def test_rows_become_columns(comm, make_array, divide, shape, dtype):
    array = make_array(shape, dtype)
    ones = (1,) * (len(shape) - 1)
    rows, block = divide(array, comm, (comm.size, *ones), boundary=int(min(shape) > 1))
    columns, expected = divide(array, comm, (*ones, comm.size))
    found = redistribute(block, rows.owned, columns.owned, comm)
    parallel_assert(comm, found.dtype == array.dtype, f"dtype {found.dtype}")
    parallel_assert(comm, np.array_equal(found, expected), "items differ")


def test_block_of_any_strides(comm, make_array, divide):
    array = np.asfortranarray(make_array((11, 7)))
    rows, block = divide(array, comm, (comm.size, 1))
    found = redistribute(block, rows.owned, rows.owned, comm)
    parallel_assert(comm, np.array_equal(found, block), "items differ")


def test_one_rank_gets_all(comm, make_array, divide):
    array = make_array((11, 7))
    rows, block = divide(array, comm, (comm.size, 1))
    whole = Decomposition(shape=(11, 7), dims=(1, 1)).owned(0)

    def nothing_but_for_rank_0(rank):
        return whole if rank == 0 else type(whole)(start=(0, 0), stop=(0, 0))

    found = redistribute(block, rows.owned, nothing_but_for_rank_0, comm)
    parallel_assert(comm, np.array_equal(found, array if comm.rank == 0 else np.zeros((0, 0))))
