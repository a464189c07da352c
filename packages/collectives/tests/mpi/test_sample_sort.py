import numpy as np
import pytest

from hpcpy_collectives.examples.sample_sort import sort
from hpcpy_core.device import CPU
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def random(rank, size):
    return np.random.default_rng([3, rank]).normal(size=500)


def uneven(rank, size):
    return np.random.default_rng([4, rank]).random(7**rank)


CASES = {
    "random": random,
    "uneven": uneven,
    "sorted": lambda rank, size: np.arange(100.0) + 100 * rank,
    "reversed": lambda rank, size: np.arange(100.0)[::-1] + 100 * (size - rank),
    "interleaved": lambda rank, size: np.arange(100.0) * size + rank,
    "all the same": lambda rank, size: np.full(50, 7.0),
    "few different": lambda rank, size: np.arange(300) % 3,
    "integers beyond 2^53": lambda rank, size: 2**62 + np.arange(100, 0, -1) + rank,
    "float32": lambda rank, size: random(rank, size).astype("float32"),
    "infinities and NaN": lambda rank, size: np.array([np.nan, np.inf, -np.inf, rank, -0.0]),
    "one value each": lambda rank, size: np.array([float(-rank)]),
    "all on the last rank": lambda rank, size: np.arange(99.0 * (rank == size - 1))[::-1],
    "one value in all": lambda rank, size: np.full(int(rank == 0), 1.5),
    "nothing": lambda rank, size: np.empty(0),
}


@pytest.mark.parametrize("case", CASES)
def test_together_the_ranks_have_what_a_serial_sort_makes(comm, case):
    make = CASES[case]
    mine = sort(comm, CPU, make(comm.rank, comm.size))
    together = np.concatenate(comm.allgather(mine))
    expected = np.sort(np.concatenate([make(rank, comm.size) for rank in range(comm.size)]))
    right = np.array_equal(together, expected, equal_nan=expected.dtype.kind == "f")
    parallel_assert(comm, right and mine.dtype == expected.dtype, f"{together} not {expected}")


@pytest.mark.parametrize("case", ["random", "sorted", "reversed", "interleaved"])
def test_no_rank_ends_with_more_than_twice_its_share(comm, case):
    values = CASES[case](comm.rank, comm.size)
    mine = sort(comm, CPU, values)
    parallel_assert(comm, mine.size <= 2 * values.size, f"{mine.size} of {values.size} a rank")


def test_the_input_is_left_as_it_was(comm):
    values = random(comm.rank, comm.size)
    before = values.copy()
    sort(comm, CPU, values)
    parallel_assert(comm, np.array_equal(values, before), "sorted in place")
