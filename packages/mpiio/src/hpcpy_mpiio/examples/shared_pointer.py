"""One file pointer for all ranks, as for a common log: Write_shared.

Whoever writes takes the pointer's place and moves it on, so that records never overlap.
Their order is that of arrival: another one in every run. So each record says whose
it is.

The pointer itself is kept somewhere: by MPICH in a hidden file beside yours, by Open
MPI in shared memory or in a file. That costs more than an offset that every rank
can compute, and some file systems cannot do it.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_mpiio.scratch_file import closing, scratch_file

__all__ = ["shared_pointer"]

RECORDS, ITEMS = 3, 2


def shared_pointer(comm: MPI.Intracomm, device: Device) -> Result:
    """Write three records of each rank in any order. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks write when they like.
    device
        Where the records live.

    Returns
    -------
    Result
        Correct where NumPy finds every record of every rank once, and those of one
        rank in the order in which it wrote them.
    """
    xp, transport = device.xp, device.transport
    with scratch_file(comm) as path:
        with agreed(comm):
            file = MPI.File.Open(comm, path, MPI.MODE_CREATE | MPI.MODE_WRONLY)
        with agreed(comm), closing(file):
            for number in range(RECORDS):
                record = xp.asarray([comm.rank, number])
                with transport.sendbuf(record) as sendbuf:
                    file.Write_shared(sendbuf)
        written = np.fromfile(path, dtype=record.dtype)

    whole = written.size == comm.size * RECORDS * ITEMS
    found = written.reshape(-1, ITEMS) if whole else written
    # A stable sort by rank keeps the order in which each rank's records arrived.
    records = found[np.argsort(found[:, 0], kind="stable")].tolist() if whole else found.tolist()
    expected = [[rank, number] for rank in range(comm.size) for number in range(RECORDS)]
    lines = [f"wrote {RECORDS} records of {record.nbytes} bytes"]
    if comm.rank == 0:
        lines.append(f"the ranks' order in the file: {found[..., 0].tolist()}")
    return Result(
        lines=tuple(lines),
        correct=records == expected,
        expected=f"expected {expected} in any order of the ranks, got {found.tolist()}",
    )
