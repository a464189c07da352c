"""Load a .npy file, divided over the ranks of a communicator."""

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.decomposition import Decomposition
from hpcpy_mpiio.open_npy import open_field
from hpcpy_mpiio.replacement import StrOrBytesPath

__all__ = ["load"]


def load(
    path: StrOrBytesPath,
    decomposition: Decomposition,
    comm: MPI.Intracomm,
    *,
    hints: Mapping[str, str] | None = None,
) -> npt.NDArray[Any]:
    """Read this rank's part of a .npy file. Collective over comm.

    The file may come from `numpy.save`, or from `hpcpy_mpiio.save` on any number
    of ranks. To read several blocks, or blocks with halos, see `open_field`.

    Parameters
    ----------
    path
        Rank 0's counts.
    decomposition
        Of an array of the file's shape, the same on every rank, for ``comm.size``
        ranks.
    comm
        All of its ranks must call.
    hints
        For MPI_File_open and the file view, the same on every rank. They win over
        those that `hpcpy_mpiio.hints.reliable_hints` sets.

    Returns
    -------
    ndarray
        Shape ``decomposition.owned(comm.rank).shape``, the file's dtype, writeable,
        contiguous in the file's order: C, or Fortran.

    Raises
    ------
    InputError
        The same on every rank: no such file, another shape, or wrong hints or another
        number of ranks on any of them.
    FileError
        The same on every rank: not a .npy file, one of Python objects, truncated,
        too long, or a step that failed on any rank.
    """
    with open_field(path, comm, hints=hints) as field:
        return field.read(decomposition)
