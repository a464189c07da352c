"""Collect parts of different lengths in an array on every rank: Allgatherv.

Every rank needs all counts and displacements, which an allgather of the lengths
gives. Displacements need not be in rank order: here the parts are put in reverse.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["allgatherv"]


def allgatherv(comm: MPI.Intracomm, device: Device, items: int = 11) -> Result:
    """Collect nearly equal parts on every rank, the last rank's first. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks give and get.
    device
        Where the arrays live.
    items
        Length of the whole array; with fewer items than ranks some have none.

    Returns
    -------
    Result
        Correct where the parts are in reverse order of the ranks.
    """
    xp, transport = device.xp, device.transport
    parts = xp.array_split(xp.arange(items, dtype="float64"), comm.size)
    sendbuf = parts[comm.rank]

    counts = comm.allgather(sendbuf.size)
    displs = [sum(counts[rank + 1 :]) for rank in range(comm.size)]
    recvbuf = xp.empty(sum(counts), dtype="float64")
    with transport.sendbuf(sendbuf, "gather") as out, transport.recvbuf(recvbuf, "gather") as into:
        comm.Allgatherv(out, [into, counts, displs, MPI.DOUBLE])

    expected = xp.concatenate(parts[::-1])
    return Result(
        lines=(f"gave {sendbuf}, has {recvbuf}",),
        correct=bool(xp.array_equal(recvbuf, expected)),
        expected=f"expected {expected}, got {recvbuf}",
    )
