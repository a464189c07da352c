"""Combine arrays of all ranks item by item on the root: Reduce.

MPI's own operations (SUM, PROD, MAX, MIN and others) work on the arrays'
memory. Only the root gets the result, so only the root allocates room for it.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["reduce_array"]


def reduce_array(comm: MPI.Intracomm, device: Device) -> Result:
    """Add up the arrays of all ranks on rank 0. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the root.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct on the root where the sums are those of the closed formula; the
        others only send.
    """
    xp, transport = device.xp, device.transport
    root = 0
    sendbuf = xp.arange(4) + comm.rank
    recvbuf = xp.empty_like(sendbuf) if comm.rank == root else None
    with (
        transport.sendbuf(sendbuf, "reduction") as out,
        transport.recvbuf(recvbuf, "reduction") as into,
    ):
        comm.Reduce(out, into, op=MPI.SUM, root=root)
    if recvbuf is None:
        return Result(lines=(f"sent {sendbuf}",), correct=True)

    expected = comm.size * xp.arange(4) + comm.size * (comm.size - 1) // 2
    return Result(
        lines=(f"sent {sendbuf}", f"sum {recvbuf}"),
        correct=bool(xp.array_equal(recvbuf, expected)),
        expected=f"expected {expected}, got {recvbuf}",
    )
