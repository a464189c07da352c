"""Combine arrays of this and all lower ranks: Scan.

A running total over the ranks. Its use is finding one's place: how many items
the lower ranks have is where this rank's items begin in a shared file. Exscan
leaves this rank out, and leaves the buffer of rank 0 as it was.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["scan_array"]


def scan_array(comm: MPI.Intracomm, device: Device) -> Result:
    """Find where each rank's items begin and end. Collective over comm.

    Parameters
    ----------
    comm
        Rank r has r + 1 items.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where the end is that of the closed formula for triangular numbers.
    """
    xp, transport = device.xp, device.transport
    items = xp.full(1, comm.rank + 1)
    stop = xp.empty_like(items)
    with (
        transport.sendbuf(items, "reduction") as sendbuf,
        transport.recvbuf(stop, "reduction") as recvbuf,
    ):
        comm.Scan(sendbuf, recvbuf, op=MPI.SUM)
    start = stop - items

    expected = (comm.rank + 1) * (comm.rank + 2) // 2
    return Result(
        lines=(f"items begin at {start[0]} and end before {stop[0]}",),
        correct=int(stop[0]) == expected,
        expected=f"expected {expected}, got {stop[0]}",
    )
