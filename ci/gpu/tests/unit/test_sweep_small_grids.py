import subprocess
import sys

import numpy as np
import pytest

import sweep_small_grids
from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels.gpu.device_slices import SliceSweep
from hpcpy_diffusion.kernels.kernel import Kernel
from hpcpy_testing.emulated_cupy import install_emulated_cupy


@pytest.fixture(autouse=True)
def _cupy(monkeypatch):
    install_emulated_cupy(monkeypatch)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_a_kernel_gives_is_compared(monkeypatch, dtype):
    assert sweep_small_grids.sweep_grid("cupy", (21, 34), dtype) == "right"
    right = SliceSweep.__call__

    def wrong(self, u, out, r, region, steps):
        right(self, u, out, r, region, steps)
        out[3, 3] = out[3, 3] + np.finfo(dtype).eps

    monkeypatch.setattr(SliceSweep, "__call__", wrong)
    with pytest.raises(AssertionError, match=r"cupy on \(21, 34\), float\d\d: the field is wrong"):
        sweep_small_grids.sweep_grid("cupy", (21, 34), dtype)


def test_a_kernel_that_cannot_is_told(monkeypatch):
    def refuse(shape, dtype):
        raise InputError("too large")

    monkeypatch.setattr(Kernel, "load_sweep", lambda self: refuse)
    assert sweep_small_grids.sweep_grid("cupy-resident", (3, 3), "float64") == "too large"


def test_it_starts_no_mpi():
    program = "import sweep_small_grids, sys; assert 'mpi4py.MPI' not in sys.modules"
    folder = sweep_small_grids.__file__.rpartition("/")[0]
    subprocess.run([sys.executable, "-c", program], cwd=folder, check=True, timeout=60)
