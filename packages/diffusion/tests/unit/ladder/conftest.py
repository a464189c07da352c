import pytest

from hpcpy_core.timing import Timing
from hpcpy_diffusion.kernels import KERNELS
from hpcpy_diffusion.ladder.describe import describe_copy, describe_rung
from hpcpy_diffusion.ladder.measure import Measured
from hpcpy_diffusion.ladder.rung import Rung
from hpcpy_diffusion.parameters import Parameters


@pytest.fixture
def report():
    """A report of three rungs, of which the slowest was scaled, as the command builds it."""
    seconds = {"python": 50.0, "cpp": 0.1, "numba": 0.02, "copy": 0.01}
    measured = {
        name: Measured(
            steps=2 if name == "python" else 13410,
            timing=Timing(seconds=tuple(second * (1 + k / 10) for k in range(-2, 3))),
            warm_up=0.25,
        )
        for name, second in seconds.items()
    }
    sizes = {"cells": 299**2, "most": 13410}
    rungs = [Rung(kernel=KERNELS[name]) for name in ("python", "cpp", "numba")]
    return {
        "ranks": 1,
        "parameters": Parameters().as_dict(),
        "repeats": 5,
        "checked": {"points": 41, "steps": [1, 7]},
        "rungs": {
            rung.name: describe_rung(rung, measured, difference=0.0, **sizes) for rung in rungs
        },
        "copy": describe_copy(measured, **sizes),
        "missing": {},
    }
