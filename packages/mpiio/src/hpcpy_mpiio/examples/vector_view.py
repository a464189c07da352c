"""Every rank sees its own columns of a matrix in the file: Create_vector, Set_view.

A file view is a mask with holes. Its filetype says which bytes are this rank's, its
displacement where the mask begins, and Write_all then fills the gaps between the
holes of the others: one call for what would be a write for every row.

The filetype repeats to the end of the file, from one extent to the next. The extent of
a vector ends behind its last item, not at the end of the matrix: for a second matrix
in the same file resize it first (Create_resized).
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.datatypes import committed
from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_mpiio.scratch_file import closing, scratch_file

__all__ = ["vector_view"]

ROWS, COLUMNS = 3, 2


def vector_view(comm: MPI.Intracomm, device: Device) -> Result:
    """Write two columns of each rank into one matrix. Collective over comm.

    Parameters
    ----------
    comm
        Its ranks own the columns of the matrix from left to right.
    device
        Where the array lives.

    Returns
    -------
    Result
        Correct where NumPy reads the whole matrix, row by row.
    """
    xp, transport = device.xp, device.transport
    width = COLUMNS * comm.size
    u = xp.arange(ROWS * COLUMNS, dtype="float64") + 100 * comm.rank  # a C-ordered 3 x 2 block
    with scratch_file(comm) as path:
        with agreed(comm):
            file = MPI.File.Open(comm, path, MPI.MODE_CREATE | MPI.MODE_WRONLY)
        with (
            agreed(comm),
            closing(file),
            committed(MPI.DOUBLE.Create_vector(ROWS, COLUMNS, width)) as filetype,
            transport.sendbuf(u) as sendbuf,
        ):
            displacement = comm.rank * COLUMNS * u.itemsize
            file.Set_view(displacement, MPI.DOUBLE, filetype)
            file.Write_all(sendbuf)
        written = np.fromfile(path)

    block = np.arange(ROWS * COLUMNS, dtype="float64").reshape(ROWS, COLUMNS)
    expected = np.hstack([block + 100 * rank for rank in range(comm.size)])
    columns = f"{comm.rank * COLUMNS} to {(comm.rank + 1) * COLUMNS - 1}"
    return Result(
        lines=(f"wrote columns {columns} of {width}: {u.reshape(ROWS, COLUMNS).tolist()}",),
        correct=np.array_equal(written, expected.reshape(-1)),
        expected=f"expected {expected.reshape(-1).tolist()}, got {written.tolist()}",
    )
