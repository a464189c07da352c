from time import sleep

import pytest

from hpcpy_core.timing import max_over_ranks, time_interleaved
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def test_the_slowest_rank_counts(comm):
    parallel_assert(comm, max_over_ranks(comm, float(comm.rank)) == comm.size - 1, "maximum")


def test_cases_take_turns_and_all_ranks_get_the_same_figures(comm):
    calls = []
    timings = time_interleaved(
        {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, comm, repeats=3, warmup=2
    )
    parallel_assert(comm, calls == ["a", "b"] * 5, f"order {calls}")
    parallel_assert(comm, len(timings["a"].seconds) == 3, "warm-up was counted")
    same = len(set(comm.allgather(timings["b"].seconds))) == 1
    parallel_assert(comm, same, "ranks disagree")


def test_one_slow_rank_sets_the_time(comm):
    timings = time_interleaved(
        {"sleep": lambda: sleep(0.05 * (comm.rank == comm.size - 1))}, comm, repeats=1, warmup=0
    )
    parallel_assert(comm, timings["sleep"].median >= 0.05, "too short")
