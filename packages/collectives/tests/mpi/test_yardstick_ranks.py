from collections import Counter

import pytest

from hpcpy_collectives.yardstick_ranks import time_cases
from hpcpy_collectives.yardstick_summary import TARGETS
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def test_every_case_has_every_block(comm):
    if comm.size == 1:
        return
    times = time_cases(comm, blocks=3, iterations=5)
    if comm.rank == 0:
        assert set(Counter(name for name, _ in times).values()) == {3}
        assert TARGETS.keys() <= {name for name, _ in times}
        assert all(seconds > 0 for _, seconds in times)
    parallel_assert(comm, all(seconds >= 0 for _, seconds in times))
