"""Kernel ``numba``: compiled loops, one fused pass over each row.

Rows are sliced before the inner loop, so that the compiler sees unit strides and
vectorises. No fastmath: contracting to fused multiply-adds would make the last bit
depend on where the vector loop ends, and with it on the decomposition.
"""

import numpy as np

from hpcpy_core.files.numba_cache import cached_njit
from hpcpy_diffusion.kernels import Field

__all__ = ["step"]


def step(u: Field, out: Field, r: float) -> None:
    """Advance one step; see `hpcpy_diffusion.kernels`. Compiles at the first call, then caches."""
    _sweep(u, out, u.dtype.type(1 - 4 * r), u.dtype.type(r))


def _sweep_rows(u: Field, out: Field, centre: np.floating, r: np.floating) -> None:
    for i in range(1, u.shape[0] - 1):
        north, here, south, new = u[i - 1], u[i], u[i + 1], out[i]
        for j in range(1, here.size - 1):
            around = (north[j] + south[j]) + (here[j - 1] + here[j + 1])
            new[j] = centre * here[j] + r * around


_sweep = cached_njit(nogil=True)(_sweep_rows)
