import numpy as np
import pytest

from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_core.errors import InputError
from hpcpy_mpiio.check import (
    check_alike,
    check_block,
    check_decomposition,
    check_inside,
    check_order,
    check_together,
)
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


def test_error_of_one_check_is_raised_on_every_rank(comm):
    def check():
        if comm.rank == comm.size - 1:
            raise InputError("this cannot work")
        return {"a number": 3}

    with parallel_raises(comm, InputError, "this cannot work"):
        check_together(check, comm)


def test_error_of_rank_0_does_not_hide_behind_a_difference(comm):
    def check():
        if comm.rank == 0:
            raise InputError("this cannot work")
        return {"a number": comm.rank}

    with parallel_raises(comm, InputError, "this cannot work"):
        check_together(check, comm)


def test_each_of_several_values_is_compared(comm):
    def check():
        return {"a number": 3, "a name": float("nan") if comm.rank == comm.size - 1 else "u"}

    with parallel_raises(comm, InputError, f"rank {comm.size - 1} gave a name nan"):
        check_together(check, comm)


@pytest.mark.parametrize("order", ["A", "fortran", "", None])
def test_unknown_order(order):
    check_order("C")
    check_order("F")
    with pytest.raises(InputError, match='give "C" or "F"'):
        check_order(order)


@pytest.mark.parametrize(
    ("start", "stop"),
    [((-1, 0), (2, 2)), ((0, 0), (4, 6)), ((2, 0), (1, 5)), ((0,), (4,)), ((0, 0, 0), (1, 1, 1))],
    ids=str,
)
def test_block_outside_of_the_array(start, stop):
    check_inside(Block(start=(0, 0), stop=(4, 5)), (4, 5))
    check_inside(Block(start=(4, 5), stop=(4, 5)), (4, 5))
    with pytest.raises(InputError, match=r"not part of an array of shape \(4, 5\)"):
        check_inside(Block(start=start, stop=stop), (4, 5))
