"""Kernel ``numpy-flat``: the same expression over flat contiguous pieces that stay in cache.

Three changes to ``numpy`` make it several times faster: the rows of a piece, rims
included, are one contiguous vector, so that NumPy runs one long loop instead of one
per row; ``out=`` spares the temporaries; and a piece is small enough that its
operands stay in a core's own cache. The rim items that the flat loop
computes along with the rest are nonsense, and are put back.
"""

import numpy as np

from hpcpy_diffusion.kernels import Field

__all__ = ["step"]

PIECE = 32768
"""Items of a piece: many enough that six calls from Python cost little, 256 KiB in float64."""


def step(u: Field, out: Field, r: float) -> None:
    """Advance one step; see `hpcpy_diffusion.kernels`."""
    rows, width = u.shape
    west_rim, east_rim = out[1:-1, 0].copy(), out[1:-1, -1].copy()
    flat, flat_out = u.reshape(-1), out.reshape(-1)
    scratch = np.empty(PIECE, dtype=u.dtype)
    end = (rows - 1) * width - 1
    for a in range(width + 1, end, PIECE):
        b = min(a + PIECE, end)
        new, around = flat_out[a:b], scratch[: b - a]
        np.add(flat[a - width : b - width], flat[a + width : b + width], out=around)
        np.add(flat[a - 1 : b - 1], flat[a + 1 : b + 1], out=new)
        np.add(around, new, out=around)
        np.multiply(around, r, out=around)
        np.multiply(flat[a:b], 1 - 4 * r, out=new)
        np.add(new, around, out=new)
    out[1:-1, 0], out[1:-1, -1] = west_rim, east_rim
