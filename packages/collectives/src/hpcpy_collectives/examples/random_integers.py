"""Draw random integers on every rank and gather them on the root.

Each rank seeds its generator with the job's seed and its own rank: the draws
differ between ranks, and the next run draws the same again.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["random_integers"]

SEED = 2024


def random_integers(comm: MPI.Intracomm, device: Device) -> Result:
    """Gather three random integers of every rank on rank 0. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks draw; rank 0 is the root.
    device
        Not used: the integers are Python objects in host memory.

    Returns
    -------
    Result
        Correct on the root where it has what each rank's seed gives; on the
        others, which only send, where `gather` returned None.
    """
    root = 0
    drawn = draw(comm.rank)
    gathered = comm.gather(drawn, root=root)

    expected = [draw(rank) for rank in range(comm.size)] if comm.rank == root else None
    lines = [f"drew {drawn}"]
    if gathered is not None:
        lines.append(f"gathered {gathered}")
    return Result(
        lines=tuple(lines),
        correct=gathered == expected,
        expected=f"expected {expected}, got {gathered}",
    )


def draw(rank: int) -> list[int]:
    """Return a rank's integers from 0 to 99. Local."""
    integers: list[int] = np.random.default_rng([SEED, rank]).integers(100, size=3).tolist()
    return integers
