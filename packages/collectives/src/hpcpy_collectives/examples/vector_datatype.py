"""Send a column of a matrix without copying it: Create_vector.

Rows of a C-ordered matrix lie one after another, so the items of a column are a
row's length apart. The datatype says so, and MPI picks the items up.
"""

from mpi4py import MPI

from hpcpy_core.datatypes import committed
from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["vector_datatype"]


def vector_datatype(comm: MPI.Intracomm, device: Device) -> Result:
    """Send the last column to the right neighbour's first column. Collective over comm.

    Parameters
    ----------
    comm
        Its ranks form a ring; a single rank is its own neighbour.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where the first column is the left neighbour's last one, and
        nothing else has changed.
    """
    xp, transport = device.xp, device.transport
    left = (comm.rank - 1) % comm.size
    right = (comm.rank + 1) % comm.size
    rows, columns = 3, 4
    numbers = xp.arange(rows * columns, dtype="float64").reshape(rows, columns)
    matrix = numbers + 100 * comm.rank

    with (
        committed(MPI.DOUBLE.Create_vector(rows, 1, columns)) as column,
        transport.buffer(matrix, "datatype") as buf,
    ):
        items = buf.reshape(-1)  # a column is named by its first item in memory
        comm.Sendrecv(
            [items[columns - 1 :], 1, column],
            dest=right,
            recvbuf=[items, 1, column],
            source=left,
        )

    expected = numbers + 100 * comm.rank
    expected[:, 0] = numbers[:, -1] + 100 * left
    return Result(
        lines=(f"first column is now {matrix[:, 0]}",),
        correct=bool(xp.array_equal(matrix, expected)),
        expected=f"expected {expected.tolist()}, got {matrix.tolist()}",
    )
