"""Kernel ``cupy-tiled``: several time steps in one pass over device memory.

Where one step a pass is bound by memory, T steps a pass need about a T-th of its traffic, and
are bound by arithmetic instead. Each warp keeps T levels of a tile in its registers; tiles
overlap, so that no warp waits for another: see sweep_tiles.cu. What the best T is depends on
the GPU's memory and arithmetic, so `list_levels` offers several, to be timed on the spot.

By arithmetic, not measured: T levels of float64 cost 6 T operations an item, times
128 / (128 - 2 M) for the overlap, where M is T rounded up to a multiple of 4.
"""

from typing import Any

import numpy as np

from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels.gpu.compile_source import compile_source
from hpcpy_diffusion.kernels.gpu.launch import count_multiprocessors, pitch_of, round_factors
from hpcpy_diffusion.kernels.gpu.plan_tiles import plan_tiles
from hpcpy_diffusion.kernels.gpu.sweep import DeviceField, Region

__all__ = ["DEFAULT", "TiledSweep", "list_levels", "make_sweep"]

DEFAULT = 8
"""Time steps of a pass, if nothing is known of the GPU."""
LEVELS = {"float32": (4, 6, 8), "float64": (4, 6, 8, 10)}
"""With more, registers do not suffice; with fewer, a pass is bound by memory."""


def list_levels(dtype: np.dtype[Any]) -> tuple[int, ...]:
    """Return the numbers of time steps in a pass that are worth timing. Local."""
    return LEVELS[np.dtype(dtype).name]


class TiledSweep:
    """A `Sweep` of up to `most` steps by sweep_tiles.cu; each number is a kernel of its own."""

    regional = True
    recordable = True

    def __init__(self, shape: tuple[int, int], dtype: np.dtype[Any], levels: int) -> None:
        self.name = f"cupy-tiled, {levels} steps a pass"
        self.most = levels
        self._shape = (np.int32(shape[0]), np.int32(shape[1]))
        self._dtype = dtype
        self._multiprocessors = count_multiprocessors()
        self._find_kernel(levels)

    def __call__(
        self, u: DeviceField, out: DeviceField, r: float, region: Region, steps: int
    ) -> None:
        """Take the steps; see `hpcpy_diffusion.kernels.gpu.sweep.Sweep`."""
        plan = plan_tiles(region, u.dtype.itemsize, steps, self._multiprocessors)
        (top, left), (bottom, right) = region.first, region.last
        edges = map(np.int32, (top, bottom, left, right, plan.blocks, plan.height))
        arrays = (u, out, pitch_of(u), pitch_of(out), *self._shape)
        kernel = self._find_kernel(steps)
        kernel(plan.grid, plan.block, (*arrays, *edges, *round_factors(r, u.dtype)))

    def _find_kernel(self, levels: int) -> Any:  # noqa: ANN401 - CuPy's kernel
        """Return the kernel for so many steps, which is compiled once in a process."""
        options = (f"-DITEM={self._dtype.name}", f"-DLEVELS={levels}")
        return compile_source("sweep_tiles.cu", "sweep_tiles", options)


def make_sweep(shape: tuple[int, int], dtype: np.dtype[Any], levels: int = DEFAULT) -> TiledSweep:
    """Return the sweep for padded blocks of a shape, with its longest pass compiled. Local.

    Parameters
    ----------
    shape, dtype
        Of the padded blocks; any shape will do.
    levels
        Time steps of a pass: one of `list_levels`.

    Raises
    ------
    InputError
        If there is no such pass.
    HpcpyError
        If the source cannot be compiled.
    """
    known = list_levels(dtype)
    if levels not in known:
        choices = ", ".join(map(str, known))
        raise InputError(
            f"no pass of {levels} steps for {np.dtype(dtype)}: choose one of {choices}"
        )
    return TiledSweep(shape, np.dtype(dtype), levels)
