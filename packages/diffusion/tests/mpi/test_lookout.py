"""All ranks decide alike, whichever rank has the signal and whatever its clock says."""

import pytest

from hpcpy_diffusion import lookout as lookout_module
from hpcpy_diffusion.catch_sigusr1 import StopRequest
from hpcpy_diffusion.every import Every
from hpcpy_diffusion.lookout import Lookout
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


class Clock:
    """A clock that a test turns; each rank has its own."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(lookout_module, "perf_counter", clock)
    return clock


def decide_all(lookout, clock, comm, seconds_per_step, last):
    """Look as often as asked for until step `last`; return the decisions by step."""
    decisions, step = {}, lookout.start(0)
    while step <= last:
        # The other ranks' clocks run twice as fast: only rank 0's counts.
        clock.now = step * seconds_per_step * (1 if comm.rank == 0 else 2)
        decisions[step] = lookout.decide(step)
        if decisions[step].write:
            lookout.written()
        step = decisions[step].next_look
    return decisions


def agree(comm, value):
    parallel_assert(comm, value == comm.bcast(value, root=0), f"rank {comm.rank} has {value}")


def test_looks_are_a_tenth_of_a_second_apart(comm, clock):
    lookout = Lookout(comm, None, StopRequest())
    steps = list(decide_all(lookout, clock, comm, 1e-3, 500))
    agree(comm, steps)
    parallel_assert(comm, steps == [1, 11, 111, 211, 311, 411], f"{steps}")


def test_fast_steps_are_looked_after_every_thousand(comm, clock):
    steps = list(decide_all(Lookout(comm, None, StopRequest()), clock, comm, 1e-6, 4000))
    parallel_assert(comm, steps == [1, 11, 111, 1111, 2111, 3111], f"{steps}")


def test_a_slow_step_is_looked_after_at_once(comm, clock):
    steps = list(decide_all(Lookout(comm, None, StopRequest()), clock, comm, 3.0, 5))
    parallel_assert(comm, steps == [1, 2, 3, 4, 5], f"{steps}")


def test_a_run_that_gets_slower_is_looked_after_more_often(comm, clock):
    lookout = Lookout(comm, None, StopRequest())
    decide_all(lookout, clock, comm, 1e-5, 5_000)
    step = lookout.start(0)
    clock.now += step * 1e-2
    after = lookout.decide(step).next_look - step
    parallel_assert(comm, after == 10, f"{after}")


def test_so_many_steps(comm, clock):
    decisions = decide_all(Lookout(comm, Every(steps=250), StopRequest()), clock, comm, 1e-3, 1000)
    agree(comm, decisions)
    written = [step for step, decision in decisions.items() if decision.write]
    parallel_assert(comm, written == [250, 500, 750, 1000], f"{written}")


def test_steps_are_counted_from_0_after_a_restart_too(comm, clock):
    lookout = Lookout(comm, Every(steps=10), StopRequest())
    step, written = lookout.start(25), []
    while step < 60:
        decision = lookout.decide(step)
        written += [step] if decision.write else []
        step = decision.next_look
    parallel_assert(comm, written == [30, 40, 50], f"{written}")


def test_so_many_seconds_of_rank_0(comm, clock):
    lookout = Lookout(comm, Every(seconds=5), StopRequest())
    decisions = decide_all(lookout, clock, comm, 0.01, 2000)
    agree(comm, decisions)
    written = [step for step, decision in decisions.items() if decision.write]
    parallel_assert(comm, len(written) == 3, f"{written}")
    for number, step in enumerate(written, start=1):
        parallel_assert(comm, 0 <= step - 500 * number <= 30, f"{written}")


def test_a_signal_while_the_ranks_decide_is_seen_the_next_time(comm, clock):
    class Late(StopRequest):
        """The signal comes right after it was asked for."""

        asked = 0

        def __getattribute__(self, name):
            if name == "seen":
                self.asked += 1
                value = object.__getattribute__(self, name)
                object.__setattr__(self, "seen", True)
                return value
            return object.__getattribute__(self, name)

    lookout = Lookout(comm, None, Late())
    lookout.start(0)
    decisions = lookout.decide(1), lookout.decide(2)
    parallel_assert(comm, [d.stop for d in decisions] == [False, True], f"{decisions}")


def test_a_signal_on_one_rank_stops_all(comm, clock):
    requests = StopRequest(), StopRequest(seen=comm.rank == comm.size - 1)
    for request in requests:
        stop = Lookout(comm, None, request)
        step = stop.start(0)
        decision = stop.decide(step)
        agree(comm, decision)
        parallel_assert(comm, decision.stop == decision.write == (request is requests[1]), "stop")
        parallel_assert(comm, request.seen == decision.stop, "this rank does not know of it")
