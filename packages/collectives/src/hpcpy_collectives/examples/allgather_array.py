"""Collect equal parts of all ranks in an array on every rank: Allgather.

Like Gather without a root: every rank allocates the whole and has it in the
end, at the price of `size` times the memory.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["allgather_array"]


def allgather_array(comm: MPI.Intracomm, device: Device) -> Result:
    """Put the ranks' parts of a line together on every rank. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks give and get.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where the whole is the line without gap or overlap.
    """
    xp, transport = device.xp, device.transport
    part = 2
    sendbuf = comm.rank * part + xp.arange(part)
    recvbuf = xp.empty(comm.size * part, dtype=int)
    with transport.sendbuf(sendbuf, "gather") as out, transport.recvbuf(recvbuf, "gather") as into:
        comm.Allgather(out, into)

    expected = xp.arange(comm.size * part)
    return Result(
        lines=(f"gave {sendbuf}, has {recvbuf}",),
        correct=bool(xp.array_equal(recvbuf, expected)),
        expected=f"expected {expected}, got {recvbuf}",
    )
