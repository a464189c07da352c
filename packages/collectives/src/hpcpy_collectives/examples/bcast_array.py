"""Give an array of the root to every rank: Bcast.

Every rank passes a buffer of the same type and size: the root's is read, the
others' are filled. A rank that does not know the size needs a bcast of it first.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["bcast_array"]


def bcast_array(comm: MPI.Intracomm, device: Device) -> Result:
    """Broadcast an array from rank 0. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the root.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where the array is the root's.
    """
    xp, transport = device.xp, device.transport
    root = 0
    buf = xp.arange(6) ** 2 if comm.rank == root else xp.empty(6, dtype=int)
    with transport.buffer(buf, "bcast") as message:
        comm.Bcast(message, root=root)

    expected = xp.asarray([0, 1, 4, 9, 16, 25])
    return Result(
        lines=(f"has {buf}",),
        correct=bool(xp.array_equal(buf, expected)),
        expected=f"expected {expected}, got {buf}",
    )
