"""Every rank sees its own block of a matrix in the file: Create_subarray, Set_view.

The datatype is told what NumPy's slices tell: the shape of the whole, the shape of the
part, and where the part begins. Its extent is that of the whole matrix. It works in
any number of dimensions, so this is the layout for most programs that divide a grid.

A second subarray describes the array in memory: the halo around the block, copies of
what the neighbours own, stays where it is. Nothing is copied to make the block contiguous.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.datatypes import committed
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_mpiio.scratch_file import closing, scratch_file

__all__ = ["subarray_view"]

HALO = 1


def subarray_view(comm: MPI.Intracomm, device: Device) -> Result:
    """Write the block of each rank, without its halo, into one matrix. Collective over comm.

    Parameters
    ----------
    comm
        Its ranks own the blocks of the matrix, which differ by a row or a column.
    device
        Where the array lives.

    Returns
    -------
    Result
        Correct where NumPy reads the whole matrix, and nothing of any halo.
    """
    xp, transport = device.xp, device.transport
    down, across = MPI.Compute_dims(comm.size, 2)
    shape = (2 * down + 1, 3 * across + 1)
    block = Decomposition(shape=shape, dims=(down, across)).owned(comm.rank)

    u = xp.full([length + 2 * HALO for length in block.shape], -1.0)
    rows, columns = (xp.arange(a, b) for a, b in zip(block.start, block.stop, strict=True))
    u[HALO:-HALO, HALO:-HALO] = 10 * rows[:, None] + columns

    in_file = MPI.DOUBLE.Create_subarray(shape, block.shape, block.start)
    in_memory = MPI.DOUBLE.Create_subarray(u.shape, block.shape, (HALO, HALO))
    with scratch_file(comm) as path, committed(in_file) as filetype, committed(in_memory) as place:
        with agreed(comm):
            file = MPI.File.Open(comm, path, MPI.MODE_CREATE | MPI.MODE_WRONLY)
        with agreed(comm), closing(file), transport.sendbuf(u) as sendbuf:
            file.Set_view(0, MPI.DOUBLE, filetype)
            file.Write_all([sendbuf, 1, place])
        written = np.fromfile(path)

    expected = 10.0 * np.arange(shape[0])[:, np.newaxis] + np.arange(shape[1])
    return Result(
        lines=(f"wrote {block.shape} items from {block.start} of a matrix of {shape}",),
        correct=np.array_equal(written, expected.reshape(-1)),
        expected=f"expected {expected.reshape(-1).tolist()}, got {written.tolist()}",
    )
