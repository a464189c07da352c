import numpy as np
import pytest

from hpcpy_core import repeat_datatype
from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_diffusion.gather import gather_field
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


@pytest.mark.parametrize("last_is_root", [False, True])
@pytest.mark.parametrize("shape", [(11, 5), (3, 40), (2, 2)])
def test_the_root_gets_the_whole_field(comm, shape, last_is_root):
    root = comm.size - 1 if last_is_root else 0
    whole = np.arange(np.prod(shape), dtype="float64").reshape(shape)
    everything = Block(start=(0, 0), stop=shape)
    for dims in ((comm.size, 1), (1, comm.size)):
        decomposition = Decomposition(shape=shape, dims=dims, boundary=1)
        block = whole[decomposition.owned(comm.rank).within(everything)]
        field = gather_field(block, decomposition, comm, root)
        right = np.array_equal(field, whole) if comm.rank == root else field is None
        parallel_assert(comm, right, f"dims {dims}: {field}")


def test_a_block_of_more_points_than_mpi_can_count(comm, monkeypatch):
    monkeypatch.setattr(repeat_datatype, "LARGEST_COUNT", 5)
    decomposition = Decomposition(shape=(9, 7), dims=(comm.size, 1))
    whole = np.arange(63.0).reshape(9, 7)
    own = whole[decomposition.owned(comm.rank).within(Block(start=(0, 0), stop=(9, 7)))]
    field = gather_field(own, decomposition, comm, root=comm.size - 1)
    right = field is None if comm.rank < comm.size - 1 else np.array_equal(field, whole)
    parallel_assert(comm, right, f"{field}")
