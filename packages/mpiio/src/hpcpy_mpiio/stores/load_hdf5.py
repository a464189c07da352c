"""Load a dataset of an HDF5 file, divided over the ranks of a communicator."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio.check import check_decomposition, check_together
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.replacement import StrOrBytesPath, as_path
from hpcpy_mpiio.stores.extras import import_parallel_h5py
from hpcpy_mpiio.stores.open_hdf5 import open_hdf5, select

__all__ = ["load_hdf5"]


def load_hdf5(
    path: StrOrBytesPath, decomposition: Decomposition, comm: MPI.Intracomm, *, name: str = "data"
) -> npt.NDArray[Any]:
    """Read this rank's part of a dataset. Collective over comm.

    The file may come from any writer, on any number of ranks.

    Parameters
    ----------
    path
        Rank 0's counts.
    decomposition
        Of an array of the dataset's shape, the same on every rank, for ``comm.size``
        ranks.
    comm
        All of its ranks must call. Its MPI is the one that h5py was built with.
    name
        Of the dataset, the same on every rank.

    Returns
    -------
    ndarray
        Shape ``decomposition.owned(comm.rank).shape``, the dataset's dtype, C order.

    Raises
    ------
    InputError
        The same on every rank: no h5py with MPI, no such file or dataset, another
        shape, or another number of ranks on any of them.
    FileError
        The same on every rank: not HDF5, not items of a fixed size, or a step that
        failed on any rank.
    """

    def check() -> dict[str, object]:
        import_parallel_h5py()
        check_decomposition(decomposition, comm)
        return {"a decomposition": decomposition, "dataset name": name}

    check_together(check, comm)
    file: Path | None = None
    with on_root(comm) as is_root:
        if is_root:
            file = as_path(path).absolute()
            if not file.is_file():
                what = "is not a regular file" if file.exists() else "does not exist"
                raise InputError(f"{file} {what}: give the path of an HDF5 file")
    file = comm.bcast(file, root=0)
    place = decomposition.owned(comm.rank)
    with open_hdf5(file, "r", comm) as opened:
        with agreed(comm), failing(f"read {file}", "check that it is whole"):
            dataset = _find(opened, name, file, decomposition.shape)
            block = np.empty(place.shape, dataset.dtype)
        with agreed(comm), failing(f"read {file}", "check that it is whole"):
            if dataset.size > 0:
                dataset.id.read(arr_obj=block, **select(dataset, place))
    return block


def _find(
    opened: Any,  # noqa: ANN401 - of h5py
    name: str,
    file: Path,
    shape: tuple[int, ...],
) -> Any:  # noqa: ANN401 - of h5py
    """Return the dataset, which can be divided as asked. Local."""
    dataset = opened.get(name)
    if dataset is None or not hasattr(dataset, "dtype"):
        there = ", ".join(sorted(opened)) or "nothing"
        raise InputError(f"{file} has no dataset {name!r}: it holds {there}; pass name=...")
    if dataset.dtype.hasobject:
        raise FileError(
            f"dataset {name} of {file} has items of varying size: copy it with h5py into one of a "
            "fixed-size dtype"
        )
    if dataset.shape != shape:
        raise InputError(
            f"dataset {name} of {file} has shape {dataset.shape}, but the decomposition is of "
            f"{shape}: make one with shape={dataset.shape}"
        )
    return dataset
