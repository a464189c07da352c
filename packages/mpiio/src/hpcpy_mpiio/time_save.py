"""Time the parallel save against numpy.save on rank 0, for one array."""

import os
from pathlib import Path

import numpy as np
from mpi4py import MPI

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.timing import Timing, time_interleaved
from hpcpy_mpiio.save_npy import save

__all__ = ["time_save"]


def time_save(
    shape: tuple[int, int], folder: Path, comm: MPI.Intracomm, *, repeats: int
) -> dict[str, Timing]:
    """Time both ways in turn, each down to the disk. Collective over comm.

    Parameters
    ----------
    shape
        Of the whole array of float64.
    folder
        Where both files are written and overwritten; every rank sees it.
    comm
        Its ranks share the array.
    repeats
        Measurements of each way, after one that does not count.

    Returns
    -------
    dict
        ``"save"``: `hpcpy_mpiio.save`; ``"numpy"``: `numpy.save` and fsync by rank 0
        of the same bytes, which it holds already.
    """
    decomposition = Decomposition(shape=shape, dims=tuple(MPI.Compute_dims(comm.size, len(shape))))
    block = np.full(decomposition.owned(comm.rank).shape, comm.rank, dtype=np.float64)
    whole = np.zeros(shape if comm.rank == 0 else 0)

    def save_together() -> None:
        save(folder / "together.npy", block, decomposition, comm, overwrite=True)

    def save_on_root() -> None:
        if comm.rank == 0:
            with (folder / "root.npy").open("wb") as stream:
                np.save(stream, whole)
                stream.flush()
                os.fsync(stream.fileno())

    return time_interleaved({"save": save_together, "numpy": save_on_root}, comm, repeats=repeats)
