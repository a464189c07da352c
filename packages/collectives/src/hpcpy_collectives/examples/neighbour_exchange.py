"""Exchange items with the neighbours in a grid of ranks: Neighbor_alltoall.

Create_cart arranges the ranks in a grid. A neighbourhood collective sends item i
to neighbour i, in the order before and after along axis 0, before and after along
axis 1. Where the grid ends nothing is sent, and the item received stays as it was.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["neighbour_exchange"]

NONE = -1


def neighbour_exchange(comm: MPI.Intracomm, device: Device) -> Result:
    """Send an item to every neighbour in the grid. Collective over comm.

    Parameters
    ----------
    comm
        Its ranks form a grid that does not wrap around; a single rank has no
        neighbour.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where each item is what that neighbour sent this way.
    """
    xp, transport = device.xp, device.transport
    rows, columns = MPI.Compute_dims(comm.size, 2)
    cart = comm.Create_cart([rows, columns], periods=[False, False])
    row, column = cart.coords

    sendbuf = 10 * cart.rank + xp.arange(4)
    recvbuf = xp.full(4, NONE)
    with transport.sendbuf(sendbuf) as out, transport.buffer(recvbuf) as into:
        cart.Neighbor_alltoall(out, into)
    cart.Free()

    # What goes up is received from below, and so on: items 0 and 1 change places, 2 and 3 too.
    rank = row * columns + column
    expected = xp.asarray(
        [
            10 * (rank - columns) + 1 if row > 0 else NONE,
            10 * (rank + columns) + 0 if row < rows - 1 else NONE,
            10 * (rank - 1) + 3 if column > 0 else NONE,
            10 * (rank + 1) + 2 if column < columns - 1 else NONE,
        ]
    )
    return Result(
        lines=(f"at row {row}, column {column} received {recvbuf}",),
        correct=bool(xp.array_equal(recvbuf, expected)),
        expected=f"expected {expected}, got {recvbuf}",
    )
