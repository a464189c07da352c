"""MPI divides a matrix over a grid of ranks by itself: Create_darray, Set_view.

Every rank makes the same call but for its own rank, and says for each axis how items are
dealt out: in blocks, cyclically (one to each in turn, or several), or not at all. It
is the layout of ScaLAPACK's matrices; deal out cyclically what has uneven work.

A block is the number of items by the number of ranks, rounded up: 9 rows for 4 ranks
are 3 + 3 + 3 + 0. hpcpy's `Decomposition` deals 3 + 2 + 2 + 2, so do not mix the two. And
let no rank go without items: not every MPI takes a view of none.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.datatypes import committed
from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_mpiio.scratch_file import closing, scratch_file

__all__ = ["darray_view"]

MOST = 3
"""Of rows, and of columns, that one rank owns; the last one in a line has one less."""


def darray_view(comm: MPI.Intracomm, device: Device) -> Result:
    """Write a matrix with rows dealt out in blocks, columns in turn. Collective over comm.

    Parameters
    ----------
    comm
        Its ranks are numbered row by row in a grid, as in a Cartesian communicator.
    device
        Where the array lives.

    Returns
    -------
    Result
        Correct where NumPy finds in every place the owner and its items in order.
    """
    xp, transport = device.xp, device.transport
    down, across = MPI.Compute_dims(comm.size, 2)
    shape = (MOST * down - 1, MOST * across - 1)
    darray = MPI.DOUBLE.Create_darray(
        comm.size,
        comm.rank,
        shape,
        distribs=[MPI.DISTRIBUTE_BLOCK, MPI.DISTRIBUTE_CYCLIC],
        dargs=[MPI.DISTRIBUTE_DFLT_DARG, MPI.DISTRIBUTE_DFLT_DARG],
        psizes=[down, across],
    )
    with scratch_file(comm) as path, committed(darray) as filetype:
        items = filetype.size // MPI.DOUBLE.size
        u = xp.arange(items, dtype="float64") + 100 * comm.rank
        with agreed(comm):
            file = MPI.File.Open(comm, path, MPI.MODE_CREATE | MPI.MODE_WRONLY)
        with agreed(comm), closing(file), transport.sendbuf(u) as sendbuf:
            file.Set_view(0, MPI.DOUBLE, filetype)
            file.Write_all(sendbuf)
        written = np.fromfile(path)

    row, column = np.indices(shape)
    owner = row // MOST * across + column % across
    expected = 100.0 * owner
    for rank in range(comm.size):
        expected[owner == rank] += np.arange(np.count_nonzero(owner == rank))
    lines = [f"wrote {items} items of a matrix of {shape}"]
    if comm.rank == 0:
        lines.extend(f"owners of row {index}: {ranks}" for index, ranks in enumerate(owner))
    return Result(
        lines=tuple(lines),
        correct=np.array_equal(written, expected.reshape(-1)),
        expected=f"expected {expected.reshape(-1).tolist()}, got {written.tolist()}",
    )
