"""Give each rank its part of an array that does not divide evenly: Scatterv.

counts[r] items from displs[r] on go to rank r. Items that are left over after
the division go to the first ranks, one each.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["scatterv"]


def scatterv(comm: MPI.Intracomm, device: Device, items: int = 11) -> Result:
    """Scatter an array from rank 0 in nearly equal parts. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the root.
    device
        Where the arrays live.
    items
        Length of the array; with fewer items than ranks some get none.

    Returns
    -------
    Result
        Correct where the part is that of `numpy.array_split`.
    """
    xp, transport = device.xp, device.transport
    root = 0
    counts = [items // comm.size + (rank < items % comm.size) for rank in range(comm.size)]
    displs = [sum(counts[:rank]) for rank in range(comm.size)]

    sendbuf = None  # only the root has something to send
    if comm.rank == root:
        sendbuf = xp.arange(items, dtype="float64")
    recvbuf = xp.empty(counts[comm.rank], dtype="float64")
    with transport.sendbuf(sendbuf, "gather") as out, transport.recvbuf(recvbuf, "gather") as into:
        comm.Scatterv([out, counts, displs, MPI.DOUBLE], into, root=root)

    expected = xp.array_split(xp.arange(items, dtype="float64"), comm.size)[comm.rank]
    return Result(
        lines=(f"has {recvbuf}",),
        correct=bool(xp.array_equal(recvbuf, expected)),
        expected=f"expected {expected}, got {recvbuf}",
    )
