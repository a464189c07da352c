"""Every rank has a file pointer of its own: Seek, Write, Get_position, Read.

Write and Read go on where the last call of this rank ended, as with Python's files.
They are independent: no rank waits for another. With a file view they count in its
items, the etypes, instead of bytes.

What one rank wrote, another may read from the open file only after both have called
Sync with a barrier between: Sync gives away what this rank wrote, and takes in what
others gave. The agreement is the barrier.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_mpiio.scratch_file import closing, scratch_file

__all__ = ["individual_pointers"]

ITEMS = 6


def individual_pointers(comm: MPI.Intracomm, device: Device) -> Result:
    """Write a block in two pieces, then read the right neighbour's. Collective over comm.

    Parameters
    ----------
    comm
        Its ranks form a ring; a single rank is its own neighbour.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where the pointer moved by what was written, the neighbour's items were
        read, and NumPy finds those of all ranks in the file.
    """
    xp, transport = device.xp, device.transport
    right = (comm.rank + 1) % comm.size
    first = ITEMS // 3
    u = 10.0 * comm.rank + xp.arange(ITEMS)
    received = xp.empty_like(u)

    with scratch_file(comm) as path:
        with agreed(comm):
            file = MPI.File.Open(comm, path, MPI.MODE_CREATE | MPI.MODE_RDWR)
        with agreed(comm), closing(file):
            with agreed(comm), transport.sendbuf(u) as sendbuf:
                file.Set_view(0, MPI.DOUBLE)
                file.Seek(comm.rank * ITEMS)
                file.Write(sendbuf[:first])
                file.Write(sendbuf[first:])
                moved = file.Get_position() - comm.rank * ITEMS
            with agreed(comm):
                file.Sync()
            file.Sync()
            with transport.recvbuf(received) as recvbuf:
                file.Seek(right * ITEMS + first)
                file.Read(recvbuf[first:])
                file.Seek(-ITEMS, MPI.SEEK_CUR)  # from the neighbour's end to its beginning
                file.Read(recvbuf[:first])
        written = np.fromfile(path)

    blocks = 10.0 * np.arange(comm.size)[:, np.newaxis] + np.arange(ITEMS)
    read = device.to_host(received)
    return Result(
        lines=(f"wrote {first} and {ITEMS - first} items, read {received} of rank {right}",),
        correct=(
            moved == ITEMS
            and np.array_equal(read, blocks[right])
            and np.array_equal(written, blocks.reshape(-1))
        ),
        expected=(
            f"expected {blocks.reshape(-1).tolist()}, got {written.tolist()}, moved {moved}, "
            f"read {read.tolist()}"
        ),
    )
