"""Make one communicator of parents and children: Spawn, Merge.

An intercommunicator has two groups; Merge joins them into one, in which ranks go on
counting: first those who passed high=False, here the parents, then the others. After it
children are ranks like all: a job that has grown.
"""

import sys

import numpy as np
from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_spawn_pi.examples import TIMEOUT
from hpcpy_spawn_pi.guard_job import guard_job
from hpcpy_spawn_pi.require_spawn import require_spawn

__all__ = ["spawn_and_merge"]

CHILDREN = 2


def spawn_and_merge(comm: MPI.Intracomm, device: Device) -> Result:
    """Add up the ranks of a job that has grown by two. Collective over comm.

    Parameters
    ----------
    comm
        The parents.
    device
        Not used: the messages are single numbers.

    Returns
    -------
    Result
        Correct where all ranks, old and new, have taken part.
    """
    require_spawn(comm, CHILDREN)
    total = np.zeros(1, dtype=np.int64)
    with guard_job(comm, TIMEOUT) as guard:
        guard.waiting("two children joined", may_leave=True)
        command = guard.shielded("hpcpy_spawn_pi.examples.programs.join")
        children = comm.Spawn(sys.executable, command, maxprocs=CHILDREN, root=0)
        everyone = children.Merge(high=False)
        rank, size = everyone.rank, everyone.size
        everyone.Allreduce(np.array([rank]), total, op=MPI.SUM)
        everyone.Free()  # Disconnect of a merged communicator hangs in Open MPI 5.0
        children.Disconnect()

    expected = sum(range(comm.size + CHILDREN))
    return Result(
        lines=(f"rank {rank} of {size}, whose ranks add up to {total[0]}",),
        correct=bool(rank == comm.rank and total[0] == expected),
        expected=f"expected rank {comm.rank} and {expected}, got {rank} and {total[0]}",
    )
