"""Add arrays up and give each rank its part of the sum: Reduce_scatter.

Cheaper than Allreduce where no rank needs the whole sum. Rank r gets counts[r]
items; where all counts are alike Reduce_scatter_block needs none.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["reduce_scatter_array"]


def reduce_scatter_array(comm: MPI.Intracomm, device: Device) -> Result:
    """Add up an array of every rank and deal the sum out unevenly. Collective over comm.

    Parameters
    ----------
    comm
        Rank r gets r + 1 items of the sum.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where the items are those of the closed formula.
    """
    xp, transport = device.xp, device.transport
    counts = [rank + 1 for rank in range(comm.size)]
    sendbuf = (comm.rank + 1) * xp.arange(sum(counts))
    recvbuf = xp.empty(counts[comm.rank], dtype=sendbuf.dtype)
    with (
        transport.sendbuf(sendbuf, "reduction") as out,
        transport.recvbuf(recvbuf, "reduction") as into,
    ):
        comm.Reduce_scatter(out, into, recvcounts=counts, op=MPI.SUM)

    first = sum(counts[: comm.rank])
    factors = comm.size * (comm.size + 1) // 2  # 1 + 2 + ... + size
    expected = factors * xp.arange(first, first + recvbuf.size)
    return Result(
        lines=(f"gave {sendbuf}, got {recvbuf} of the sum",),
        correct=bool(xp.array_equal(recvbuf, expected)),
        expected=f"expected {expected}, got {recvbuf}",
    )
