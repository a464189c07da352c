"""Collect parts of different lengths in an array on the root: Gatherv.

Only the root needs counts and displacements. Where it does not know the counts
a lower-case gather of the lengths tells it.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["gatherv"]


def gatherv(comm: MPI.Intracomm, device: Device, items: int = 11) -> Result:
    """Gather nearly equal parts of an array on rank 0. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the root.
    device
        Where the arrays live.
    items
        Length of the whole array; with fewer items than ranks some have none.

    Returns
    -------
    Result
        Correct on the root where the parts are in order; the others only send.
    """
    xp, transport = device.xp, device.transport
    root = 0
    whole = xp.arange(items, dtype="float64")
    sendbuf = xp.array_split(whole, comm.size)[comm.rank]

    counts = comm.gather(sendbuf.size, root=root)
    if counts is None:
        with transport.sendbuf(sendbuf, "gather") as out:
            comm.Gatherv(out, None, root=root)
        return Result(lines=(f"sent {sendbuf}",), correct=True)
    displs = [sum(counts[:rank]) for rank in range(comm.size)]
    recvbuf = xp.empty(sum(counts), dtype="float64")
    with transport.sendbuf(sendbuf, "gather") as out, transport.recvbuf(recvbuf, "gather") as into:
        comm.Gatherv(out, [into, counts, displs, MPI.DOUBLE], root=root)

    return Result(
        lines=(f"sent {sendbuf}", f"gathered {recvbuf}"),
        correct=bool(xp.array_equal(recvbuf, whole)),
        expected=f"expected {whole}, got {recvbuf}",
    )
