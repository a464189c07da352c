"""An HDF5 file opened by all ranks through MPI-IO, and each rank's place in a dataset."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.decomposition import Block
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.hints import reliable_hints
from hpcpy_mpiio.open_together import try_open
from hpcpy_mpiio.replacement import CURE
from hpcpy_mpiio.stores.extras import import_parallel_h5py

__all__ = ["open_hdf5", "select"]


@contextmanager
def open_hdf5(path: Path, mode: str, comm: MPI.Intracomm) -> Iterator[Any]:
    """Open an HDF5 file on all ranks. Collective over comm.

    Parameters
    ----------
    path
        The file, which is there; mode "w" makes it anew.
    mode
        "r" or "w", as in `h5py.File`.
    comm
        What is raised inside the `with` block must be agreed by its ranks.

    Raises
    ------
    FileError
        The same on every rank, if opening or closing failed on any.
    """
    h5py = import_parallel_h5py()
    with reliable_hints() as info:
        cure = "check that it is HDF5 and seen by every node"
        with agreed(comm), failing(f"open {path}", cure):
            try_open(path, MPI.MODE_RDONLY if mode == "r" else MPI.MODE_RDWR)
        with agreed(comm), failing(f"open {path}", cure):
            file = h5py.File(path, mode, driver="mpio", comm=comm, info=info)
        try:
            yield file
        except Exception:
            with suppress(OSError, RuntimeError, ValueError):
                file.close()
            raise
        with agreed(comm), failing(f"close {path}", CURE):
            file.close()


def select(dataset: Any, block: Block) -> dict[str, Any]:  # noqa: ANN401 - an optional package
    """Return what a collective transfer of a block needs, empty ones too. Local.

    h5py's ``dataset[...]`` leaves a rank without items out of the collective call,
    in which the others then wait for it.

    Returns
    -------
    dict
        Memory space, file space and transfer list, for ``dataset.id.read`` and
        ``write``.
    """
    h5py = import_parallel_h5py()
    file_space = dataset.id.get_space()
    memory_space = h5py.h5s.create_simple(block.shape) if block.shape else file_space.copy()
    if block.size == 0:
        file_space.select_none()
        memory_space.select_none()
    elif block.shape:
        file_space.select_hyperslab(block.start, block.shape)
    transfer = h5py.h5p.create(h5py.h5p.DATASET_XFER)
    transfer.set_dxpl_mpio(h5py.h5fd.MPIO_COLLECTIVE)
    return {"mspace": memory_space, "fspace": file_space, "dxpl": transfer}
