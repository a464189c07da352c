"""Let a collective overwrite its own input: IN_PLACE.

MPI forbids one array as sendbuf and recvbuf. MPI.IN_PLACE as sendbuf says that
the input is already in recvbuf, and saves the second array.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["in_place"]


def in_place(comm: MPI.Intracomm, device: Device) -> Result:
    """Allreduce and Allgather without a second array. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks give and get.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where the sums and the whole line are those of closed formulas.
    """
    xp, transport = device.xp, device.transport
    sums = xp.asarray([1, comm.rank, comm.rank**2])
    with transport.buffer(sums, "reduction") as buf:
        comm.Allreduce(MPI.IN_PLACE, buf, op=MPI.SUM)

    part = 2
    line = xp.zeros(part * comm.size, dtype=int)
    mine = slice(part * comm.rank, part * (comm.rank + 1))
    line[mine] = xp.arange(mine.start, mine.stop)  # where Allgather would put it
    with transport.buffer(line, "gather") as buf:
        comm.Allgather(MPI.IN_PLACE, buf)

    n = comm.size
    expected_sums = xp.asarray([n, n * (n - 1) // 2, (n - 1) * n * (2 * n - 1) // 6])
    expected_line = xp.arange(part * n)
    return Result(
        lines=(f"sums {sums}, line {line}",),
        correct=bool(xp.array_equal(sums, expected_sums) and xp.array_equal(line, expected_line)),
        expected=f"expected {expected_sums} and {expected_line}, got {sums} and {line}",
    )
