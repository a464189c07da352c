from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.decomposition import Decomposition


@pytest.fixture
def folder(comm, tmp_path):
    """An empty folder, the same one on every rank."""
    return Path(comm.bcast(str(tmp_path), root=0))


@pytest.fixture
def make_array():
    """Make the same array on every rank, of items that differ as far as their dtype allows."""

    def make(shape, dtype="<f8"):
        nbytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
        # Bytes of 0 and 1 are valid items of every dtype, and no NaN.
        items = np.random.default_rng(1).integers(0, 2, nbytes, dtype=np.uint8)
        return items.view(dtype).reshape(shape)

    return make


@pytest.fixture
def divide():
    """Divide an array over a communicator: its decomposition and this rank's block, a view."""

    def divide(array, comm, dims=None, boundary=0):
        decomposition = Decomposition(
            shape=array.shape,
            dims=tuple(MPI.Compute_dims(comm.size, array.ndim)) if dims is None else dims,
            boundary=boundary,
        )
        owned = decomposition.owned(comm.rank)
        return decomposition, array[tuple(map(slice, owned.start, owned.stop))]

    return divide
