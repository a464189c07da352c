"""Spawn one process, greet it, and part from it; run as a program, it is that process.

With no guard and no look around: what it does is what MPI_Comm_spawn does here, which may
abort or wait for ever.
"""

import sys
from array import array
from typing import TYPE_CHECKING

from hpcpy_doctor.probing.trials import WrongValuesError

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["spawn_one"]

GREETING = 4711


def spawn_one(comm: "MPI.Intracomm") -> None:
    """Spawn a process with this module, and get an answer. Collective over comm.

    Raises
    ------
    MPI.Exception
        If MPI says that it cannot.
    WrongValuesError
        If the answer is another one.
    """
    child = comm.Spawn(sys.executable, ["-P", "-m", "hpcpy_doctor.probing.spawn_one"], maxprocs=1)
    answer = array("i", [0])
    if comm.rank == 0:
        child.Sendrecv(array("i", [GREETING]), 0, 1, answer, 0, 2)
    child.Disconnect()
    if comm.rank == 0 and answer[0] != GREETING + 1:
        raise WrongValuesError(f"the new process answered {answer[0]}, not {GREETING + 1}")


def _answer() -> None:
    from mpi4py import MPI

    parent = MPI.Comm.Get_parent()
    greeting = array("i", [0])
    parent.Recv(greeting, 0, 1)
    parent.Send(array("i", [greeting[0] + 1]), 0, 2)
    parent.Disconnect()


if __name__ == "__main__":
    _answer()
