"""One worker's share of the work. Local, and without MPI."""

from hpcpy_core.decomposition import split_evenly
from hpcpy_spawn_pi.kernels import find_kernel
from hpcpy_spawn_pi.quadrature import count_blocks, sum_blocks

__all__ = ["sum_part", "sum_share", "warm_up"]


def warm_up(kernel: str) -> None:
    """Import and compile a kernel, so that it costs nothing later. Local."""
    sum_part(kernel, 1, 0, 1)


def sum_part(kernel: str, intervals: int, first: int, last: int) -> int:
    """Return the exact sum of some blocks in units of 2^-52. Local."""
    return sum_blocks(find_kernel(kernel).load(), intervals, first, last)


def sum_share(kernel: str, intervals: int, rank: int, size: int) -> int:
    """Return the exact sum of a rank's share of all blocks, in units of 2^-52. Local.

    Parameters
    ----------
    kernel
        Its name.
    intervals
        Of the whole rule.
    rank, size
        Of this worker among all; with more workers than blocks some have none.
    """
    first, last = split_evenly(count_blocks(intervals), size, rank)
    return sum_part(kernel, intervals, first, last)
