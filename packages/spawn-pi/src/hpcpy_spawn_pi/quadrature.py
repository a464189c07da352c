"""Pi by the midpoint rule, the same to the last bit however many processes share the work.

Pi is the area under 4 / (1 + x^2) from 0 to 1. With N intervals the rule errs by
1 / (12 N^2), to which rounding must not add. The intervals are cut into blocks: a grid
that depends on N alone, not on who computes it. A block's sum is a float64, always with
the same bits; the sums of blocks are added as integers, which is exact, hence
independent of order. So workers may take any blocks, in any order, at any time.
"""

import numpy as np

from hpcpy_core.errors import InputError
from hpcpy_core.numbers import as_integer
from hpcpy_spawn_pi.exact_sum import UNITS, add_exactly
from hpcpy_spawn_pi.kernels import BLOCK, BlockSums

__all__ = ["MOST_BLOCKS", "MOST_INTERVALS", "count_blocks", "sum_blocks", "to_pi"]

MOST_INTERVALS = 1 << 52
"""Beyond, a float64 has no room for the 0.5 in the midpoint (i + 0.5) / N."""

MOST_BLOCKS = 2048
"""That a kernel adds up in one call: 16 KiB of sums, and some 25 ms on a core."""


def count_blocks(intervals: int) -> int:
    """Return how many blocks the intervals have. Local.

    Raises
    ------
    InputError
        If there are no intervals, or more than `MOST_INTERVALS`.
    """
    intervals = as_integer(intervals, "intervals")
    if not 1 <= intervals <= MOST_INTERVALS:
        raise InputError(f"{intervals} intervals: choose from 1 to {MOST_INTERVALS}")
    return -(-intervals // BLOCK)


def sum_blocks(block_sums: BlockSums, intervals: int, first: int, last: int) -> int:
    """Return the exact sum of the blocks' sums, in units of 2^-52. Local.

    Parameters
    ----------
    block_sums
        A kernel, as `hpcpy_spawn_pi.kernels.find_kernel(...).load()` returns it.
    intervals
        Of the whole interval [0, 1].
    first, last
        The first block, and the one after the last; no block at all gives 0.

    Raises
    ------
    InputError
        If there are no such blocks.
    """
    blocks = count_blocks(intervals)
    intervals, first, last = int(intervals), int(first), int(last)
    if not 0 <= first <= last <= blocks:
        raise InputError(
            f"blocks {first} to {last} are not among the {blocks} of {intervals} intervals"
        )
    total = 0
    for start in range(first, last, MOST_BLOCKS):
        end = min(start + MOST_BLOCKS, last)
        sums = np.empty(end - start)
        block_sums(intervals, start, end, sums)
        total += add_exactly(sums)
    return total


def to_pi(total: int, intervals: int) -> float:
    """Return the rule's result, correctly rounded, from the exact sum of all blocks. Local."""
    # NumPy's integers would overflow.
    return int(total) / (
        int(intervals) * UNITS
    )  # Python divides integers of any length exactly, then rounds
