"""Compute while a collective is under way: Ibcast, Iallreduce and Waitall.

Each call returns a request at once. The buffers belong to MPI until the request
has been waited for, and all ranks start their collectives in the same order.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["nonblocking_collectives"]


def nonblocking_collectives(comm: MPI.Intracomm, device: Device) -> Result:
    """Broadcast and add up at the same time, and compute meanwhile. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the root of the broadcast.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where both collectives and the work between gave what they must.
    """
    xp, transport = device.xp, device.transport
    root = 0
    weights = xp.arange(1, 5) if comm.rank == root else xp.empty(4, dtype=int)
    sendbuf = xp.arange(4) + comm.rank
    total = xp.empty_like(sendbuf)

    with (
        transport.buffer(weights, "nonblocking") as message,
        transport.sendbuf(sendbuf, "nonblocking_reduction") as out,
        transport.recvbuf(total, "nonblocking_reduction") as into,
    ):
        requests = [comm.Ibcast(message, root=root), comm.Iallreduce(out, into, op=MPI.SUM)]
        local = int((sendbuf**2).sum())  # reading sendbuf is allowed, changing it is not
        MPI.Request.Waitall(requests)
    answer = [int((weights * total).sum()), local]

    n = comm.size
    expected = [
        sum((i + 1) * (n * i + n * (n - 1) // 2) for i in range(4)),
        sum((i + comm.rank) ** 2 for i in range(4)),
    ]
    return Result(
        lines=(f"weighted sum {answer[0]}, sum of squares {answer[1]}",),
        correct=answer == expected,
        expected=f"expected {expected}, got {answer}",
    )
