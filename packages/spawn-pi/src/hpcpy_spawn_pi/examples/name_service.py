"""Find a server's port by a name that it has published: Publish_name, Lookup_name.

The name is all that client and server must agree on. MPI's launcher keeps it, so how far
it is known depends on that: within one mpiexec here; beyond with a name server
(MPICH: hydra_nameserver and `mpiexec -nameserver`; Open MPI: `prte`).
"""

import os

import numpy as np
from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_spawn_pi.examples import TIMEOUT
from hpcpy_spawn_pi.guard_job import guard_job

__all__ = ["name_service"]


def name_service(comm: MPI.Intracomm, device: Device) -> Result:
    """Let rank 1 find rank 0 by a name. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the server, rank 1 the client; the others look on.
    device
        Not used: the message is a single number.

    Returns
    -------
    Result
        Correct where the client got the server's number.
    """
    if comm.size == 1:
        return Result(lines=("nobody else is here: start two ranks or more",), correct=True)
    name = comm.bcast(f"hpcpy-spawn-pi-{os.getpid()}")
    alone = MPI.Intracomm(comm.Split(comm.rank))
    number = np.zeros(1, dtype=np.int64)
    try:
        with guard_job(comm, TIMEOUT) as guard:
            guard.waiting(f"rank 1 looked for {name}")
            if comm.rank == 0:
                _publish(comm, alone, name)
            else:
                comm.Barrier()  # until the name is known
                if comm.rank == 1:
                    server = alone.Connect(MPI.Lookup_name(name))
                    server.Recv(number, source=0)
                    server.Disconnect()
    finally:
        alone.Free()
    expected = int(comm.rank == 1)
    return Result(
        lines=("found the server by its name",) if comm.rank == 1 else (),
        correct=bool(number[0] == expected),
        expected=f"expected {expected}, got {number[0]}",
    )


def _publish(comm: MPI.Intracomm, alone: MPI.Intracomm, name: str) -> None:
    """Be the server of one client. Local to rank 0, but for a barrier."""
    port = MPI.Open_port()
    MPI.Publish_name(name, port)
    comm.Barrier()
    client = alone.Accept(port)
    client.Send(np.array([1]), dest=0)
    client.Disconnect()
    MPI.Unpublish_name(name, port)
    MPI.Close_port(port)
