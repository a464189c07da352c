"""Two groups that know nothing of each other meet at a port: Open_port, Accept, Connect.

The server opens a port and gets its name, a text that holds where to connect. How the
client learns it is left to them: a file, a command line, here a message. Accept and
Connect are collective over the group of each side and give an intercommunicator, as Spawn
does. Accept waits for ever where nobody comes, so a guard holds a deadline.

The groups may be different jobs; whether two mpiexec can meet is up to the launcher.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_spawn_pi.examples import TIMEOUT
from hpcpy_spawn_pi.guard_job import guard_job

__all__ = ["client_server"]


def client_server(comm: MPI.Intracomm, device: Device) -> Result:
    """Let rank 0 serve the other ranks, who ask for their square. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the server; the others are one client.
    device
        Not used: the messages are single numbers.

    Returns
    -------
    Result
        Correct where a client's rank has its square.
    """
    if comm.size == 1:
        return Result(lines=("nobody else is here: start two ranks or more",), correct=True)
    group = MPI.Intracomm(comm.Split(min(comm.rank, 1), comm.rank))
    try:
        with guard_job(comm, TIMEOUT) as guard:
            guard.waiting("client and server met at a port")
            return _serve(comm, group) if comm.rank == 0 else _ask(comm, group)
    finally:
        group.Free()


def _serve(comm: MPI.Intracomm, group: MPI.Intracomm) -> Result:
    """Answer each rank of the client once. Collective over group."""
    port = MPI.Open_port()
    comm.bcast(port)
    client = group.Accept(port)
    number = np.empty(1, dtype=np.int64)
    for _ in range(client.Get_remote_size()):
        status = MPI.Status()
        client.Recv(number, source=MPI.ANY_SOURCE, status=status)
        client.Send(number**2, dest=status.Get_source())
    client.Disconnect()
    MPI.Close_port(port)
    return Result(lines=("served",), correct=True)


def _ask(comm: MPI.Intracomm, group: MPI.Intracomm) -> Result:
    """Ask for the square of this rank. Collective over group."""
    port = comm.bcast(None)
    server = group.Connect(port)
    square = np.empty(1, dtype=np.int64)
    server.Send(np.array([comm.rank]), dest=0)
    server.Recv(square, source=0)
    server.Disconnect()
    return Result(
        lines=(f"asked for the square of {comm.rank}, got {square[0]}",),
        correct=bool(square[0] == comm.rank**2),
        expected=f"expected {comm.rank**2}, got {square[0]}",
    )
