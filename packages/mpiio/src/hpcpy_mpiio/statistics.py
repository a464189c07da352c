"""What a save or a load moved, and how long it took."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from mpi4py import MPI

__all__ = ["Statistics", "total_over_ranks"]


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Figures of one save, or of what was read from one file so far. The same on every rank.

    Attributes
    ----------
    bytes
        Of items, moved by all ranks together; the header does not count.
    seconds
        The slowest rank's. Of a save: from the checked arguments to the new file
        under its name, with all that brings it to the disk and verifies it. Of an
        open file: opening it and every read.
    hints
        Those in force, as MPI_File_get_info tells; an MPI need not tell all, and
        tells none where no item was moved.
    verified
        Whether another rank has read every block back and found it right.
    """

    bytes: int
    seconds: float
    hints: Mapping[str, str] = field(default_factory=dict)
    verified: bool = False


def total_over_ranks(comm: MPI.Intracomm, nbytes: int, seconds: float) -> tuple[int, float]:
    """Return the bytes of all ranks and the seconds of the slowest. Collective over comm."""
    total, slowest = np.array([nbytes], np.int64), np.array([seconds])
    comm.Allreduce(MPI.IN_PLACE, total, op=MPI.SUM)
    comm.Allreduce(MPI.IN_PLACE, slowest, op=MPI.MAX)
    return int(total[0]), float(slowest[0])
