"""Every rank writes one piece of a file, each after the other: Write_at_all.

To MPI a file is bytes, and nothing says what they mean. An offset counts them from
the file's start, unless a file view says otherwise. `_at` takes the offset as an
argument, so that no file pointer moves; `_all` means that all ranks call together,
which lets MPI join their pieces into few large ones.

A write can fail on one rank only, say on a full disk, and the other ranks learn nothing.
So every step ends in an agreement: then all ranks raise the same error. It is a
barrier, too: behind it the file is closed on every rank, and whole.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_mpiio.scratch_file import closing, scratch_file

__all__ = ["contiguous"]

ITEMS = 4


def contiguous(comm: MPI.Intracomm, device: Device) -> Result:
    """Write one block of each rank in rank order. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks write the file, and all read it back.
    device
        Where the array lives.

    Returns
    -------
    Result
        Correct where NumPy reads from the file what all ranks had.
    """
    xp, transport = device.xp, device.transport
    u = xp.arange(ITEMS) + 10 * comm.rank
    offset = comm.rank * u.nbytes
    with scratch_file(comm) as path:
        with agreed(comm):
            file = MPI.File.Open(comm, path, MPI.MODE_CREATE | MPI.MODE_WRONLY)
        with agreed(comm), closing(file), transport.sendbuf(u) as sendbuf:
            file.Write_at_all(offset, sendbuf)
        written = np.fromfile(path, dtype=u.dtype)

    expected = np.concatenate([np.arange(ITEMS) + 10 * rank for rank in range(comm.size)])
    return Result(
        lines=(f"wrote {u} at byte {offset}",),
        correct=np.array_equal(written, expected),
        expected=f"expected {expected.tolist()}, got {written.tolist()}",
    )
