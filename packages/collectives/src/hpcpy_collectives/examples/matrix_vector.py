"""Multiply a matrix by a vector, both distributed by rows: Allgather.

Each rank has some rows of the matrix and as many items of the vector. Its rows
need the whole vector, which Allgather puts together; the product is distributed
like the vector again.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["matrix_vector"]

ROWS = 3


def matrix_vector(comm: MPI.Intracomm, device: Device) -> Result:
    """Multiply with three rows of the matrix on every rank. Collective over comm.

    Parameters
    ----------
    comm
        The matrix has three rows and three columns per rank.
    device
        Where the arrays live and the product is computed.

    Returns
    -------
    Result
        Correct where the items are those of the closed formula: the matrix has
        i + j in row i and column j, the vector j in row j.
    """
    xp, transport = device.xp, device.transport
    n = ROWS * comm.size
    i = xp.arange(ROWS * comm.rank, ROWS * (comm.rank + 1), dtype="float64")
    matrix = i[:, None] + xp.arange(n)  # this rank's rows
    part = i  # this rank's items of the vector

    vector = xp.empty(n, dtype="float64")
    with (
        transport.sendbuf(part, "gather") as sendbuf,
        transport.recvbuf(vector, "gather") as recvbuf,
    ):
        comm.Allgather(sendbuf, recvbuf)
    product = matrix @ vector

    # The sum of (i + j) j over j is i times the sum of j plus the sum of j^2.
    expected = i * (n * (n - 1) // 2) + (n - 1) * n * (2 * n - 1) // 6
    return Result(
        lines=(f"has {product} of the product",),
        correct=bool(xp.array_equal(product, expected)),
        expected=f"expected {expected}, got {product}",
    )
