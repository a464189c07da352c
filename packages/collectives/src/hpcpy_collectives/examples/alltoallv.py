"""Send every item to the rank that owns it: Alltoallv.

How many items go where is only known when the data is. So the ranks exchange
the counts first, with alltoall, and then the items. Without displacements in the
buffer specification mpi4py takes the parts to follow each other without gaps.
"""

from mpi4py import MPI

from hpcpy_core.device import Array, Device
from hpcpy_core.examples import Result

__all__ = ["alltoallv"]

SEED = 7


def alltoallv(comm: MPI.Intracomm, device: Device, items: int = 6) -> Result:
    """Redistribute random integers: the remainder by `size` owns them. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks send to all; rank r owns the integers with remainder r.
    device
        Where the arrays live.
    items
        How many integers rank 0 draws; every further rank draws one more.

    Returns
    -------
    Result
        Correct where the integers are those of all draws that this rank owns.
    """
    xp, transport = device.xp, device.transport

    def draw(rank: int) -> Array:
        drawn: Array = xp.random.default_rng([SEED, rank]).integers(100, size=items + rank)
        return drawn

    owner = draw(comm.rank) % comm.size
    sendbuf = draw(comm.rank)[xp.argsort(owner, kind="stable")]
    sendcounts = xp.bincount(owner, minlength=comm.size).tolist()

    recvcounts = comm.alltoall(sendcounts)
    recvbuf = xp.empty(sum(recvcounts), dtype=sendbuf.dtype)
    with transport.sendbuf(sendbuf, "gather") as out, transport.recvbuf(recvbuf, "gather") as into:
        comm.Alltoallv([out, sendcounts], [into, recvcounts])

    everything = xp.concatenate([draw(rank) for rank in range(comm.size)])
    expected = everything[everything % comm.size == comm.rank]
    return Result(
        lines=(f"drew {draw(comm.rank)}", f"owns {recvbuf}"),
        correct=bool(xp.array_equal(recvbuf, expected)),
        expected=f"expected {expected}, got {recvbuf}",
    )
