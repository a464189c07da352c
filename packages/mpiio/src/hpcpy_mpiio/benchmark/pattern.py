"""What the benchmark writes: items that tell whose they are, so that a misplaced one shows.

Item i of rank r is the 64-bit integer (r + 1) * 2**40 + i: never 0, and different all
over the file. MPI moves it as a float64, bit for bit.
"""

import numpy as np
import numpy.typing as npt

__all__ = ["describe_item", "fill", "find_wrong"]

RANK_BITS = 40
CHUNK = 1 << 18
"""Items that are checked at a time, so that checking needs no second buffer."""

Items = npt.NDArray[np.uint64]


def fill(buffer: Items, rank: int) -> None:
    """Fill a buffer with the items of a rank. Local."""
    for start, part in _chunks(buffer):
        part[:] = _items(rank, start, part.size)


def find_wrong(buffer: Items, rank: int) -> int | None:
    """Return the first item that is not the one of that rank, or None. Local."""
    for start, part in _chunks(buffer):
        wrong = np.flatnonzero(part != _items(rank, start, part.size))
        if wrong.size:
            return start + int(wrong[0])
    return None


def describe_item(value: int) -> str:
    """Say which item a value is. Local."""
    rank, item = divmod(value, 1 << RANK_BITS)
    if value == 0:
        return "0, which nobody wrote"
    return f"{value:#x}, which is item {item} of rank {rank - 1}"


def _chunks(buffer: Items) -> list[tuple[int, Items]]:
    return [(start, buffer[start : start + CHUNK]) for start in range(0, buffer.size, CHUNK)]


def _items(rank: int, start: int, count: int) -> Items:
    first = ((rank + 1) << RANK_BITS) + start
    return np.arange(first, first + count, dtype=np.uint64)
