"""Collect equal parts of all ranks in an array on the root: Gather.

The inverse of Scatter: the array of rank i becomes row i. Only the root
allocates the whole.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["gather_array"]


def gather_array(comm: MPI.Intracomm, device: Device) -> Result:
    """Gather one row of every rank into a matrix on rank 0. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the root.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct on the root where row i came from rank i; the others only send.
    """
    xp, transport = device.xp, device.transport
    root, columns = 0, 3
    sendbuf = xp.full(columns, 10 * comm.rank)
    recvbuf = xp.empty((comm.size, columns), dtype=int) if comm.rank == root else None
    with transport.sendbuf(sendbuf, "gather") as out, transport.recvbuf(recvbuf, "gather") as into:
        comm.Gather(out, into, root=root)
    if recvbuf is None:
        return Result(lines=(f"sent {sendbuf}",), correct=True)

    expected = xp.repeat(10 * xp.arange(comm.size), columns).reshape(comm.size, columns)
    return Result(
        lines=(f"sent {sendbuf}", f"gathered {recvbuf.tolist()}"),
        correct=bool(xp.array_equal(recvbuf, expected)),
        expected=f"expected {expected.tolist()}, got {recvbuf.tolist()}",
    )
