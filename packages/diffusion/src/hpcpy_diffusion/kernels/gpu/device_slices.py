"""Kernel ``cupy``: the expression of the kernel ``numpy``, on arrays of CuPy.

This is how a program for the GPU is begun: the arrays are CuPy's, and nothing else changes.
Each operation is a pass over device memory of its own.
"""

from typing import Any

import numpy as np

from hpcpy_diffusion.kernels.gpu.sweep import DeviceField, Region
from hpcpy_diffusion.kernels.numpy_slices import step

__all__ = ["SliceSweep", "make_sweep"]


class SliceSweep:
    """A `Sweep` of one step by array expressions."""

    name = "cupy"
    most = 1
    regional = True
    recordable = False

    def __call__(
        self, u: DeviceField, out: DeviceField, r: float, region: Region, steps: int
    ) -> None:
        """Take one step; see `hpcpy_diffusion.kernels.gpu.sweep.Sweep`."""
        rows, columns = (
            slice(a - 1, b + 1) for a, b in zip(region.first, region.last, strict=True)
        )
        step(u[rows, columns], out[rows, columns], r)


def make_sweep(shape: tuple[int, int], dtype: np.dtype[Any]) -> SliceSweep:
    """Return the sweep; any shape will do. Local."""
    return SliceSweep()
