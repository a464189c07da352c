"""Send arrays between pairs of ranks, and name their MPI datatype: Send and Recv.

Upper-case methods hand the array's own memory to MPI: nothing is pickled. A
buffer is written [array, datatype] or [array, count, datatype]; the receiver
must have allocated room for it.
"""

from mpi4py import MPI

from hpcpy_collectives.arrays import array_namespace
from hpcpy_collectives.result import Result
from hpcpy_core.device import Device

__all__ = ["send_recv_datatype"]


def send_recv_datatype(comm: MPI.Intracomm, device: Device) -> Result:
    """Send doubles to the odd rank of a pair and 32-bit integers back. Collective over comm.

    Parameters
    ----------
    comm
        Ranks 0 and 1, 2 and 3 and so on are pairs; a last rank without a
        partner sits out.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where the array is what the partner made.
    """
    partner = comm.rank ^ 1
    if partner >= comm.size:
        return Result(lines=("has no partner and sits out",), correct=True)

    xp = array_namespace(device)
    doubles = xp.linspace(0, 1, 5, dtype="float64")
    integers = xp.arange(10, 14, dtype="int32")
    if comm.rank < partner:
        comm.Send([doubles, MPI.DOUBLE], dest=partner)
        expected, recvbuf = integers, xp.empty_like(integers)
        comm.Recv([recvbuf, MPI.INT32_T], source=partner)
    else:
        expected, recvbuf = doubles, xp.empty_like(doubles)
        comm.Recv([recvbuf, MPI.DOUBLE], source=partner)
        comm.Send([integers, integers.size, MPI.INT32_T], dest=partner)

    return Result(
        lines=(f"received {recvbuf} of type {recvbuf.dtype}",),
        correct=bool(xp.array_equal(recvbuf, expected)),
        expected=f"expected {expected}, got {recvbuf}",
    )
