import pytest

from hpcpy_mpiio.statistics import total_over_ranks
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def test_bytes_of_all_ranks_and_seconds_of_the_slowest(comm):
    found = total_over_ranks(comm, 2**40 + comm.rank, 1.0 + comm.rank)
    ranks = comm.size
    expected = (ranks * 2**40 + ranks * (ranks - 1) // 2, float(ranks))
    parallel_assert(comm, found == expected, f"{found}, not {expected}")
