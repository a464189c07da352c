import numpy as np
import pytest

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import InputError
from hpcpy_mpiio.check import check_alike, check_block, check_decomposition
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


def test_decomposition_for_these_ranks(comm):
    check_decomposition(Decomposition(shape=(9, 9), dims=(1, comm.size)), comm)


def test_decomposition_for_others_says_how_to_get_the_right_one(comm):
    decomposition = Decomposition(shape=(9, 9), dims=(2, comm.size))
    with parallel_raises(comm, InputError, rf"MPI\.Compute_dims\({comm.size}, 2\)"):
        check_decomposition(decomposition, comm)


def test_block_that_is_owned(comm):
    decomposition = Decomposition(shape=(9, 9), dims=(comm.size, 1))
    check_block(np.zeros(decomposition.owned(comm.rank).shape), decomposition, comm.rank)


def test_interior_instead_of_owned_block(comm):
    decomposition = Decomposition(shape=(9, 9), dims=(comm.size, 1), boundary=1)
    block = np.zeros(decomposition.interior(comm.rank).shape)
    with parallel_raises(comm, InputError, rf"rank {comm.rank} gave .*decomposition\.owned"):
        check_block(block, decomposition, comm.rank)


def test_same_value_everywhere(comm):
    check_alike("a number", 3, comm)


def test_every_rank_learns_of_a_different_value(comm):
    # NaN differs even from itself, so that one rank is enough.
    value = float("nan") if comm.rank == comm.size - 1 else 3
    with parallel_raises(comm, InputError, f"rank {comm.size - 1} gave a number nan") as caught:
        check_alike("a number", value, comm)
    parallel_assert(comm, caught.error.agreed, "not marked as agreed")
