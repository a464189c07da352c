"""Kernel ``cupy-raw``: one fused CUDA kernel for a step, one pass over device memory.

Every item is read once and written once, 16 bytes at a time: see sweep_once.cu. Rows come
through the caches; a detour over shared memory would only cost instructions.
"""

from typing import Any

import numpy as np

from hpcpy_diffusion.kernels.gpu.compile_source import compile_source
from hpcpy_diffusion.kernels.gpu.launch import count_multiprocessors, pitch_of, round_factors
from hpcpy_diffusion.kernels.gpu.plan_tiles import plan_once
from hpcpy_diffusion.kernels.gpu.sweep import DeviceField, Region

__all__ = ["RawSweep", "make_sweep"]


class RawSweep:
    """A `Sweep` of one step by sweep_once.cu."""

    name = "cupy-raw"
    most = 1
    regional = True
    recordable = True

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._kernel = compile_source("sweep_once.cu", "sweep_once", (f"-DITEM={dtype.name}",))
        self._multiprocessors = count_multiprocessors()

    def __call__(
        self, u: DeviceField, out: DeviceField, r: float, region: Region, steps: int
    ) -> None:
        """Take one step; see `hpcpy_diffusion.kernels.gpu.sweep.Sweep`."""
        plan = plan_once(region, u.dtype.itemsize, self._multiprocessors)
        (top, left), (bottom, right) = region.first, region.last
        edges = map(np.int32, (top, bottom, left, right, plan.blocks, plan.height))
        arrays = (u, out, pitch_of(u), pitch_of(out))
        self._kernel(plan.grid, plan.block, (*arrays, *edges, *round_factors(r, u.dtype)))


def make_sweep(shape: tuple[int, int], dtype: np.dtype[Any]) -> RawSweep:
    """Return the sweep, compiled; any shape will do. Local.

    Raises
    ------
    HpcpyError
        If the source cannot be compiled.
    """
    return RawSweep(np.dtype(dtype))
