"""Start two programs that share one new world: Spawn_multiple, APPNUM.

Each program has a command line and a number of processes of its own. All new processes
have one COMM_WORLD, in the order of the programs; the attribute APPNUM tells a process
which of them it is, as it does under `mpiexec -n 1 ./a : -n 2 ./b`.
"""

import sys

import numpy as np
from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_spawn_pi.examples import TIMEOUT
from hpcpy_spawn_pi.guard_job import guard_job
from hpcpy_spawn_pi.require_spawn import require_spawn

__all__ = ["spawn_multiple"]

PROGRAMS = {"even": 1, "odd": 2}
"""Which words a process gets, and how many processes get them."""


def spawn_multiple(comm: MPI.Intracomm, device: Device) -> Result:
    """Start one process of a program and two of another. Collective over comm.

    Parameters
    ----------
    comm
        The parents.
    device
        Not used: the messages are single numbers.

    Returns
    -------
    Result
        Correct where each new process had its program's words and number, on the root.
    """
    require_spawn(comm, sum(PROGRAMS.values()))
    root = MPI.ROOT if comm.rank == 0 else MPI.PROC_NULL
    found = np.zeros((3, 2), dtype=np.int64)
    with guard_job(comm, TIMEOUT) as guard:
        guard.waiting("children of two programs told what they are", may_leave=True)
        program = "hpcpy_spawn_pi.examples.programs.tell"
        children = comm.Spawn_multiple(
            [sys.executable] * len(PROGRAMS),
            [guard.shielded(program, word) for word in PROGRAMS],
            maxprocs=list(PROGRAMS.values()),
            root=0,
        )
        children.Gather(None, found if comm.rank == 0 else None, root=root)
        children.Disconnect()

    expected = [[0, len("even")], [1, len("odd")], [1, len("odd")]]
    return Result(
        lines=("the new world has one process of program 0, two of program 1",)[comm.rank :],
        correct=comm.rank > 0 or found.tolist() == expected,
        expected=f"expected {expected}, got {found.tolist()}",
    )
