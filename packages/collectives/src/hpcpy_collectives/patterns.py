"""Data that tells which rank made it and which element it is, so that misplaced data shows.

Bytes have a prime period, so that blocks of a power-of-two size differ; 255 never
occurs and marks what was not received. Sums of the 4-byte floats are exact up to
a million ranks, whatever the order of the additions.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "UNRECEIVED",
    "Array",
    "Mismatch",
    "bytes_of",
    "find_mismatch",
    "floats_of",
    "sum_of_floats",
]

Array = npt.NDArray[Any]
Mismatch = tuple[int, object, object]
"""First wrong index, what is there, what should be."""

UNRECEIVED = 255
PRIME = 251
PERIOD = 16


def bytes_of(rank: int, first: int, count: int) -> Array:
    """Return bytes `first` to `first + count` of the message that `rank` sends. Local."""
    return ((np.arange(first, first + count) + 31 * rank) % PRIME).astype(np.uint8)


def floats_of(rank: int, count: int) -> Array:
    """Return the `count` floats that `rank` adds to a reduction. Local."""
    return ((np.arange(count) + rank) % PERIOD).astype(np.float32)


def sum_of_floats(ranks: int, first: int, count: int) -> Array:
    """Return elements `first` to `first + count` of the sum of all ranks' floats. Local."""
    period = np.arange(PERIOD)
    rounds, rest = divmod(ranks, PERIOD)
    sums = rounds * period.sum() + sum((period + rank) % PERIOD for rank in range(rest))
    return np.broadcast_to(sums, PERIOD)[np.arange(first, first + count) % PERIOD].astype(
        np.float32
    )


def find_mismatch(found: Array, expected: Array) -> Mismatch | None:
    """Return the first element that is wrong, or None. Local."""
    if found.size != expected.size:
        return min(found.size, expected.size), f"{found.size} values", f"{expected.size} values"
    wrong = np.flatnonzero(found != expected)
    if not wrong.size:
        return None
    index = int(wrong[0])
    return index, found[index].item(), expected[index].item()
