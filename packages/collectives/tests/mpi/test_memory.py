import pytest

from hpcpy_collectives.memory import check_memory
from hpcpy_collectives.operations import OPERATIONS
from hpcpy_collectives.plan import Case
from hpcpy_core.errors import InputError
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


def case_of(name, size):
    return Case(operation=OPERATIONS[name], api="buffer", size=size, iterations=1, warmup=0)


def test_the_buffers_of_all_ranks_of_a_node_count(comm):
    """An alltoall holds P blocks to send and P to receive, twice, on P ranks of this node."""
    needed = 4 * comm.size**2 * 1024
    check_memory([case_of("alltoall", 1024)], comm, available=needed)
    words = "alltoall of 1K B needs .* GiB for .* of a node"
    with parallel_raises(comm, InputError, match=words) as caught:
        check_memory([case_of("alltoall", 1024)], comm, available=needed - 1)
    parallel_assert(comm, caught.error.agreed and caught.error.exit_code == 2)


def test_a_node_with_less_memory_than_others_speaks_for_all(comm):
    last = comm.rank == comm.size - 1
    with parallel_raises(comm, InputError, match="end --sizes earlier"):
        check_memory([case_of("bcast", 1024)], comm, available=1 if last else 1 << 40)


def test_the_case_that_needs_most_is_named(comm):
    cases = [case_of("bcast", 64), case_of("alltoall", 1024), case_of("bcast", 1024)]
    with parallel_raises(comm, InputError, match="alltoall of 1K B needs"):
        check_memory(cases, comm, available=1)
