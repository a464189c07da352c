"""Kernel ``cupy-resident``: all time steps in one launch, on grids that fit on the chip.

Each multiprocessor keeps a tile in its registers and shared memory over all steps, and gives
its neighbours the items at its edges after each: see march_resident.cu. Device memory is read
once and written once. The idea is that of PERKS (Zhang et al., ICS 2023), without its barrier
of the whole grid.

By arithmetic, not measured: 6 operations an item and step, so that a multiprocessor with 64
units of float64 takes a step of a 128 x 256 tile in 3072 cycles; and memory sets no limit.
"""

from typing import Any

import numpy as np

from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels.gpu.compile_source import compile_source
from hpcpy_diffusion.kernels.gpu.launch import count_multiprocessors, pitch_of, round_factors
from hpcpy_diffusion.kernels.gpu.plan_resident import (
    WARPS,
    ResidentPlan,
    find_largest,
    plan_resident,
)
from hpcpy_diffusion.kernels.gpu.sweep import DeviceField, Region

__all__ = ["ResidentSweep", "make_sweep"]


class ResidentSweep:
    """A `Sweep` of any number of steps by march_resident.cu.

    One at a time can be under way: its calls share the memory through which blocks speak.
    """

    most = 2**31 - 1
    regional = False
    recordable = False
    """It could be, but one launch takes all steps."""

    def __init__(self, shape: tuple[int, int], dtype: np.dtype[Any], plan: ResidentPlan) -> None:
        import cupy

        self.name = f"cupy-resident, {plan.blocks} tiles of {plan.height} x {plan.line}"
        self._sizes = (np.int32(shape[0] - 2), np.int32(shape[1] - 2))
        self._plan = plan
        options = (
            *(f"-DITEM={dtype.name}", f"-DHELD={plan.held}", f"-DKEPT={plan.kept}"),
            f"-DWHOLE={int(plan.whole)}",
        )
        self._kernel = compile_source(
            "march_resident.cu", "march_resident", options, cooperative=True
        )
        self._kernel.max_dynamic_shared_size_bytes = plan.shared_bytes
        self._words = cupy.zeros(plan.words, dtype=np.uint32)
        self._times = cupy.zeros(plan.blocks, dtype=np.uint32)
        cupy.cuda.get_current_stream().synchronize()  # a call may be in another stream

    def __call__(
        self, u: DeviceField, out: DeviceField, r: float, region: Region, steps: int
    ) -> None:
        """Take the steps; see `hpcpy_diffusion.kernels.gpu.sweep.Sweep`."""
        plan = self._plan
        arrays = (u, out, pitch_of(u), pitch_of(out), *self._sizes)
        given = (*arrays, *round_factors(r, u.dtype), np.int32(steps), self._words, self._times)
        grid, block = (plan.across, plan.down), (32 * WARPS,)
        self._kernel(grid, block, given, shared_mem=plan.shared_bytes)


def make_sweep(shape: tuple[int, int], dtype: np.dtype[Any]) -> ResidentSweep:
    """Return the sweep for padded blocks of a shape, compiled. Local.

    Raises
    ------
    InputError
        If they do not fit on the chip: it says what does, and which kernel to take instead.
    HpcpyError
        If the source cannot be compiled.
    """
    import cupy

    dtype = np.dtype(dtype)
    multiprocessors = count_multiprocessors()
    shared: int = cupy.cuda.Device().attributes["MaxSharedMemoryPerBlockOptin"]
    plan = plan_resident(shape, dtype.itemsize, multiprocessors, shared)
    if plan is None:
        largest = find_largest(dtype.itemsize, multiprocessors, shared)
        raise InputError(
            f"{shape[0] - 2} x {shape[1] - 2} points of {dtype} do not fit on this GPU, whose "
            f"{multiprocessors} multiprocessors keep all grids up to {largest} x {largest}: "
            "--kernel cupy-tiled takes any"
        )
    return ResidentSweep(shape, dtype, plan)
