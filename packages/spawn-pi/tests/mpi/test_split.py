"""Ranks that are there compute what one process computes, to the last bit."""

import pytest

from hpcpy_core.errors import InputError
from hpcpy_spawn_pi import split
from hpcpy_spawn_pi.kernels import BLOCK
from hpcpy_spawn_pi.parameters import Parameters
from hpcpy_spawn_pi.share import sum_part
from hpcpy_spawn_pi.split import compute_by_split
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

KERNEL = "numpy"
INTERVALS = 7 * BLOCK + 4711
WHOLE = sum_part(KERNEL, INTERVALS, 0, 8)


def test_any_number_of_ranks_gives_the_serial_sum(comm):
    for workers in range(1, comm.size + 1):
        parameters = Parameters(workers=workers, intervals=INTERVALS)
        outcome = compute_by_split(comm, parameters, KERNEL)
        expected = WHOLE if comm.rank == 0 else 0
        parallel_assert(comm, outcome.total == expected, f"{workers} workers: {outcome.total}")
        phases = outcome.phases
        parallel_assert(comm, min(phases.start, phases.compute, phases.end) >= 0, f"{phases}")


def test_more_workers_than_blocks(comm):
    outcome = compute_by_split(comm, Parameters(workers=comm.size, intervals=3), KERNEL)
    expected = sum_part(KERNEL, 3, 0, 1) if comm.rank == 0 else 0
    parallel_assert(comm, outcome.total == expected, f"{outcome.total}")


def test_more_workers_than_ranks_are_refused_on_every_rank(comm):
    wanted = comm.size + 1
    words = f"{wanted} workers, but only {comm.size} rank.*mpiexec -n {wanted}`.*{comm.size}$"
    with parallel_raises(comm, InputError, words) as caught:
        compute_by_split(comm, Parameters(workers=wanted), KERNEL)
    parallel_assert(comm, caught.error.agreed, "is not marked as agreed")


@pytest.mark.parametrize("step", ["prepare_worker", "sum_share"])
def test_one_rank_that_fails_is_heard_on_all(comm, monkeypatch, step):
    def fail(*given):
        if comm.rank == workers - 1:
            raise MemoryError(f"rank {comm.rank} has had enough")

    workers = max(1, comm.size - 1)  # so that an idle rank hears it, too
    monkeypatch.setattr(split, step, fail)
    with parallel_raises(comm, MemoryError, f"rank {workers - 1} has had enough"):
        compute_by_split(comm, Parameters(workers=workers, intervals=INTERVALS), KERNEL)
