import subprocess
import sys

import numpy as np
import pytest

from hpcpy_diffusion.benchmark import bare_loop
from hpcpy_diffusion.kernels import KERNELS

NAMES = [name for name in ("numpy", "numba-vector") if KERNELS[name].installed]


class Counting:
    """A kernel that counts its steps by the size of the array."""

    tiles = False

    def __init__(self):
        self.steps = {}

    def load(self):
        def step(u, out, r):
            assert r == 0.25
            assert np.shares_memory(u, out) is False
            self.steps[u.shape] = self.steps.get(u.shape, 0) + 1

        return step


def test_it_compiles_on_a_small_field_and_takes_all_steps_on_the_large_one():
    kernel = Counting()
    assert bare_loop.time_steps(kernel, 50, 3) > 0
    assert kernel.steps == {(5, 5): 1, (52, 52): 3}


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_without_mpi(name):
    argv = ["--kernel", name, "--points", "20", "--steps", "2"]
    command = [sys.executable, "-m", "hpcpy_diffusion.benchmark.bare_loop", *argv]
    done = subprocess.run(command, check=True, timeout=120, capture_output=True, text=True)
    assert float(done.stdout) > 0


def test_it_is_not_measured_with_mpi(capsys):
    import mpi4py  # noqa: F401 - as if a kernel had imported it

    with pytest.raises(AssertionError, match="without MPI"):
        bare_loop.main(["--kernel", "numpy", "--points", "20", "--steps", "2"])
