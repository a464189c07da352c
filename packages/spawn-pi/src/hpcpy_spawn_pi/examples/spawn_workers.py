"""Start processes, send them a number, add up their answers, part: Spawn, Get_parent.

Spawn is collective over the parents: the root names the program, and MPI's launcher starts
it. The new processes have a world of their own, COMM_WORLD is theirs alone; what joins
them to their parents is an intercommunicator, with a local and a remote group. In its
collective calls the parents' root passes MPI.ROOT, their other ranks MPI.PROC_NULL, and
the children name the root by its rank among the parents.

MPI waits for ever for a child that dies: so a guard watches them.
"""

import sys

import numpy as np
from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_spawn_pi.examples import TIMEOUT
from hpcpy_spawn_pi.guard_job import guard_job
from hpcpy_spawn_pi.require_spawn import require_spawn

__all__ = ["spawn_workers"]

CHILDREN = 2
NUMBER = 21


def spawn_workers(comm: MPI.Intracomm, device: Device) -> Result:
    """Let children multiply a number by their rank plus one. Collective over comm.

    Parameters
    ----------
    comm
        The parents.
    device
        Not used: the messages are single numbers.

    Returns
    -------
    Result
        Correct where the children's answers add up, on the root.
    """
    require_spawn(comm, CHILDREN)
    root = MPI.ROOT if comm.rank == 0 else MPI.PROC_NULL
    total = np.zeros(1, dtype=np.int64)
    with guard_job(comm, TIMEOUT) as guard:
        guard.waiting("two children multiplied", may_leave=True)
        command = guard.shielded("hpcpy_spawn_pi.examples.programs.multiply")
        children = comm.Spawn(sys.executable, command, maxprocs=CHILDREN, root=0)
        children.Bcast(np.array([NUMBER]), root=root)
        children.Reduce(None, total, op=MPI.SUM, root=root)
        children.Disconnect()

    expected = NUMBER * (1 + 2) if comm.rank == 0 else 0
    return Result(
        lines=(f"the children's answers to {NUMBER} add up to {total[0]}",)[comm.rank :],
        correct=bool(total[0] == expected),
        expected=f"expected {expected}, got {total[0]}",
    )
