"""A file that numpy.load opens, written by all ranks: a header, then a subarray view.

A .npy file is a short header, which tells dtype, order and shape, and behind it the
items. Rank 0 writes the header, and the view of every rank begins behind it. NumPy makes
the header's length a multiple of 64, so that a memory map of the items is aligned.

`hpcpy_mpiio.save` does this, and what a program needs besides: any dtype, more
than 2 GiB, an old file that stays until the new one is whole, and errors.
"""

from pathlib import Path

import numpy as np
from mpi4py import MPI
from numpy.lib import format as npy

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.datatypes import committed
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_mpiio.scratch_file import closing, scratch_file

__all__ = ["npy_file"]


def npy_file(comm: MPI.Intracomm, device: Device) -> Result:
    """Write the blocks of a matrix behind a header of NumPy's. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 writes the header, all ranks their blocks.
    device
        Where the array lives.

    Returns
    -------
    Result
        Correct where `numpy.load` gives the matrix.
    """
    xp, transport = device.xp, device.transport
    dims = tuple(MPI.Compute_dims(comm.size, 2))
    shape = (2 * dims[0] + 1, 3 * dims[1] + 1)
    block = Decomposition(shape=shape, dims=dims).owned(comm.rank)
    rows, columns = (xp.arange(a, b) for a, b in zip(block.start, block.stop, strict=True))
    u = 10.0 * rows[:, None] + columns

    offset = None
    with (
        scratch_file(comm) as path,
        committed(MPI.DOUBLE.Create_subarray(shape, block.shape, block.start)) as filetype,
    ):
        with on_root(comm) as is_root:
            if is_root:
                fields = {"descr": u.dtype.str, "fortran_order": False, "shape": shape}
                with Path(path).open("wb") as stream:
                    npy.write_array_header_1_0(stream, fields)
                    offset = stream.tell()
        offset = comm.bcast(offset, root=0)
        with agreed(comm):
            file = MPI.File.Open(comm, path, MPI.MODE_WRONLY)
        with agreed(comm), closing(file), transport.sendbuf(u) as sendbuf:
            file.Set_view(offset, MPI.DOUBLE, filetype)
            file.Write_all(sendbuf)
        loaded = np.load(path)

    expected = 10.0 * np.arange(shape[0])[:, np.newaxis] + np.arange(shape[1])
    return Result(
        lines=(f"wrote {block.shape} items behind a header of {offset} bytes",),
        correct=np.array_equal(loaded, expected),
        expected=f"expected {expected.tolist()}, got {loaded.tolist()}",
    )
