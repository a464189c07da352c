import pytest

from hpcpy_core.agree import agree
from hpcpy_core.errors import InputError
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


def test_the_same_wish_is_agreed(comm):
    agree(comm, "the same", None)


def test_an_error_goes_before_wishes_that_differ(comm):
    last = comm.rank == comm.size - 1
    with parallel_raises(comm, InputError, match="wrong on the last") as caught:
        agree(comm, f"wish {comm.rank}", InputError("wrong on the last") if last else None)
    parallel_assert(comm, caught.error.agreed)


@pytest.mark.parametrize("odd", [0, -1])
def test_one_other_wish_is_found_whichever_rank_has_it(comm, odd):
    rank = odd % comm.size
    wish = "that" if comm.rank == rank else "this"
    if comm.size == 1:
        agree(comm, wish, None)
        return
    with parallel_raises(comm, InputError, match=f"rank {rank}: that") as caught:
        agree(comm, wish, None)
    parallel_assert(comm, "the ranks do not want the same" in str(caught.error))
