"""What became of jobs of the probe, as if they had been run."""

import pytest

from hpcpy_doctor.probing.run_probe import Outcome
from hpcpy_doctor.probing.story import FIRST, LAST, Told

DONE = {
    "library": {"path": "/env/lib/libmpi.so.12", "text": "MPICH"},
    "init": {"thread_level": "multiple", "seconds": 0.02},
    "bandwidth": {"latency": 1e-6, "messages": 8e9, "copy": 40e9, "loopback": 0.0},
    "spawn": {"seconds": 0.1},
    "file": {"seconds": 0.01},
}


@pytest.fixture
def make_outcome():
    """Return a function that makes the outcome of a job; ranks may have ended before a stage."""

    def make(*before, trials=("p2p", "allreduce", "bandwidth"), ranks=2, size=None, **other):
        plan = (*FIRST, *trials, *LAST)
        failed, changes = other.pop("failed", None), other.pop("done", {})
        told = []
        for rank in range(ranks):
            stop = before[min(rank, len(before) - 1)] if before else None
            stages = plan[: plan.index(stop)] if stop else plan
            world = {"size": size or ranks, "rank": rank}
            done = {name: {**DONE, "world": world, **changes}.get(name, {}) for name in stages}
            told.append(Told(host="node1", pid=rank, plan=plan, done=done, failed=failed))
        usual = {"code": 1 if before else 0, "said": "", "limit": 8.0}
        return Outcome(ranks=ranks, told=tuple(told), **{**usual, **other})

    return make


@pytest.fixture(params=["MPICH Version:      5.0.2\n", "Open MPI v5.0.11, package: Open MPI"])
def library(request):
    """What the library of each MPI calls itself."""
    return request.param
