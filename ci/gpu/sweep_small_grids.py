"""Run every GPU kernel of diffusion on small grids, for a tool that watches it. Needs no MPI.

Usage: compute-sanitizer --tool memcheck python sweep_small_grids.py

Each result is compared with NumPy's to the last bit.
"""

import sys
from itertools import product
from typing import Any

import numpy as np

from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels import GPU_KERNELS
from hpcpy_diffusion.kernels.gpu.sweep import PITCH, Region
from hpcpy_diffusion.kernels.numpy_slices import step

__all__ = ["sweep_grid"]

SHAPES = ((3, 3), (21, 34), (67, 259))
"""Of padded blocks: smaller than a tile, and cut by several of them."""
R = 0.2
STEPS = 11


def sweep_grid(kernel: str, shape: tuple[int, int], dtype: str) -> str:
    """Take some steps on the GPU and with NumPy; return ``right``, or why it cannot. Local.

    Raises
    ------
    AssertionError
        If the fields differ.
    """
    import cupy

    try:
        sweep = GPU_KERNELS[kernel].load_sweep()(shape, np.dtype(dtype))
    except InputError as error:
        return str(error)
    start = np.random.default_rng(1).random(shape).astype(dtype)
    items = PITCH // start.itemsize
    pitched = shape[0], -(-shape[1] // items) * items
    host: list[Any] = [start.copy(), start.copy()]
    device: list[Any] = [cupy.zeros(pitched, dtype)[:, : shape[1]] for _ in host]
    for block in device:
        block[...] = cupy.asarray(start)
    inner = Region(first=(1, 1), last=(shape[0] - 1, shape[1] - 1))
    left = STEPS
    while left:
        taken = min(left, sweep.most)
        sweep(device[0], device[1], R, inner, taken)
        device.reverse()
        for _ in range(taken):
            step(host[0], host[1], R)
            host.reverse()
        left -= taken
    if not np.array_equal(device[0].get(), host[0]):
        raise AssertionError(f"{kernel} on {shape}, {dtype}: the field is wrong")
    return "right"


def main() -> int:
    """Try all kernels, and tell."""
    for kernel, shape, dtype in product(GPU_KERNELS, SHAPES, ("float64", "float32")):
        print(f"{kernel} on {shape[0]} x {shape[1]}, {dtype}: {sweep_grid(kernel, shape, dtype)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
