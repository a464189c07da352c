"""Pieces of different lengths in rank order, and nobody computes an offset: Write_ordered.

It uses the shared file pointer, but all ranks call together and MPI gives each its
place behind the ranks before it. The result is the same in every run.

The same by hand is an exclusive scan of the lengths (Exscan), then Write_at_all: more
to write, and better on many ranks, since it needs no shared pointer.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_mpiio.scratch_file import closing, scratch_file

__all__ = ["write_ordered"]


def write_ordered(comm: MPI.Intracomm, device: Device) -> Result:
    """Write rank + 1 items of each rank, twice. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks write together.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where NumPy reads the pieces in rank order, all first ones before the
        second ones.
    """
    xp, transport = device.xp, device.transport
    items = comm.rank + 1
    first, second = xp.full(items, comm.rank), xp.full(items, 10 + comm.rank)
    with scratch_file(comm) as path:
        with agreed(comm):
            file = MPI.File.Open(comm, path, MPI.MODE_CREATE | MPI.MODE_WRONLY)
        with agreed(comm), closing(file):
            for u in (first, second):
                with agreed(comm), transport.sendbuf(u) as sendbuf:
                    file.Write_ordered(sendbuf)
        written = np.fromfile(path, dtype=first.dtype)

    ranks = np.arange(comm.size)
    expected = np.concatenate([np.repeat(ranks, ranks + 1), np.repeat(10 + ranks, ranks + 1)])
    return Result(
        lines=(f"wrote {first}, then {second}",),
        correct=np.array_equal(written, expected),
        expected=f"expected {expected.tolist()}, got {written.tolist()}",
    )
