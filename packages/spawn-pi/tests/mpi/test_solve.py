"""All ranks agree: on the mode, on pi's place, and on what is wrong."""

import math
from dataclasses import replace

import pytest

from hpcpy_core.errors import InputError
from hpcpy_spawn_pi import choose_mode, run
from hpcpy_spawn_pi.parameters import Parameters
from hpcpy_spawn_pi.situation import look_around
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


def test_pi_is_on_rank_0_and_the_choice_on_all(comm):
    parameters = Parameters(workers=comm.size, intervals=10**6, mode="split")
    result = run(parameters, comm=comm, device="cpu")
    good = abs(result.pi - math.pi) < 2e-13 if comm.rank == 0 else result.pi == 0
    parallel_assert(comm, good, f"pi is {result.pi}")
    parallel_assert(comm, result.choice.mode == "split", f"{result.choice}")


def test_what_rank_0_sees_settles_it_for_all(comm, monkeypatch):
    """The others do not look: their launcher may be another's child, on another node."""
    wanted = comm.size + 1
    if comm.rank == 0:
        seen = replace(look_around(comm), launcher=None)
        monkeypatch.setattr(choose_mode, "look_around", lambda comm: seen)
    else:
        monkeypatch.setattr(choose_mode, "look_around", None)
    chosen = choose_mode.choose_mode(Parameters(workers=wanted), comm)
    parallel_assert(comm, chosen.mode == "split", f"chose {chosen}")
    parallel_assert(comm, chosen.parameters.workers == comm.size, f"chose {chosen}")
    parallel_assert(comm, "without a launcher" in chosen.reason, f"chose {chosen}")
    with parallel_raises(comm, InputError, "--mode futures: .*without a launcher") as caught:
        choose_mode.choose_mode(Parameters(mode="futures"), comm)
    parallel_assert(comm, caught.error.agreed, "is not marked as agreed")


def test_parameters_that_differ_between_ranks_are_refused_on_all(comm):
    if comm.size == 1:
        return
    intervals = 10**6 if comm.rank < comm.size - 1 else 10**5
    parameters = Parameters(workers=comm.size, intervals=intervals, mode="split")
    with parallel_raises(
        comm, InputError, f"parameters differs .* rank {comm.size - 1} has"
    ) as caught:
        run(parameters, comm=comm, device="cpu")
    parallel_assert(comm, "intervals: 100000" in str(caught.error), f"says {caught.error}")
