import pytest

from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.scaling.plan import Case
from hpcpy_diffusion.scaling.run_cases import Outcome


@pytest.fixture
def report():
    """Return a function that makes the report of a job."""

    def make(ranks, speed=1.0, *, mass=36.0, halo=0.25, nodes=1):
        return {
            "ranks": ranks,
            "nodes": nodes,
            "kernel": "numba",
            "mpi": "MPICH 5.0.2",
            "dims": [ranks, 1],
            "threads": 1,
            "halo_depth": 0 if ranks == 1 else 16,
            "exchange": "none" if ranks == 1 else "persistent",
            "seconds": {"total": 1.0, "compute": 1.0 - halo, "halo": halo, "output": 0.0},
            "gcells_per_second": speed,
            "mass": mass,
        }

    return make


@pytest.fixture
def outcome(report):
    """Return a function that makes an outcome from the speeds of its repeats."""

    def make(mode, ranks, speeds=(), *, failed=None, points=20, **options):
        case = Case(mode=mode, ranks=ranks, parameters=Parameters(dx=20 / points))
        reports = [report(ranks, speed, **options) for speed in speeds]
        return Outcome(case=case, reports=reports, failed=failed)

    return make
