"""Send arrays between pairs of ranks, and let mpi4py find their MPI datatype: Send and Recv.

An array knows its type and its length, so the array alone is a whole buffer
specification. The datatypes are still those of `send_recv_datatype`: both sides
must agree on them, since MPI converts nothing.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["send_recv_automatic"]


def send_recv_automatic(comm: MPI.Intracomm, device: Device) -> Result:
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

    xp, transport = device.xp, device.transport
    doubles = xp.linspace(0, 1, 5, dtype="float64")
    integers = xp.arange(10, 14, dtype="int32")
    if comm.rank < partner:
        with transport.sendbuf(doubles, "p2p") as sendbuf:
            comm.Send(sendbuf, dest=partner)
        expected, received = integers, xp.empty_like(integers)
        with transport.recvbuf(received, "p2p") as recvbuf:
            comm.Recv(recvbuf, source=partner)
    else:
        expected, received = doubles, xp.empty_like(doubles)
        with transport.recvbuf(received, "p2p") as recvbuf:
            comm.Recv(recvbuf, source=partner)
        with transport.sendbuf(integers, "p2p") as sendbuf:
            comm.Send(sendbuf, dest=partner)

    return Result(
        lines=(f"received {received} of type {received.dtype}",),
        correct=bool(xp.array_equal(received, expected)),
        expected=f"expected {expected}, got {received}",
    )
