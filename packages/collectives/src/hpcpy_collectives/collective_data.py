"""What every rank sends in a collective operation, where it receives, and what must arrive."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hpcpy_collectives.patterns import (
    UNRECEIVED,
    Array,
    bytes_of,
    floats_of,
    sum_of_floats,
)
from hpcpy_collectives.sizes import ELEMENT_BYTES
from hpcpy_core.decomposition import split_evenly

__all__ = ["ROOT", "CollectiveData", "collective_data"]

ROOT = 0


@dataclass(frozen=True, kw_only=True)
class CollectiveData:
    """One rank's share of the data of one call.

    Attributes
    ----------
    sent
        What this rank contributes, or None.
    received
        Where its answer will be, marked as not received; or None.
    expected
        Makes the right answer; called only where there is one.
    counts
        Elements that each rank gets or gives.
    """

    sent: Array | None
    received: Array | None
    expected: Callable[[], Array]
    counts: tuple[int, ...]


def collective_data(base: str, size: int, rank: int, ranks: int) -> CollectiveData:
    """Make the data of one rank. Local.

    Parameters
    ----------
    base
        Name of the blocking operation.
    size
        As OSU counts: bytes of the whole vector in bcast and in reductions, bytes
        that go from one rank to one rank in the others.
    rank, ranks
        Whose data, and of how many.
    """
    everyone = range(ranks)
    equal = (size,) * ranks
    if "reduce" in base:
        count = size // ELEMENT_BYTES
        bounds = [split_evenly(count, ranks, each) for each in everyone]
        first, last = bounds[rank] if base == "reduce_scatter" else (0, count)
        receives = base != "reduce" or rank == ROOT
        return CollectiveData(
            sent=floats_of(rank, count),
            received=np.full(last - first, np.nan, dtype=np.float32) if receives else None,
            expected=lambda: sum_of_floats(ranks, first, last - first),
            counts=tuple(stop - start for start, stop in bounds),
        )
    if base == "bcast":
        return CollectiveData(
            sent=bytes_of(ROOT, 0, size) if rank == ROOT else None,
            received=None if rank == ROOT else _unreceived(size),
            expected=lambda: bytes_of(ROOT, 0, size),
            counts=equal,
        )
    if base == "scatter":
        return CollectiveData(
            sent=bytes_of(ROOT, 0, size * ranks) if rank == ROOT else None,
            received=_unreceived(size),
            expected=lambda: bytes_of(ROOT, rank * size, size),
            counts=equal,
        )
    if base == "alltoall":
        return CollectiveData(
            sent=bytes_of(rank, 0, size * ranks),
            received=_unreceived(size * ranks),
            expected=lambda: np.concatenate(
                [bytes_of(each, rank * size, size) for each in everyone]
            ),
            counts=equal,
        )
    return CollectiveData(  # gather, allgather
        sent=bytes_of(rank, 0, size),
        received=None if base == "gather" and rank != ROOT else _unreceived(size * ranks),
        expected=lambda: np.concatenate([bytes_of(each, 0, size) for each in everyone]),
        counts=equal,
    )


def _unreceived(count: int) -> Array:
    return np.full(count, UNRECEIVED, dtype=np.uint8)
