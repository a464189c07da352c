import json
import math

import pytest
from mpi4py import MPI

from hpcpy_core.selection import select
from hpcpy_spawn_pi.choose_mode import Choice
from hpcpy_spawn_pi.outcome import Phases
from hpcpy_spawn_pi.parameters import Parameters
from hpcpy_spawn_pi.solve import Result
from hpcpy_spawn_pi.summary import summarise


@pytest.fixture
def result():
    parameters = Parameters(workers=3, intervals=2 * 10**9)
    return Result(
        pi=3.5,
        choice=Choice(mode="split", reason="nothing else works", parameters=parameters),
        selection=select("cpu", "auto", MPI.COMM_SELF),
        kernel="numba",
        phases=Phases(start=1.25, compute=0.5, end=0.0625),
    )


def test_what_is_told(result):
    lines = dict(line.split(maxsplit=1) for line in summarise(result).splitlines())
    assert lines == {
        "mode": "split (nothing else works)",
        "pi": f"3.5 (off by {3.5 - math.pi:.1e}; the rule by 2.1e-20)",
        "workers": "3, kernel numba, 4 G intervals/s",
        "seconds": "start 1.250, compute 0.500, end 0.062",
    }


def test_the_report_has_all_of_it(result):
    report = json.loads(json.dumps(result.report()))
    assert report["mode"] == {"name": "split", "reason": "nothing else works"}
    assert report["pi"] == 3.5
    assert report["error"] == 3.5 - math.pi
    assert report["seconds"] == {"start": 1.25, "compute": 0.5, "end": 0.0625}
    assert report["intervals_per_second"] == 4e9
    assert report["parameters"] == {"workers": 3, "intervals": 2 * 10**9}
