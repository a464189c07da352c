"""Save a block-decomposed array as one dataset of an HDF5 file, with a parallel h5py."""

from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import InputError
from hpcpy_mpiio.bring_to_disk import bring_to_disk
from hpcpy_mpiio.check import check_block, check_decomposition, check_together
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.replaced import replaced
from hpcpy_mpiio.replacement import CURE, Replacement, StrOrBytesPath, start_replacement
from hpcpy_mpiio.stores.extras import import_parallel_h5py
from hpcpy_mpiio.stores.open_hdf5 import open_hdf5, select

__all__ = ["save_hdf5"]


def save_hdf5(
    path: StrOrBytesPath,
    block: npt.NDArray[Any],
    decomposition: Decomposition,
    comm: MPI.Intracomm,
    *,
    name: str = "data",
    overwrite: bool = False,
    check_room: bool = True,
) -> None:
    """Write a block-decomposed array as an HDF5 file of one dataset. Collective over comm.

    All ranks write in one collective transfer. The file appears whole under its
    name or not at all, as with `hpcpy_mpiio.save`.

    Parameters
    ----------
    path
        Rank 0's counts. A symbolic link is followed.
    block
        This rank's owned part, shape ``decomposition.owned(comm.rank).shape``; any
        strides; the same dtype of fixed size on every rank, of those that h5py has
        a type for.
    decomposition
        Of the whole array, the same on every rank, for ``comm.size`` ranks.
    comm
        All of its ranks must call. Its MPI is the one that h5py was built with.
    name
        Of the dataset, the same on every rank; groups before it are made, as in "a/b".
    overwrite
        Whether an existing file may be replaced, with all that is in it. Rank 0's counts.
    check_room
        Whether an array is refused that is larger than what the file system says is free.
        Rank 0's counts.

    Raises
    ------
    InputError
        The same on every rank, before anything is written: no h5py with MPI; wrong
        shape, dtype or number of ranks on any of them; a file that exists; a folder
        that is missing or not writable.
    FileError
        The same on every rank, if a step failed on any. The temporary is removed
        and an old file is as it was. After a full disk end the job: HDF5 1.10 may
        crash when it is used again, or at the end of the process.
    """

    def check() -> dict[str, object]:
        h5py = import_parallel_h5py()
        check_decomposition(decomposition, comm)
        check_block(block, decomposition, comm.rank)
        _check_dtype(h5py, block.dtype)
        _check_name(name)
        return {"a decomposition": decomposition, "dtype": block.dtype, "dataset name": name}

    check_together(check, comm)
    h5py = import_parallel_h5py()

    def start() -> Replacement:
        nbytes = prod(decomposition.shape) * block.dtype.itemsize
        needed = nbytes if check_room else None
        return start_replacement(path, b"", overwrite=overwrite, needed=needed)

    with replaced(start, comm) as replacement:
        target = replacement.target
        with open_hdf5(replacement.temporary, "w", comm) as file:
            with agreed(comm), failing(f"create dataset {name} of {target}", CURE):
                properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
                properties.set_fill_time(h5py.h5d.FILL_TIME_NEVER)  # every item is written below
                dataset = file.create_dataset(
                    name, decomposition.shape, block.dtype, dcpl=properties
                )
            with agreed(comm), failing(f"write {target}", CURE):
                place = decomposition.owned(comm.rank)
                items = np.asarray(block, order="C")
                if dataset.size > 0:  # else HDF5 finds no place to write nothing to
                    dataset.id.write(arr_obj=items, **select(dataset, place))
        bring_to_disk(replacement, comm)


def _check_dtype(h5py: Any, dtype: np.dtype[Any]) -> None:  # noqa: ANN401 - an optional package
    try:
        if dtype.hasobject:
            raise TypeError("its items are Python objects, not bytes of a fixed size")
        h5py.h5t.py_create(dtype, logical=True)
    except TypeError as error:
        raise InputError(
            f"dtype {dtype} cannot be saved as HDF5 ({error}): convert the block with "
            "block.astype(...) to numbers, bytes or fields of these"
        ) from error


def _check_name(name: str) -> None:
    if not name.strip("/") or "\0" in name:
        raise InputError(f"{name!r} cannot name a dataset: give a name such as 'data'")
