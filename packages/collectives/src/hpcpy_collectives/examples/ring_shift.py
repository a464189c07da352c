"""Shift arrays round a ring: Sendrecv.

Every rank sends to its right and receives from its left in one call. If all
ranks called a blocking Send first, they could wait for each other for ever.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["ring_shift"]


def ring_shift(comm: MPI.Intracomm, device: Device) -> Result:
    """Shift every rank's array to its right neighbour. Collective over comm.

    Parameters
    ----------
    comm
        Its ranks form a ring; a single rank is its own neighbour.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where the array is the left neighbour's.
    """
    xp, transport = device.xp, device.transport
    left = (comm.rank - 1) % comm.size
    right = (comm.rank + 1) % comm.size

    sendbuf = xp.arange(4) + 10 * comm.rank
    recvbuf = xp.empty_like(sendbuf)
    with transport.sendbuf(sendbuf, "p2p") as out, transport.recvbuf(recvbuf, "p2p") as into:
        comm.Sendrecv(out, dest=right, recvbuf=into, source=left)

    expected = xp.arange(4) + 10 * left
    return Result(
        lines=(f"sent {sendbuf} to {right}, received {recvbuf} from {left}",),
        correct=bool(xp.array_equal(recvbuf, expected)),
        expected=f"expected {expected}, got {recvbuf}",
    )
