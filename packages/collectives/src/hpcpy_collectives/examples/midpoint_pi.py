"""Compute pi by the midpoint rule: Bcast and Reduce.

The area under 4 / (1 + x^2) on [0, 1] is pi. Each rank adds up every size-th of
n strips. The rule errs by 1 / (12 n^2) here, which is the check.
"""

import math

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["midpoint_pi"]

STRIPS = 1000


def midpoint_pi(comm: MPI.Intracomm, device: Device) -> Result:
    """Integrate with a number of strips that rank 0 gives. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the root of both collectives.
    device
        Where the arrays live and the strips are computed.

    Returns
    -------
    Result
        Correct on the root where the error is at most twice the rule's own; on
        the others where they got the number of strips.
    """
    xp, transport = device.xp, device.transport
    root = 0
    strips = xp.asarray(STRIPS) if comm.rank == root else xp.empty((), dtype=int)
    with transport.buffer(strips, "bcast") as buf:
        comm.Bcast(buf, root=root)

    n = int(strips)
    x = (xp.arange(comm.rank, n, comm.size) + 0.5) / n
    part = xp.asarray((4 / (1 + x * x)).sum() / n)
    pi = xp.zeros_like(part)
    with (
        transport.sendbuf(part, "reduction") as sendbuf,
        transport.buffer(pi, "reduction") as recvbuf,
    ):
        comm.Reduce(sendbuf, recvbuf, op=MPI.SUM, root=root)
    if comm.rank != root:
        return Result(
            lines=(f"added up {x.size} strips",),
            correct=n == STRIPS,
            expected=f"expected {STRIPS} strips, got {n}",
        )

    error = abs(float(pi) - math.pi)
    bound = 2 / (12 * n**2)
    return Result(
        lines=(f"added up {x.size} strips", f"pi is {pi:.10f}, the error {error:.1e}"),
        correct=n == STRIPS and error <= bound,
        expected=f"expected pi to {bound:.1e} with {STRIPS} strips, got {pi:.10f} with {n}",
    )
