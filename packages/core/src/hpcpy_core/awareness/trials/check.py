"""What trials send, and how they see that it arrived."""

from typing import Any

import numpy as np
import numpy.typing as npt

from hpcpy_core.awareness.device_block import Block

__all__ = ["POISON", "WrongDataError", "check", "number_items", "poison_items"]

Items = npt.NDArray[Any]

POISON = -77.0
"""What no message holds: a buffer that it is still in was not written."""

PERIOD = 1009
"""A prime, so that a shifted part of a message is seen; sums of such numbers are exact."""


class WrongDataError(Exception):
    """MPI said that all went well, and the data are wrong."""


def number_items(rank: int, n: int) -> Items:
    """Return the n float64 that a rank sends: each knows its rank and its place. Local."""
    return np.arange(n) % PERIOD + 10000.0 * (rank + 1)


def poison_items(n: int) -> Items:
    """Return n float64 that no message holds. Local."""
    return np.full(n, POISON)


def check(call: str, block: Block, right: Items) -> None:
    """Compare what a block holds with what it must hold. Local.

    Raises
    ------
    WrongDataError
        If they differ; it names the call and the first item.
    """
    found = block.get()
    different = np.flatnonzero(found != right)
    if different.size:
        first = int(different[0])
        raise WrongDataError(
            f"{call}: item {first} of {right.size} is {found.flat[first]}, not {right.flat[first]}"
        )
