"""Repeat one exchange many times: Send_init, Recv_init and Startall.

A loop that exchanges the same buffers with the same neighbours in every step
states the arguments once; each step then only starts and waits. MPI reads and
writes the buffers between start and wait, so they must stay where they are.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["persistent_requests"]


def persistent_requests(comm: MPI.Intracomm, device: Device) -> Result:
    """Send an array once round the whole ring, step by step. Collective over comm.

    Parameters
    ----------
    comm
        Its ranks form a ring; a single rank is its own neighbour.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where each step brought the array of the rank that many places
        to the left, so that after `size` steps it is at home again.
    """
    xp, transport = device.xp, device.transport
    left = (comm.rank - 1) % comm.size
    right = (comm.rank + 1) % comm.size

    sendbuf = xp.full(3, comm.rank)
    recvbuf = xp.empty_like(sendbuf)
    out, into = transport.attach(sendbuf, "persistent"), transport.attach(recvbuf, "persistent")
    requests = [comm.Recv_init(into.message, left), comm.Send_init(out.message, right)]
    passed = []
    for _ in range(comm.size):
        out.to_mpi()
        into.synchronize()
        MPI.Prequest.Startall(requests)
        MPI.Request.Waitall(requests)
        into.from_mpi()
        passed.append(recvbuf.tolist())
        sendbuf[:] = recvbuf
    for request in requests:
        request.Free()

    expected = [[(comm.rank - step) % comm.size] * 3 for step in range(1, comm.size + 1)]
    return Result(
        lines=(f"saw {passed} go by",),
        correct=passed == expected,
        expected=f"expected {expected}, got {passed}",
    )
