"""Receive messages of unknown length from whoever sends first: Probe and ANY_SOURCE.

Probe waits until a message is there and says whose it is and how long, so that
the right memory can be allocated before it is received. A program that receives
in several threads uses Mprobe instead: no other thread can take that message.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["probe_any_source"]


def probe_any_source(comm: MPI.Intracomm, device: Device) -> Result:
    """Send an array of its own length from every rank to rank 0. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 receives; a single rank has nobody to hear from.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct on rank 0 where it received the array of each other rank once;
        the others only send.
    """
    xp, transport = device.xp, device.transport
    if comm.rank != 0:
        sendbuf = xp.full(comm.rank, comm.rank, dtype="float64")
        with transport.sendbuf(sendbuf, "p2p") as out:
            comm.Send(out, dest=0)
        return Result(lines=(f"sent {sendbuf}",), correct=True)

    received = {}
    status = MPI.Status()
    for _ in range(comm.size - 1):
        comm.Probe(source=MPI.ANY_SOURCE, tag=MPI.ANY_TAG, status=status)
        recvbuf = xp.empty(status.Get_count(MPI.DOUBLE), dtype="float64")
        # Not ANY_SOURCE again: by now another rank's message may be first.
        with transport.recvbuf(recvbuf, "p2p") as into:
            comm.Recv(into, source=status.source, tag=status.tag)
        received[status.source] = recvbuf.tolist()

    expected = {rank: [float(rank)] * rank for rank in range(1, comm.size)}
    arrived = ", ".join(map(str, received)) or "nobody"
    return Result(
        lines=(f"received from {arrived}, in order of arrival",),
        correct=received == expected,
        expected=f"expected {expected}, got {received}",
    )
