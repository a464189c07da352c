import pytest

from hpcpy_core.timing import Timing
from hpcpy_diffusion.kernels import GPU_KERNELS, KERNELS
from hpcpy_diffusion.ladder.describe import Sizes, describe_copy, describe_rung
from hpcpy_diffusion.ladder.measure import Measured
from hpcpy_diffusion.ladder.rung import Rung
from hpcpy_diffusion.parameters import Parameters

SECONDS = {"python": 50.0, "cpp": 0.1, "numba": 0.02, "copy": 0.01}
GPU_SECONDS = {"cupy": 0.08, "cupy-raw": 0.02, "cupy-tiled": 0.008, "numba-vector x16": 0.4}


def build(seconds, rungs, against, copied=299**2, **others):
    """Build the report as the command does, of what took so many seconds."""
    measured = {
        name: Measured(
            steps=2 if name == "python" else 13410,
            timing=Timing(seconds=tuple(second * (1 + k / 10) for k in range(-2, 3))),
            warm_up=0.25,
        )
        for name, second in seconds.items()
    }
    sizes = Sizes(cells=299**2, copied=copied, dtype="float64", most=13410)
    return {
        "device": {"kind": "cpu", "name": None},
        "machine": {"processor": "Processor of sixteen cores"},
        "ranks": 1,
        "parameters": Parameters().as_dict(),
        "repeats": 5,
        "checked": {"points": 41, "steps": [1, 7]},
        "rungs": {
            rung.name: describe_rung(rung, measured, sizes, difference=0.0, against=against)
            for rung in rungs
        },
        "copy": describe_copy(measured, sizes),
        "left_out": {},
        "missing": {},
        **others,
    }


@pytest.fixture
def report():
    """A report of three rungs, of which the slowest was scaled."""
    rungs = [Rung(kernel=KERNELS[name]) for name in ("python", "cpp", "numba")]
    return build(SECONDS, rungs, {"times_cpp": "cpp"})


@pytest.fixture
def gpu_report():
    """A report of three rungs of a GPU, a copy of which takes longer than a step, and of a CPU."""
    rungs = [Rung(kernel=GPU_KERNELS[name]) for name in ("cupy", "cupy-raw", "cupy-tiled")]
    rungs.append(Rung(kernel=KERNELS["numba-vector"], threads=16))
    return build(
        {**GPU_SECONDS, "copy": 13410e-3},
        rungs,
        {"times_cpu": "numba-vector x16"},
        copied=2**25,
        device={"kind": "gpu", "name": "NVIDIA H100 80GB HBM3"},
        left_out={"cupy-resident": "it has no place for 299 x 299 points"},
    )
