"""All ranks write the same bytes, and one of them wins as a whole: Set_atomicity.

Without atomic mode MPI promises nothing about overlapping writes: each item may come from
another rank. Here every rank writes each eighth item of the file, piece by piece. Open
MPI 5.0 left a mixture in about half of the tries; MPICH, which locks what it writes with
holes, in none. In atomic mode the call as a whole comes before or after every other one.

It also makes what was written visible to the other ranks at once: behind a barrier they
read it without Sync. It costs locks, so give the ranks bytes of their own where you can.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.datatypes import committed
from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_mpiio.scratch_file import closing, scratch_file

__all__ = ["atomic_mode"]

ITEMS, STRIDE = 2000, 8


def atomic_mode(comm: MPI.Intracomm, device: Device) -> Result:
    """Write the same strided items from every rank. Collective over comm.

    Parameters
    ----------
    comm
        Its ranks compete; which one wins is another one in every run.
    device
        Where the arrays live.

    Returns
    -------
    Result
        Correct where all items in the file are one rank's, and this rank read the same
        from the open file.
    """
    xp, transport = device.xp, device.transport
    u = xp.full(ITEMS, 1.0 + comm.rank)
    received = xp.empty_like(u)
    with (
        scratch_file(comm) as path,
        committed(MPI.DOUBLE.Create_vector(ITEMS, 1, STRIDE)) as filetype,
    ):
        with agreed(comm):
            file = MPI.File.Open(comm, path, MPI.MODE_CREATE | MPI.MODE_RDWR)
        with agreed(comm), closing(file):
            with agreed(comm), transport.sendbuf(u) as sendbuf:
                file.Set_atomicity(True)
                file.Set_view(0, MPI.DOUBLE, filetype)
                file.Write_at(0, sendbuf)
            with transport.recvbuf(received) as recvbuf:
                file.Read_at(0, recvbuf)
        written = np.fromfile(path)

    winners = np.unique(written[::STRIDE])
    size = STRIDE * (ITEMS - 1) + 1
    lines = [f"wrote {ITEMS} items of {comm.rank + 1}"]
    if comm.rank == 0:
        lines.append(f"the file holds {written[::STRIDE].size} items of {winners}")
    return Result(
        lines=tuple(lines),
        correct=(
            written.size == size
            and winners.size == 1
            and winners[0] in range(1, comm.size + 1)
            and np.array_equal(device.to_host(received), written[::STRIDE])
        ),
        expected=(
            f"expected {size} items, those written of one rank, got {written.size} with "
            f"{winners.tolist()}, and read {np.unique(device.to_host(received)).tolist()}"
        ),
    )
