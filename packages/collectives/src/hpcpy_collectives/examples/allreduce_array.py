"""Combine arrays of all ranks item by item on every rank: Allreduce.

The call of every iterative solver: all ranks learn the norm of a residual and
decide alike whether to stop.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["allreduce_array"]


def allreduce_array(comm: MPI.Intracomm, device: Device) -> Result:
    """Find the item-wise maximum over all ranks. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks give and get.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where the maximum is the one found without communication.
    """
    xp, transport = device.xp, device.transport
    table = (3 * xp.arange(5) + 5 * xp.arange(comm.size)[:, None]) % 11
    sendbuf = table[comm.rank]
    recvbuf = xp.empty_like(sendbuf)
    with (
        transport.sendbuf(sendbuf, "reduction") as out,
        transport.recvbuf(recvbuf, "reduction") as into,
    ):
        comm.Allreduce(out, into, op=MPI.MAX)

    expected = table.max(axis=0)
    return Result(
        lines=(f"gave {sendbuf}, maximum {recvbuf}",),
        correct=bool(xp.array_equal(recvbuf, expected)),
        expected=f"expected {expected}, got {recvbuf}",
    )
