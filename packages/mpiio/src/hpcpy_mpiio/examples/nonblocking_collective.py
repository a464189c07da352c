"""Compute while a collective write is under way: Iwrite_at_all, Waitall.

Each call returns a request at once. What is being written belongs to MPI until the
request was waited for: reading it is allowed, changing it is not, and no other write may
touch those bytes of the file. All ranks start their collectives in the same order.

How much really happens meanwhile differs: an MPI may do all the work in the call, or all
of it in Wait. So measure before you rely on it. The request's Wait raises what failed.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_mpiio.scratch_file import closing, scratch_file

__all__ = ["nonblocking_collective"]

ITEMS = 5


def nonblocking_collective(comm: MPI.Intracomm, device: Device) -> Result:
    """Write two arrays of each rank and add one up meanwhile. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks write: first all their u, behind them all their v.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where the sum is that of a formula, and NumPy reads all arrays.
    """
    xp, transport = device.xp, device.transport
    u = xp.arange(ITEMS) + 10 * comm.rank
    v = u**2
    place = comm.rank * u.nbytes
    with scratch_file(comm) as path:
        with agreed(comm):
            file = MPI.File.Open(comm, path, MPI.MODE_CREATE | MPI.MODE_WRONLY)
        with (
            agreed(comm),
            closing(file),
            transport.sendbuf(u) as first,
            transport.sendbuf(v) as second,
        ):
            requests = [
                file.Iwrite_at_all(place, first),
                file.Iwrite_at_all(comm.size * u.nbytes + place, second),
            ]
            total = int(u.sum())
            MPI.Request.Waitall(requests)
        written = np.fromfile(path, dtype=u.dtype)

    everyone = np.concatenate([np.arange(ITEMS) + 10 * rank for rank in range(comm.size)])
    expected = np.concatenate([everyone, everyone**2])
    expected_total = ITEMS * (ITEMS - 1) // 2 + 10 * comm.rank * ITEMS
    return Result(
        lines=(f"wrote {u} and {v}, sum meanwhile {total}",),
        correct=total == expected_total and np.array_equal(written, expected),
        expected=(
            f"expected {expected.tolist()} and sum {expected_total}, "
            f"got {written.tolist()} and {total}"
        ),
    )
