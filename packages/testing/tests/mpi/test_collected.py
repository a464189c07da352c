import pytest

from hpcpy_testing.assertions import parallel_assert
from hpcpy_testing.collected import Collected, meet

pytestmark = pytest.mark.mpi


def test_ranks_with_the_same_tests_have_nothing_to_tell(comm):
    found = meet(comm, Collected(tests=["a", "b"], skipped={"c": f"on rank {comm.rank}"}))
    parallel_assert(comm, found == [])


@pytest.mark.mpi(min_size=2)
@pytest.mark.parametrize("changed", [{"tests": ["b", "a"]}, {"error": "test_b.py"}])
def test_a_difference_on_the_last_rank_reaches_all(comm, changed):
    last = comm.rank == comm.size - 1
    found = meet(comm, Collected(**{"tests": ["a", "b"], **(changed if last else {})}))
    parallel_assert(comm, len(found) == comm.size)
    parallel_assert(comm, found[-1] == Collected(**{"tests": ["a", "b"], **changed}))
    parallel_assert(comm, found[0] == Collected(tests=["a", "b"]))
