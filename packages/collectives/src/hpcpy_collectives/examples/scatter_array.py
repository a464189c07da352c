"""Give each rank its part of an array of the root: Scatter.

All parts have the same size, in rank order: row i of a matrix with one row per
rank goes to rank i. Parts of different sizes need Scatterv.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["scatter_array"]


def scatter_array(comm: MPI.Intracomm, device: Device) -> Result:
    """Scatter the rows of a matrix from rank 0. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the root; the matrix has one row per rank.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where the row is the one of this rank.
    """
    xp, transport = device.xp, device.transport
    root, columns = 0, 3
    sendbuf = None  # only the root has something to send
    if comm.rank == root:
        sendbuf = xp.arange(comm.size * columns).reshape(comm.size, columns)
    recvbuf = xp.empty(columns, dtype=int)
    with transport.sendbuf(sendbuf, "gather") as out, transport.recvbuf(recvbuf, "gather") as into:
        comm.Scatter(out, into, root=root)

    expected = comm.rank * columns + xp.arange(columns)
    return Result(
        lines=(f"has row {recvbuf}",),
        correct=bool(xp.array_equal(recvbuf, expected)),
        expected=f"expected {expected}, got {recvbuf}",
    )
