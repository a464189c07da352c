import pytest

from hpcpy_collectives.overhead import measure_overhead
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def test_both_loops_are_compared(comm):
    """That they run; how little it is, no busy machine can say."""
    alone = comm.Split(comm.rank)
    try:
        found = measure_overhead(alone, iterations=10)
    finally:
        alone.Free()
    parallel_assert(comm, set(found) == {"ping-pong", "allreduce"}, str(found))
