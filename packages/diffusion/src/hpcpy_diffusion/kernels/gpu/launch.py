"""What the CUDA kernels here are given when they are launched."""

from typing import Any

import numpy as np

from hpcpy_diffusion.kernels.gpu.sweep import DeviceField

__all__ = ["count_multiprocessors", "pitch_of", "round_factors"]


def round_factors(r: float, dtype: np.dtype[Any]) -> tuple[np.generic, np.generic]:
    """Return 1 - 4 r and r in the precision of the items, rounded as the CPU's kernels do."""
    return dtype.type(1 - 4 * r), dtype.type(r)


def pitch_of(field: DeviceField) -> np.int64:
    """Return how many items lie from one row to the next."""
    return np.int64(field.strides[0] // field.itemsize)


def count_multiprocessors() -> int:
    """Return how many the current device has."""
    import cupy

    count: int = cupy.cuda.Device().attributes["MultiProcessorCount"]
    return count
