"""Kernel ``numba``: compiled loops, whose inner one runs over the lanes.

``error_model="numpy"`` spares the test for a zero divisor, which would keep the
compiler from vectorising the division. No fastmath: contracting to fused
multiply-adds would make the last bit depend on where the vector loop ends.
"""

import numpy as np
import numpy.typing as npt

from hpcpy_core.files.numba_cache import cached_njit
from hpcpy_spawn_pi.kernels import BLOCK, LANES

__all__ = ["block_sums"]

Doubles = npt.NDArray[np.float64]


def block_sums(intervals: int, first: int, last: int, sums: Doubles) -> None:
    """Add up blocks; see `hpcpy_spawn_pi.kernels`. Compiles at the first call, then caches."""
    _add_up(intervals, first, last, sums)


def _add_up_blocks(intervals: int, first: int, last: int, sums: Doubles) -> None:
    s, c = np.empty(LANES), np.empty(LANES)
    offsets = 2 * np.arange(LANES) / intervals
    for block in range(first, last):
        start = block * BLOCK
        size = min(BLOCK, intervals - start)
        s[:] = 0.0
        c[:] = 0.0
        for row in range(0, size // 2, LANES):
            x0 = (start + 2 * row + 0.5) / intervals
            y0 = (start + 2 * row + 1.5) / intervals
            for j in range(min(LANES, size // 2 - row)):
                x, y = x0 + offsets[j], y0 + offsets[j]
                p, q = 1.0 + x * x, 1.0 + y * y
                f = 4.0 * (p + q) / (p * q)
                t = s[j] + f
                c[j] += f - (t - s[j])
                s[j] = t
        half = LANES // 2
        while half:
            for j in range(half):
                f = s[half + j]
                t = s[j] + f
                c[j] += c[half + j] + (f - (t - s[j]))
                s[j] = t
            half //= 2
        if size % 2:
            x = (start + size - 0.5) / intervals
            f = 4.0 / (1.0 + x * x)
            t = s[0] + f
            c[0] += f - (t - s[0])
            s[0] = t
        sums[block - first] = s[0] + c[0]


_add_up = cached_njit(nogil=True, error_model="numpy")(_add_up_blocks)
