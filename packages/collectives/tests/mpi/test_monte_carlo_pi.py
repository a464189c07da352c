import pytest
from mpi4py import MPI

from hpcpy_collectives.examples.monte_carlo_pi import STREAMS, monte_carlo_pi
from hpcpy_core.device import CPU
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def estimate(result):
    return float(result.lines[0].rpartition(" ")[2])


@pytest.mark.parametrize("seed", [0, 1, 2**70])
def test_the_estimate_does_not_depend_on_the_number_of_ranks(comm, seed):
    result, alone = monte_carlo_pi(comm, CPU, seed), monte_carlo_pi(MPI.COMM_SELF, CPU, seed)
    parallel_assert(comm, result.correct, result.expected)
    parallel_assert(comm, estimate(result) == estimate(alone), f"{result.lines} {alone.lines}")


def test_another_seed_gives_another_estimate(comm):
    estimates = {estimate(monte_carlo_pi(comm, CPU, seed)) for seed in range(6)}
    parallel_assert(comm, len(estimates) > 3, f"{estimates}")


def test_every_stream_is_drawn_once(comm):
    result = monte_carlo_pi(comm, CPU)
    drawn = comm.allreduce(int(result.lines[0].split()[1]))
    parallel_assert(comm, drawn == STREAMS, f"{drawn} streams")
