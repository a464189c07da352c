"""Kernel ``numpy``: a row of lanes of several blocks at a time, as whole arrays."""

import numpy as np
import numpy.typing as npt

from hpcpy_spawn_pi.kernels import BLOCK, LANES

__all__ = ["block_sums"]

Doubles = npt.NDArray[np.float64]

TOGETHER = 32
"""Blocks: enough that a call from Python costs little, few enough that arrays stay in cache."""


def block_sums(intervals: int, first: int, last: int, sums: Doubles) -> None:
    """Add up blocks; see `hpcpy_spawn_pi.kernels`."""
    whole = min(last, intervals // BLOCK)
    for block in range(first, whole, TOGETHER):
        end = min(block + TOGETHER, whole)
        sums[block - first : end - first] = _add_up(intervals, block, end, BLOCK)
    if first <= whole < last:
        sums[-1:] = _add_up(intervals, whole, last, intervals % BLOCK)


def _add_up(intervals: int, first: int, last: int, size: int) -> Doubles:
    """Return the sums of blocks that have `size` intervals each."""
    starts = BLOCK * np.arange(first, last)[:, np.newaxis]
    offsets = 2 * np.arange(LANES) / intervals
    s, c = np.zeros((2, last - first, LANES))
    for row in range(0, size // 2, LANES):
        lanes = slice(min(LANES, size // 2 - row))
        x = (starts + 2 * row + 0.5) / intervals + offsets[lanes]
        y = (starts + 2 * row + 1.5) / intervals + offsets[lanes]
        p, q = 1 + x * x, 1 + y * y
        _add(s[:, lanes], c[:, lanes], 4 * (p + q) / (p * q))
    half = LANES // 2
    while half:
        lower, upper = slice(half), slice(half, 2 * half)
        _add(s[:, lower], c[:, lower], s[:, upper], c[:, upper])
        half //= 2
    if size % 2:
        x = (starts + size - 0.5) / intervals
        _add(s[:, :1], c[:, :1], 4 / (1 + x * x))
    total: Doubles = s[:, 0] + c[:, 0]
    return total


def _add(s: Doubles, c: Doubles, f: Doubles, error: Doubles | float = 0.0) -> None:
    """Add `f`, whose own error is known, to the sums s with the errors c."""
    t = s + f
    c += error + (f - (t - s))
    s[...] = t
