"""Exchange equal parts between all ranks: Alltoall.

Row j of rank i becomes row i of rank j. It is the heart of a distributed
transpose, and so of a parallel Fourier transform.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["alltoall_array"]


def alltoall_array(comm: MPI.Intracomm, device: Device) -> Result:
    """Transpose a matrix that has one row on every rank. Collective over comm.

    Parameters
    ----------
    comm
        The matrix has as many rows and columns as `comm` has ranks.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where the row is that column of the matrix before.
    """
    xp, transport = device.xp, device.transport
    size = comm.size
    sendbuf = comm.rank * size + xp.arange(size)
    recvbuf = xp.empty_like(sendbuf)
    with transport.sendbuf(sendbuf, "gather") as out, transport.recvbuf(recvbuf, "gather") as into:
        comm.Alltoall(out, into)

    expected = xp.arange(size * size).reshape(size, size)[:, comm.rank]
    return Result(
        lines=(f"row {sendbuf} became {recvbuf}",),
        correct=bool(xp.array_equal(recvbuf, expected)),
        expected=f"expected {expected}, got {recvbuf}",
    )
